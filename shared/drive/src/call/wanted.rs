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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_wanted_of_a_model_and_of_a_decision_whatever_there_is() {
        let both = [Wanted::Text, Wanted::Decision];
        for (content, thought, reason, fault) in [
            ("So.", None, "stop", None),
            ("So.", Some("Hm."), "length", None),
            (" \n", None, "stop", Some(AskError::Empty)),
            ("", None, "length", Some(AskError::Empty)),
            ("", Some("Hm."), "stop", Some(AskError::Empty)),
            ("", Some("Hm."), "length", Some(AskError::OnlyThought)),
        ] {
            let message = Message {
                content: content.to_owned(),
                reasoning: thought.map(str::to_owned),
                finish_reason: reason.to_owned(),
                ..Message::default()
            };
            let [text, decision] = both.map(|wanted| wanted.held_by(message.clone()));
            assert_eq!(text, fault.map_or(Ok(message.clone()), Err), "{message:?}");
            assert_eq!(decision, Ok(message));
        }
    }
}
