//! What a failure says about who is asked next, and about the model that failed.

use std::time::Duration;

use model::{AskError, Next};

/// Who is asked after a model was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Onward {
    /// The same model.
    Again,
    Another,
    /// One whose context is larger than so many tokens, or than that of the one that was asked.
    Larger {
        than: Option<u32>,
    },
    Nobody,
}

/// `has_shown`: some of the text has been shown; `breaks`: replies of this call that broke off so before.
pub(super) fn onward(error: &AskError, has_shown: bool, breaks: u32) -> Onward {
    match error.next() {
        Next::Stop => Onward::Nobody,
        Next::Shrink { window } => Onward::Larger {
            than: window.map(|window| tokens(window.context_tokens)),
        },
        Next::Retry { .. }
        | Next::ToolsInText
        | Next::ToolsInTextNow
        | Next::Adapt(_)
        | Next::PlainTurns
        | Next::WithoutSchema
        | Next::WithoutSchemaNow
        | Next::OtherModel
        | Next::GiveUp => {
            // Asked again, a model most often writes what broke off to its end; if not, it is the model or the question.
            if has_shown && breaks == 0 && broke_off(error) {
                Onward::Again
            } else {
                Onward::Another
            }
        }
    }
}

pub(super) fn tokens(told: u64) -> u32 {
    u32::try_from(told).unwrap_or(u32::MAX)
}

pub(super) fn is_too_long(error: &AskError) -> bool {
    matches!(error.next(), Next::Shrink { .. })
}

/// Whether a reply that had begun was not brought to its end.
const fn broke_off(error: &AskError) -> bool {
    match error {
        AskError::Unreachable { .. }
        | AskError::Silent { .. }
        | AskError::Reported { .. }
        | AskError::Cut => true,
        AskError::Unwritable
        | AskError::Refused { .. }
        | AskError::RateLimited { .. }
        | AskError::CircuitOpen { .. }
        | AskError::Empty
        | AskError::OnlyThought
        | AskError::Garbage
        | AskError::TooLarge
        | AskError::NoDecision
        | AskError::Blanks
        | AskError::TooLong => false,
    }
}

/// Whether the next question is likely to fare no better there for a while, whatever it is.
pub(super) fn is_lasting(error: &AskError) -> bool {
    match error {
        AskError::Unreachable { .. }
        | AskError::Silent { .. }
        | AskError::RateLimited { .. }
        | AskError::Garbage => true,
        AskError::Refused { next, .. } | AskError::Reported { next, .. } => {
            let is_of_server = matches!(next, Next::Retry { .. } | Next::OtherModel);
            is_of_server && !error.is_loading()
        }
        AskError::Unwritable
        | AskError::CircuitOpen { .. }
        | AskError::Empty
        | AskError::Cut
        | AskError::OnlyThought
        | AskError::TooLarge
        | AskError::NoDecision
        | AskError::Blanks
        | AskError::TooLong => false,
    }
}

/// How long the server asks to be left alone, where it says so.
pub(super) fn rest_asked_for(error: &AskError) -> Option<Duration> {
    match error.next() {
        Next::Retry { after } => after,
        Next::Shrink { .. }
        | Next::ToolsInText
        | Next::ToolsInTextNow
        | Next::Adapt(_)
        | Next::PlainTurns
        | Next::WithoutSchema
        | Next::WithoutSchemaNow
        | Next::OtherModel
        | Next::GiveUp
        | Next::Stop => None,
    }
}

#[cfg(test)]
mod tests;
