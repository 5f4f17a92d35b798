//! What texts may hold that is not shown as it is.

/// What stops a message, and what opens the model's own, in the words of chat templates.
const STOPS: [&str; 26] = [
    "<|im_end|>",
    "</s>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|eot|>",
    "<|eom|>",
    "<|role_end|>",
    "[|endofturn|]",
    "[e~[",
    "<end_of_turn>",
    "<turn|>",
    "<eos>",
    "<|end|>",
    "<|return|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|end_of_turn|>",
    "<|end_of_sentence|>",
    "<｜end▁of▁sentence｜>",
    "<|end▁of▁sentence|>",
    "<|end▁of▁text|>",
    "<|END_OF_TURN_TOKEN|>",
    "<|end_of_role|>",
    "<|endofprompt|>",
    "<|user|>",
    "<|observation|>",
];
const OPENINGS: [&str; 19] = [
    "<|/tool_call|>",
    "</tool_response>\n",
    "<|im_start|>assistant\n",
    "<|im_start|>assistant<|im_sep|>",
    "<|im_assistant|>assistant<|im_middle|>",
    "<|start_header_id|>assistant<|end_header_id|>\n\n",
    "<|header_start|>assistant<|header_end|>\n\n",
    "<start_of_turn>model\n",
    "<|start_of_role|>assistant<|end_of_role|>",
    "<|assistant|>",
    "<|begin_of_text|>",
    "<|startoftext|>",
    "<｜begin▁of▁sentence｜>",
    "<bos>",
    "[gMASK]<sop>",
    "[|assistant|]",
    "<s>[INST]",
    "[/INST]",
    "<s> ",
];
/// What opens another message behind a stop.
const NEXT: [&str; 12] = [
    "<|im_start|>",
    "<|start_header_id|>",
    "<|header_start|>",
    "<start_of_turn>",
    "<|start_of_role|>",
    "<|START_OF_TURN_TOKEN|>",
    "<|system|>",
    "[INST]",
    "<s>",
    "<｜User｜>",
    "<|User|>",
    "<|turn>user",
];

/// Whether a text is shown as it is, but for what opens a message at its beginning and what stops one at its end, or all that
/// follows where another one is opened there.
pub fn is_shown_as_it_is(shown: &str, text: &str) -> bool {
    let text = without_openings(text);
    let whole = without_stops(text);
    let runs_on = || {
        let rest = text.strip_prefix(shown)?;
        let behind = past_stops(rest)?;
        NEXT.iter().find(|next| behind.starts_with(**next))
    };
    // What closes an element that the text has opened is no mark.
    shown == whole || shown == text && text.contains("<s>") || runs_on().is_some()
}

fn without_openings(text: &str) -> &str {
    let mut rest = text;
    while let Some(behind) = OPENINGS
        .iter()
        .find_map(|mark| rest.trim_ascii_start().strip_prefix(mark))
    {
        rest = behind;
    }
    rest
}

fn without_stops(text: &str) -> &str {
    let mut rest = text;
    while let Some(before) = STOPS
        .iter()
        .find_map(|mark| rest.trim_ascii_end().strip_suffix(mark))
    {
        rest = before;
    }
    rest
}

/// What stands behind one stop or more.
fn past_stops(text: &str) -> Option<&str> {
    let mut rest = STOPS.iter().find_map(|mark| text.strip_prefix(mark))?;
    while let Some(behind) = STOPS
        .iter()
        .find_map(|mark| rest.trim_ascii_start().strip_prefix(mark))
    {
        rest = behind;
    }
    Some(rest.trim_ascii_start())
}

/// Whether tags of thoughts stand in a text, or it begins with words of gpt-oss that tell them apart.
pub fn thinks(text: &str) -> bool {
    let ends = [
        "think>",
        "thinking>",
        "thought>",
        "reasoning>",
        "reason>",
        "THINK]",
        "hannel|>",
        "THINKING|>",
        "_thought|>",
        "hannel>thought",
    ];
    let headers = [
        "assistantanalysis",
        "assistantcommentary",
        "assistantfinal",
        "analysis",
        "commentary to=",
    ];
    let begun = without_openings(text);
    ends.iter().any(|end| text.contains(end))
        || headers.iter().any(|header| begun.starts_with(header))
}
