//! Why a model could not be asked, for the person who has to mend it and for the program that goes on.

mod remedy;
mod too_long;

use std::time::Duration;

use run::MAX_TEXT_BYTES;

use crate::next::{Next, next, tells_loading};
use crate::server::Server;
use crate::wire_error::WireError;

/// Characters of a server's error text that are shown.
const MAX_SHOWN_CHARS: usize = 500;

/// What went wrong between here and a model server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    #[error("was not asked: the question could not be written as JSON")]
    Unwritable,
    #[error("cannot be reached ({detail})")]
    Unreachable { detail: String },
    #[error("sent nothing for {silence:?}")]
    Silent { silence: Duration },
    #[error("answered {status}: {message}")]
    Refused {
        status: u16,
        message: String,
        next: Next,
    },
    #[error("is busy (429): {message}")]
    RateLimited { message: String, next: Next },
    #[error("reported an error: {message}")]
    Reported { message: String, next: Next },
    #[error("has failed again and again and is left alone for {:.1} s more", rest.as_secs_f64())]
    CircuitOpen { rest: Duration },
    #[error("answered with nothing")]
    Empty,
    #[error("thought until its reply was cut off, and answered nothing")]
    OnlyThought,
    #[error("broke off in the middle of its answer")]
    Cut,
    #[error("answered with something that is no chat completion")]
    Garbage,
    #[error("sent more than is allowed in one answer")]
    TooLarge,
    #[error("wrote more than an answer may hold: {} KB of text, of thinking or of one call", MAX_TEXT_BYTES / 1024)]
    TooLong,
    #[error("wrote something else than the JSON that was asked for")]
    NoDecision,
    #[error("wrote nothing but blanks in the place of the JSON that was asked for")]
    Blanks,
}

impl AskError {
    /// A response whose status is none of success. `after`: how long the server wants to be left alone.
    pub(crate) fn refused(status: u16, body: &[u8], after: Option<Duration>) -> Self {
        let error = WireError::read(body).unwrap_or_else(|| WireError::from_text(body));
        let next = next(Some(status), body, &error, after);
        let message = error.message;
        if status == 429 {
            Self::RateLimited { message, next }
        } else {
            Self::Refused {
                status,
                message,
                next,
            }
        }
    }

    /// An error in a response that began with success.
    pub(crate) fn reported(error: WireError) -> Self {
        Self::Reported {
            next: next(None, &[], &error, None),
            message: error.message,
        }
    }

    /// The same with the server's own words as they may be shown: short, and without its key, should it have told it.
    #[must_use]
    pub(crate) fn fit_to_show(mut self, server: &Server) -> Self {
        if let Self::Refused { message, .. }
        | Self::RateLimited { message, .. }
        | Self::Reported { message, .. } = &mut self
        {
            *message = shown(&server.redact(message));
        }
        self
    }

    /// One word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unwritable => "internal",
            Self::Unreachable { .. } => "model_unreachable",
            Self::CircuitOpen { .. } => "model_failing",
            Self::Silent { .. } => "model_timeout",
            Self::Refused { .. } | Self::Reported { .. } => "model_error",
            Self::RateLimited { .. } => "model_rate_limited",
            Self::Empty => "model_empty_answer",
            Self::OnlyThought => "model_only_thought",
            Self::Cut => "model_answer_cut",
            Self::Garbage | Self::TooLarge | Self::NoDecision | Self::Blanks => "model_bad_answer",
            Self::TooLong => "model_answer_too_long",
        }
    }

    /// The same for a log: without the server's own words, which may repeat what it was sent.
    pub fn outline(&self) -> String {
        match self {
            Self::Refused { status, .. } => format!("answered {status}"),
            Self::RateLimited { .. } => "is busy (429)".to_owned(),
            Self::Reported { .. } => "reported an error".to_owned(),
            Self::Unwritable
            | Self::Unreachable { .. }
            | Self::Silent { .. }
            | Self::CircuitOpen { .. }
            | Self::Empty
            | Self::OnlyThought
            | Self::Cut
            | Self::Garbage
            | Self::TooLarge
            | Self::TooLong
            | Self::NoDecision
            | Self::Blanks => self.to_string(),
        }
    }

    /// What may help.
    pub fn next(&self) -> Next {
        match self {
            Self::Unreachable { .. } | Self::Empty | Self::Cut => Next::Retry { after: None },
            Self::Refused { next, .. }
            | Self::RateLimited { next, .. }
            | Self::Reported { next, .. } => next.clone(),
            Self::NoDecision => Next::WithoutSchema,
            Self::Blanks => Next::WithoutSchemaNow,
            Self::Unwritable => Next::GiveUp,
            Self::Silent { .. }
            | Self::CircuitOpen { .. }
            | Self::OnlyThought
            | Self::Garbage
            | Self::TooLarge
            | Self::TooLong => Next::OtherModel,
        }
    }

    /// Whether it says that the server is in no state to answer, and nothing of the question.
    pub const fn is_fault_of_server(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Silent { .. } | Self::Empty | Self::Cut => true,
            Self::Refused { status, next, .. } => {
                *status >= 500 && matches!(next, Next::OtherModel)
            }
            Self::Reported { next, .. } => matches!(next, Next::OtherModel),
            Self::Unwritable
            | Self::RateLimited { .. }
            | Self::CircuitOpen { .. }
            | Self::OnlyThought
            | Self::Garbage
            | Self::TooLarge
            | Self::TooLong
            | Self::NoDecision
            | Self::Blanks => false,
        }
    }

    /// Whether it says that who asks is not known, or not any more: another key may be.
    pub fn is_refusal_of_key(&self) -> bool {
        match self {
            Self::Refused {
                status,
                message,
                next,
            } => {
                let is_of_key =
                    matches!(status, 401 | 403) || (*status == 400 && names_key(message));
                is_of_key && !matches!(next, Next::Stop)
            }
            Self::Unwritable
            | Self::Unreachable { .. }
            | Self::Silent { .. }
            | Self::RateLimited { .. }
            | Self::CircuitOpen { .. }
            | Self::Reported { .. }
            | Self::Empty
            | Self::OnlyThought
            | Self::Cut
            | Self::Garbage
            | Self::TooLarge
            | Self::NoDecision
            | Self::Blanks
            | Self::TooLong => false,
        }
    }

    /// Whether it says that the model is being loaded: waiting helps, and nothing is wrong.
    pub fn is_loading(&self) -> bool {
        match self {
            Self::Refused { message, next, .. } | Self::Reported { message, next } => {
                matches!(next, Next::Retry { .. }) && tells_loading(message)
            }
            Self::Unwritable
            | Self::Unreachable { .. }
            | Self::Silent { .. }
            | Self::RateLimited { .. }
            | Self::CircuitOpen { .. }
            | Self::Empty
            | Self::OnlyThought
            | Self::Cut
            | Self::Garbage
            | Self::TooLarge
            | Self::NoDecision
            | Self::Blanks
            | Self::TooLong => false,
        }
    }

    /// Whether the same request may succeed later, if not at once.
    pub fn is_retryable(&self) -> bool {
        match (self, self.next()) {
            (_, Next::Retry { .. } | Next::ToolsInTextNow | Next::WithoutSchemaNow)
            | (Self::Silent { .. } | Self::CircuitOpen { .. }, _) => true,
            (Self::Refused { status, .. }, Next::OtherModel) => *status >= 500,
            (_, _) => false,
        }
    }
}

fn shown(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "(no message)".to_owned();
    }
    match text.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Gemini and xAI refuse a key with the status of a request that nobody can read.
fn names_key(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    ["api key", "api_key", "api%20key"]
        .iter()
        .any(|words| message.contains(words))
}

#[cfg(test)]
mod tests;
