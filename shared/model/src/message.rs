//! What a reply comes to.

use run::Usage;

use crate::ending::Ending;

/// Largest reply in all, in bytes.
pub(crate) const MAX_MESSAGE_BYTES: usize = 1024 * 1024;
/// Tool calls that are kept of one reply; the run refuses far fewer.
pub(crate) const MAX_CALLS: usize = 64;

/// What there is to show, as it arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// More of the answer's text.
    Content(String),
    /// All content given so far is void.
    Retract(Retracted),
}

/// Why content is void.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retracted {
    /// It was thinking, as a lone `</think>` behind it says; it comes again as [`Message::reasoning`].
    Thought,
    /// Each piece of it said all before it again, as the pieces of some servers do; it comes again, once.
    SaidAgain,
}

/// A whole reply; by default one that holds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The text that has been given out piece by piece, without what was taken back.
    pub content: String,
    pub reasoning: Option<String>,
    /// What the model asks for, in its order. Names are as it wrote them: the caller checks them.
    pub calls: Vec<AskedCall>,
    /// Names of calls that are left out because the reply ended inside them; empty where it ended before the name.
    pub cut_calls: Vec<String>,
    /// As the server said it: `stop`, `tool_calls`, `length`, …
    pub finish_reason: String,
    pub usage: Usage,
}

impl Message {
    /// Whether it holds nothing at all: neither text nor thought nor call.
    pub fn is_nothing(&self) -> bool {
        let asks = !self.calls.is_empty() || !self.cut_calls.is_empty();
        !asks && self.reasoning.is_none() && self.content.trim().is_empty()
    }

    /// Whether it ended at a limit and not where the model meant it to.
    pub fn is_cut(&self) -> bool {
        Ending::of(&self.finish_reason) == Ending::Cut
    }
}

/// A tool call as the model wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedCall {
    pub name: String,
    /// JSON text, not checked: an object where the model's text could be read as one.
    pub arguments: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_cut_unless_the_server_says_that_the_model_stopped() {
        for (finish_reason, is_cut) in [
            ("stop", false),
            ("STOP", false),
            ("tool_calls", false),
            ("end_turn", false),
            ("length", true),
            ("max_tokens", true),
            ("content_filter", true),
            ("", true),
        ] {
            let message = Message {
                finish_reason: finish_reason.to_owned(),
                ..Message::default()
            };
            assert_eq!(message.is_cut(), is_cut, "{finish_reason}");
        }
    }

    #[test]
    fn nothing_is_neither_text_nor_thought_nor_call() {
        let text = |content: &str| Message {
            content: content.to_owned(),
            ..Message::default()
        };
        let thought = Message {
            reasoning: Some("a".to_owned()),
            ..Message::default()
        };
        let call = Message {
            calls: vec![AskedCall::default()],
            ..Message::default()
        };
        let cut_call = Message {
            cut_calls: vec![String::new()],
            ..Message::default()
        };
        for (message, is_nothing) in [
            (Message::default(), true),
            (text(" \n"), true),
            (text("a"), false),
            (thought, false),
            (call, false),
            (cut_call, false),
        ] {
            assert_eq!(message.is_nothing(), is_nothing, "{message:?}");
        }
    }
}
