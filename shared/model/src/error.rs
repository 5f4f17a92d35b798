//! Why a model could not be asked, for the person who has to mend it.

use std::time::Duration;

use run::Problem;

use crate::Server;

/// What went wrong between here and a model server.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error("cannot be reached ({detail})")]
    Unreachable { detail: String },
    #[error("sent nothing for {silence:?}")]
    Silent { silence: Duration },
    #[error("answered {status}: {message}")]
    Refused { status: u16, message: String },
    #[error("is busy (429): {message}")]
    RateLimited { message: String },
    #[error("reported an error: {message}")]
    Reported { message: String },
    #[error("answered with nothing")]
    Empty,
    #[error("broke off in the middle of its answer")]
    Cut,
    #[error("answered with something that is no chat completion")]
    Garbage,
    #[error("sent more than is allowed in one answer")]
    TooLarge,
}

impl AskError {
    /// One word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "model_unreachable",
            Self::Silent { .. } => "model_timeout",
            Self::Refused { .. } | Self::Reported { .. } => "model_error",
            Self::RateLimited { .. } => "model_rate_limited",
            Self::Empty => "model_empty_answer",
            Self::Cut => "model_answer_cut",
            Self::Garbage | Self::TooLarge => "model_bad_answer",
        }
    }

    /// Whether the same request may succeed later.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Silent { .. }
            | Self::RateLimited { .. }
            | Self::Empty
            | Self::Cut => true,
            Self::Refused { status, .. } => *status >= 500 || *status == 408,
            Self::Reported { .. } | Self::Garbage | Self::TooLarge => false,
        }
    }

    /// In full, with what to do.
    pub fn problem(&self, name: &str, server: &Server) -> Problem {
        let address = server.address();
        let variable = &server.variable;
        Problem {
            code: self.code().to_owned(),
            message: format!("The model {name} at {address} {self}."),
            remedy: self.remedy(&address, variable),
        }
    }

    fn remedy(&self, address: &str, variable: &str) -> String {
        match self {
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
            Self::Refused { status: 404, .. } => format!(
                "Check {variable}, and set {} to a model that the server lists under /v1/models.",
                variable.replace("_API_URL", "_MODEL")
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
            Self::Garbage | Self::TooLarge => format!(
                "Check that {variable} is the address of an OpenAI-compatible server, such as http://127.0.0.1:8001/v1."
            ),
        }
    }
}
