//! What a reply of a model has to hold.

use model::{AskError, Message};

/// What a reply has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Text,
    /// Text or calls; the loop tells what a reply without both means.
    Decision,
}

impl Wanted {
    /// The reply, where it holds that.
    pub(super) fn held_by(self, message: Message) -> Result<Message, AskError> {
        let holds_nothing = message.content.trim().is_empty();
        match self {
            // The same question would be thought about for as long again.
            Self::Text if holds_nothing && message.reasoning.is_some() && message.is_cut() => {
                Err(AskError::OnlyThought)
            }
            Self::Text if holds_nothing => Err(AskError::Empty),
            Self::Text | Self::Decision => Ok(message),
        }
    }
}
