//! Why a model could not be asked, for the person who has to mend it and for the program that goes on.

use std::time::Duration;

use run::{MAX_TEXT_BYTES, Problem};

use crate::next::{Next, Window, next};
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

    /// Whether the same request may succeed later, if not at once.
    pub fn is_retryable(&self) -> bool {
        match (self, self.next()) {
            (_, Next::Retry { .. } | Next::ToolsInTextNow | Next::WithoutSchemaNow)
            | (Self::Silent { .. } | Self::CircuitOpen { .. }, _) => true,
            (Self::Refused { status, .. }, Next::OtherModel) => *status >= 500,
            (_, _) => false,
        }
    }

    /// In full, with what to do.
    ///
    /// `context_tokens`: the model's context, as far as the caller knows.
    pub fn problem(&self, name: &str, server: &Server, context_tokens: u32) -> Problem {
        let address = server.address();
        let variable = &server.variable;
        Problem {
            code: self.code().to_owned(),
            message: sentence(&format!("The model {name} at {address} {self}")),
            remedy: match self.next() {
                Next::Shrink { window } => too_long(&address, variable, window, context_tokens),
                Next::Retry { .. }
                | Next::ToolsInText
                | Next::ToolsInTextNow
                | Next::WithoutSchema
                | Next::WithoutSchemaNow
                | Next::Adapt(_)
                | Next::PlainTurns
                | Next::OtherModel
                | Next::GiveUp => self.remedy(server),
            },
        }
    }

    fn remedy(&self, server: &Server) -> String {
        let address = server.address();
        let variable = &server.variable;
        match self {
            Self::Unwritable => "Report it: it is a fault of this service.".to_owned(),
            Self::Unreachable { .. } => format!(
                "Start the server at {address}, or set {variable} to the address of one that runs."
            ),
            Self::Silent { .. } => format!(
                "Look whether the server at {address} is loading or overloaded; a longer wait is set by \
                 MODEL_IDLE_SECONDS, another server by {variable}."
            ),
            Self::Refused {
                status: 401 | 403, ..
            } => format!(
                "Set {} to a key that the server accepts.",
                variable.replace("_API_URL", "_API_KEY")
            ),
            Self::Refused {
                status: 404 | 405, ..
            } => format!(
                "{}. Check {variable}, and set {} to a model that the server lists under {}.",
                server.asked_at(),
                variable.replace("_API_URL", "_MODEL"),
                server.shown_url("models")
            ),
            Self::CircuitOpen { .. } => format!(
                "Look into the log of the server at {address}, or set {variable} to another one; ask again in a moment."
            ),
            Self::RateLimited { .. } => {
                format!("Ask again in a moment, or set {variable} to a server with more room.")
            }
            Self::Refused { .. } | Self::Reported { .. } => {
                format!(
                    "Look into the log of the server at {address}, or set {variable} to another one, then ask again."
                )
            }
            Self::Empty | Self::Cut => format!(
                "Ask again; if it stays so, look into the log of the server at {address} for a context that is \
                 too small or a crash, or set {variable} to another one."
            ),
            Self::OnlyThought => {
                "Ask again with a larger max_tokens, or choose a model that thinks less; the context of the server has to hold \
                 question, thought and answer together."
                    .to_owned()
            }
            Self::NoDecision | Self::Blanks => format!(
                "Look whether the server at {address} keeps replies to a JSON schema, set `orchestrator.calls` of the catalogue to \
                 `text`, or set {variable} to another server."
            ),
            Self::TooLong => format!(
                "Look whether the model repeats itself, and whether the server at {address} keeps to max_tokens; {variable} \
                 sets another one."
            ),
            Self::Garbage | Self::TooLarge => format!(
                "{}. Check that {variable} is the address of an OpenAI-compatible server, such as http://127.0.0.1:8001/v1.",
                server.asked_at()
            ),
        }
    }
}

/// Ends with one full stop: the server's own words most often have theirs.
fn sentence(words: &str) -> String {
    format!("{}.", words.strip_suffix('.').unwrap_or(words))
}

/// What to do about a question that does not fit its model's context.
fn too_long(address: &str, variable: &str, window: Option<Window>, promised: u32) -> String {
    let room = match window {
        Some(Window {
            prompt_tokens: Some(prompt),
            context_tokens,
        }) => format!(
            "a context of {context_tokens} tokens for question and answer together, and this question alone takes {prompt}"
        ),
        Some(Window {
            prompt_tokens: None,
            context_tokens,
        }) => format!("a context of {context_tokens} tokens for question and answer together"),
        None => format!("a smaller context than the {promised} tokens that the catalogue promises"),
    };
    format!(
        "The server at {address} has {room}. Start it with a larger one (llama-server: --ctx-size, vLLM: --max-model-len, \
         Ollama: num_ctx), set {variable} to a server that has one, or ask a shorter question; context_tokens in the \
         catalogue has to be what the server has."
    )
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

#[cfg(test)]
mod tests;
