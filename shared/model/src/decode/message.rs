//! What a reply comes to.

use run::Usage;

use crate::dialect::Ending;

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
