//! How a reply ended, by the reason that the server gave.

/// How a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The model stopped of itself: what is missing at the end of a call may be added.
    Stopped,
    /// At a limit, or nobody knows: a call that is not complete is none.
    Cut,
}

/// Reasons of servers that say that the model meant its reply to end here, in small letters: those of OpenAI, and those that
/// gateways pass on from TGI, Anthropic, Cohere and Gemini. What else there is (`length`, `max_tokens`, `model_length`,
/// `content_filter`, words that nobody knows yet) may have cut it.
const REAL_STOPS: [&str; 11] = [
    "stop",
    "tool_calls",
    "tool_call",
    "function_call",
    "eos",
    "eos_token",
    "stop_sequence",
    "end_turn",
    "tool_use",
    "complete",
    "end",
];

impl Ending {
    /// By the reason that the server gave; empty where it gave none.
    pub(crate) fn of(finish_reason: &str) -> Self {
        if REAL_STOPS
            .iter()
            .any(|stop| finish_reason.eq_ignore_ascii_case(stop))
        {
            Self::Stopped
        } else {
            Self::Cut
        }
    }
}
