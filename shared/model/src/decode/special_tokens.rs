//! What belongs to a model's chat template and not to its text, where a server leaves it in: what opens a message at its
//! beginning, and what stops one at its end.
//!
//! In the middle of a text the same words are text. A stop that is followed by the opening of another message ends the text:
//! the model has run on, and what follows is no answer.

use memchr::memchr2_iter;

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

/// What opens the next message, behind a stop; of those in the first list the role follows.
const NEXT_ROLE: [&str; 5] = [
    "<|im_start|>",
    "<|start_header_id|>",
    "<|header_start|>",
    "<start_of_turn>",
    "<|start_of_role|>",
];
const NEXT: [&str; 8] = [
    "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>",
    "<|system|>",
    "[INST]",
    "<s>[INST]",
    "<s> [INST]",
    "<｜User｜>",
    "<|User|>",
    "<|turn>user",
];
/// Roles of the model itself: with one of them it goes on.
const OWN_ROLES: [&str; 2] = ["assistant", "model"];

/// What opens the model's own message, as a whole.
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

/// Longest run of stops, and of white space between marks and before them, in bytes.
const MAX_RUN_BYTES: usize = 256;
const STRIKE: [&str; 2] = ["<s>", "</s>"];

/// What a text begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    Text,
    /// It is too short to tell.
    Maybe,
    /// The opening of the model's message, of so many bytes.
    Mark(usize),
}

/// What a text ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    None,
    /// Nothing but stops from this byte on, so far.
    Maybe(usize),
    /// The text is over at this byte.
    Ended(usize),
}

/// Looks at the beginning of a text; `ends`: no more text comes.
pub(crate) fn opening(text: &str, ends: bool) -> Opening {
    let mut begun = text.trim_ascii_start();
    let mut length = 0;
    while let Some(mark) = OPENINGS.iter().find(|mark| begun.starts_with(**mark)) {
        length = text.len() - begun.len() + mark.len();
        begun = text[length..].trim_ascii_start();
    }
    // White space without end is looked at anew with each piece of it, so some of it is text.
    let blank = text.len() - length - begun.len();
    let may_go_on = blank <= MAX_RUN_BYTES && OPENINGS.iter().any(|mark| mark.starts_with(begun));
    match length {
        _ if may_go_on && !ends => Opening::Maybe,
        0 => Opening::Text,
        length => Opening::Mark(length),
    }
}

/// Looks for stops from a byte on; `ends`: no more text comes.
#[inline]
pub(crate) fn tail(text: &str, from: usize, ends: bool) -> Tail {
    for at in memchr2_iter(b'<', b'[', &text.as_bytes()[from..]).map(|at| from + at) {
        match run(&text[at..]) {
            Run::Open | Run::Stops if !ends => return Tail::Maybe(at),
            Run::Stops if is_markup(text, at) => {}
            Run::Stops | Run::OwnMessage | Run::NextMessage => return Tail::Ended(at),
            Run::Open | Run::None => {}
        }
    }
    Tail::None
}

/// What stands at a place, up to the end of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    None,
    /// The text ends inside a mark, or what may become one.
    Open,
    /// Stops, and nothing else.
    Stops,
    /// Stops, and the opening of another message of the model's.
    OwnMessage,
    /// Stops, and the opening of somebody else's message.
    NextMessage,
}

pub(super) fn run(text: &str) -> Run {
    let mut rest = text;
    while let Some(after) = STOPS.iter().find_map(|stop| rest.strip_prefix(stop)) {
        rest = after.trim_ascii_start();
        if !rest.is_empty() && text.len() - rest.len() > MAX_RUN_BYTES {
            return Run::None;
        }
    }
    let begins = |mark: &&str| mark.starts_with(rest);
    let stops_bytes = text.len() - rest.len();
    match stops_bytes {
        0 if STOPS.iter().any(begins) => Run::Open,
        0 => Run::None,
        _ if rest.is_empty() => Run::Stops,
        _ if NEXT.iter().any(|mark| rest.starts_with(mark)) => Run::NextMessage,
        _ => match NEXT_ROLE.iter().find_map(|mark| rest.strip_prefix(mark)) {
            Some(role) if OWN_ROLES.iter().any(|own| role.starts_with(own)) => Run::OwnMessage,
            Some(role) if OWN_ROLES.iter().any(|own| own.starts_with(role)) => Run::Open,
            Some(_) => Run::NextMessage,
            None if STOPS.iter().chain(&NEXT).chain(&NEXT_ROLE).any(begins) => Run::Open,
            None => Run::None,
        },
    }
}

/// Whether what looks like a stop closes an element of HTML that the text has opened.
fn is_markup(text: &str, at: usize) -> bool {
    let [open, close] = STRIKE;
    let (before, mark) = text.split_at(at);
    mark.starts_with(close) && before.matches(open).count() > before.matches(close).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_are_marks_at_the_end_and_text_elsewhere() {
        for stop in STOPS {
            let text = format!("So. {stop}\n");
            assert_eq!(tail(&text, 0, true), Tail::Ended(4), "{stop}");
            assert_eq!(tail(&text, 0, false), Tail::Maybe(4), "{stop}");
            assert_eq!(
                tail(&format!("{text}is a token"), 0, true),
                Tail::None,
                "{stop}"
            );
            assert_eq!(tail(&format!("`{stop}`"), 0, true), Tail::None, "{stop}");
            let two = format!("So. {stop} {stop}");
            assert_eq!(tail(&two, 0, true), Tail::Ended(4), "{stop}");
            for next in NEXT.into_iter().chain(NEXT_ROLE) {
                let runs_on = format!("So. {stop}\n{next}user\nAnd?");
                assert_eq!(tail(&runs_on, 0, false), Tail::Ended(4), "{stop}{next}");
                assert_eq!(run(&runs_on[4..]), Run::NextMessage, "{stop}{next}");
            }
            for next in NEXT_ROLE {
                let goes_on = format!("{stop}{next}assistant\nAnd");
                assert_eq!(run(&goes_on), Run::OwnMessage, "{stop}{next}");
            }
            for (at, _) in stop.char_indices().skip(1) {
                let begun = format!("So. {}", &stop[..at]);
                assert_eq!(tail(&begun, 0, false), Tail::Maybe(4), "{begun}");
                assert_eq!(tail(&begun, 0, true), Tail::None, "{begun}");
            }
        }
        assert_eq!(tail("It is <s>old</s>", 0, true), Tail::None);
        assert_eq!(tail("It is <s>old</s></s>", 0, true), Tail::Ended(16));
        let blank = format!("So. </s>{}", "\n".repeat(2 * MAX_RUN_BYTES));
        assert_eq!(tail(&blank, 0, true), Tail::Ended(4));
        assert_eq!(tail(&format!("{blank}x"), 0, false), Tail::None);
    }

    #[test]
    fn what_opens_the_next_message_counts_behind_a_stop_alone_and_not_too_far_behind_it() {
        for text in [
            "Use [INST] here",
            "a <|im_start|>user",
            "a <|im_start|>assistant",
        ] {
            assert_eq!(tail(text, 0, false), Tail::None, "{text}");
        }
        for begun in ["[IN", "<s>[", "<|im_", "<|im_start|>", "<|im_start|>assi"] {
            let text = format!("So.</s>{begun}");
            assert_eq!(tail(&text, 0, false), Tail::Maybe(3), "{text}");
        }
        let apart = |bytes: usize| format!("</s>{}[INST]", "\n".repeat(bytes - "</s>".len()));
        assert_eq!(run(&apart(MAX_RUN_BYTES)), Run::NextMessage);
        assert_eq!(run(&apart(MAX_RUN_BYTES + 1)), Run::None);
    }

    #[test]
    fn blanks_before_and_behind_an_opening_are_waited_for_as_long_as_a_run_of_stops() {
        let blanks = |bytes: usize| "\n".repeat(bytes);
        for (before, behind, over) in [
            ("", "", Opening::Text),
            ("", "<bo", Opening::Text),
            ("<bos>", "", Opening::Mark(5)),
            ("<bos>", "<bo", Opening::Mark(5)),
        ] {
            let text = |bytes: usize| format!("{before}{}{behind}", blanks(bytes));
            assert_eq!(
                opening(&text(MAX_RUN_BYTES), false),
                Opening::Maybe,
                "{before}{behind}"
            );
            assert_eq!(
                opening(&text(MAX_RUN_BYTES + 1), false),
                over,
                "{before}{behind}"
            );
        }
    }

    #[test]
    fn what_opens_a_message_is_no_text() {
        for mark in OPENINGS {
            let text = format!("\n{mark}So");
            assert_eq!(
                opening(&text, false),
                Opening::Mark(1 + mark.len()),
                "{mark}"
            );
            assert_eq!(opening(mark, true), Opening::Mark(mark.len()), "{mark}");
            let two = format!("<|/tool_call|>{text}");
            assert_eq!(opening(&two, false), Opening::Mark(two.len() - 2), "{mark}");
            for (at, _) in mark.char_indices() {
                assert_eq!(
                    opening(&mark[..at], false),
                    Opening::Maybe,
                    "{mark} at {at}"
                );
                assert_eq!(opening(&mark[..at], true), Opening::Text, "{mark} at {at}");
            }
        }
        for text in ["So", "<b>", "<|im_start|>user", "[1]"] {
            assert_eq!(opening(text, false), Opening::Text, "{text}");
        }
    }
}
