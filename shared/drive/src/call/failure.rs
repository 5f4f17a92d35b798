//! Calls of tools that fail: the outcome that is kept, within bounds.

use run::{CallSpec, Outcome};

/// Longest code and message of a failed tool that are kept, in bytes.
const MAX_CODE_BYTES: usize = 64;
const MAX_MESSAGE_BYTES: usize = 4 * 1024;

/// A call that ended without an answer: one that may not be repeated may have taken effect.
pub(crate) fn lost(call: &CallSpec, code: &str, message: String) -> Outcome {
    if call.repeatable {
        return failed(code, message, true);
    }
    let message =
        format!("{message} Whether it took effect is unknown, and it may not be repeated.");
    failed("outcome_unknown", message, false)
}

/// The outcome of a call that failed, within the bounds of what is kept.
pub(crate) fn failed(
    code: impl Into<String>,
    message: impl Into<String>,
    retryable: bool,
) -> Outcome {
    Outcome::Failed {
        code: bounded(code.into(), MAX_CODE_BYTES),
        message: bounded(message.into(), MAX_MESSAGE_BYTES),
        retryable,
    }
}

/// The beginning of a text that may be as long as a tool likes.
pub(crate) fn bounded(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_it_is_longer_than_its_bound_and_between_two_letters() {
        // Five bytes: é has two.
        for (most, kept) in [(6, "abéd"), (5, "abéd"), (4, "abé…"), (3, "ab…"), (0, "…")] {
            assert_eq!(bounded("abéd".to_owned(), most), kept, "{most} bytes");
        }
    }
}
