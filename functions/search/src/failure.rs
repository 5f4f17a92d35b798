//! What can go wrong between this tool and the search service, and how each is told to the model.
//!
//! Refuses to tell the model, or a log, more of an address than its host: the rest may hold a secret.

use body::BodyError;
use reqwest::{StatusCode, Url};
use tool::Failure;

use crate::bounds::RESPONSE;

/// Why a search has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    #[error("no connection")]
    Unreachable(#[source] reqwest::Error),
    #[error("no answer in time")]
    Late,
    #[error("too many requests")]
    TooMany,
    #[error("status {0}")]
    Status(StatusCode),
    #[error("the response was cut")]
    Cut(#[source] reqwest::Error),
    #[error("more than {} bytes", RESPONSE.bytes)]
    TooLong,
    #[error("not an Instant Answer")]
    NotAnAnswer(#[source] serde_json::Error),
}

impl Wrong {
    /// An error before the head of a response was read.
    pub fn from_sending(error: reqwest::Error) -> Self {
        if error.is_connect() {
            Self::Unreachable(error.without_url())
        } else {
            Self::Cut(error.without_url())
        }
    }

    /// Logs this for the operator and words it for the model.
    pub fn tell(self, base: &Url) -> Failure {
        let host = host(base);
        tracing::warn!(%host, error = &self as &dyn std::error::Error, "a search failed");
        let (code, what, retryable) = match self {
            Self::Unreachable(_) => (
                "unreachable",
                "cannot be reached; the operator should check this machine's network access and DUCKDUCKGO_URL"
                    .to_owned(),
                true,
            ),
            Self::Late => ("timeout", "did not answer in time".to_owned(), true),
            Self::TooMany => (
                "rate_limited",
                "refuses more searches for now; try again later".to_owned(),
                true,
            ),
            Self::Status(status) => (
                "bad_response",
                format!("answered with status {}", status.as_u16()),
                status.is_server_error(),
            ),
            Self::Cut(_) => (
                "bad_response",
                "broke off in the middle of its answer".to_owned(),
                true,
            ),
            Self::TooLong => (
                "bad_response",
                format!("answered with more than {} bytes", RESPONSE.bytes),
                false,
            ),
            Self::NotAnAnswer(_) => (
                "bad_response",
                "answered with something that is not search results".to_owned(),
                false,
            ),
        };
        Failure::new(
            code,
            format!("the search service at {host} {what}"),
            retryable,
        )
    }
}

impl From<BodyError> for Wrong {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLong { .. } => Self::TooLong,
            BodyError::Late { .. } => Self::Late,
            BodyError::Broken(error) => Self::Cut(error),
        }
    }
}

fn host(base: &Url) -> String {
    let name = base.host_str().unwrap_or_default();
    match base.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    }
}
