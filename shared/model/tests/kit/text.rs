//! What texts may hold that are not shown as they are.

/// What stands in the words of a chat template, and at the end or the beginning of a text is no part of it.
const MARKS: [&str; 24] = [
    "<|im_end|>",
    "</s>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|eot|>",
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
    "<|END_OF_TURN_TOKEN|>",
    "<|end_of_role|>",
    "<|endofprompt|>",
    "<|user|>",
    "<|observation|>",
    "assistant",
    "<start_of_turn>model\n",
    "<|begin_of_text|>",
    "[/INST]",
];

/// Whether a text is shown as it is; where marks of templates stand in it, it may be shown without them.
pub fn is_shown_as_it_is(shown: &str, text: &str) -> bool {
    if MARKS.iter().any(|mark| text.contains(mark)) {
        text.contains(shown)
    } else {
        shown == text
    }
}

/// Whether tags of thoughts stand in a text.
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
    ends.iter().any(|end| text.contains(end))
}
