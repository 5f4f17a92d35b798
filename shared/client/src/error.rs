//! Why there is no answer, or none that can be used.

use std::fmt;

use serde_json::Value;

use crate::frame::Malformed;

/// What can go wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No whole answer came.
    #[error("the service cannot be reached, or broke off")]
    Http(#[from] reqwest::Error),
    /// The service says no.
    #[error("{0}")]
    Refused(Refusal),
    /// It answers in another form than its contract says.
    #[error("the service breaks its contract: {0}")]
    Contract(String),
    #[error("the service breaks its contract: {0}")]
    Frame(#[from] Malformed),
}

impl ClientError {
    pub(crate) fn contract(fault: impl Into<String>) -> Self {
        Self::Contract(fault.into())
    }
}

/// What a refusal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    /// Empty where the answer is not this service's, but that of something before it.
    pub code: String,
    pub message: String,
    /// The field, header or parameter that it is about.
    pub field: Option<String>,
}

/// Of an answer that is not this service's, characters that are told.
const FOREIGN_CHARS: usize = 200;

impl Refusal {
    pub(crate) fn read(status: u16, body: &[u8]) -> Self {
        let json = serde_json::from_slice::<Value>(body).unwrap_or(Value::Null);
        let text = |name: &str| json["error"][name].as_str().map(str::to_owned);
        match (text("code"), text("message")) {
            (Some(code), Some(message)) => Self {
                status,
                code,
                message,
                field: text("field"),
            },
            _ => Self {
                status,
                code: String::new(),
                message: String::from_utf8_lossy(body)
                    .chars()
                    .take(FOREIGN_CHARS)
                    .collect(),
                field: None,
            },
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "refused ({} {}): {}",
            self.status, self.code, self.message
        )
    }
}
