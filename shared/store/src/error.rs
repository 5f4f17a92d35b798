//! What can go wrong with the table.

use std::error::Error;

use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use run::RunId;

use crate::item;

/// What DynamoDB says of a table that is not there.
const NO_TABLE: &str = "ResourceNotFoundException";

/// The table could not be used, or holds something that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// After the SDK's own retries.
    #[error("the table cannot be used ({operation}): {detail}")]
    Unavailable {
        operation: &'static str,
        detail: String,
    },
    /// It has another name, or stands elsewhere.
    #[error("there is no such table ({operation})")]
    NoTable { operation: &'static str },
    #[error("item {key} of the table cannot be read: {problem}")]
    Unreadable { key: String, problem: String },
    #[error("an event of {bytes} bytes does not fit into an item")]
    EventTooLarge { bytes: usize },
}

impl StoreError {
    /// For the operator: what the service said, or the chain of causes, which names hosts but no secrets.
    pub(crate) fn unavailable<E, R>(operation: &'static str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        match error.code() {
            Some(NO_TABLE) => Self::NoTable { operation },
            Some(_) | None => Self::Unavailable {
                operation,
                detail: words(&error),
            },
        }
    }

    /// For a request of ours that lacks a part.
    pub(crate) fn unbuilt(operation: &'static str, error: BuildError) -> Self {
        Self::Unavailable {
            operation,
            detail: error.to_string(),
        }
    }

    /// A run whose head stands there and whose first event does not.
    pub fn without_start(run_id: RunId) -> Self {
        Self::unreadable(
            &item::run_key(run_id),
            "its log does not begin with a start",
        )
    }

    pub(crate) fn unreadable(key: &str, problem: impl Into<String>) -> Self {
        Self::Unreadable {
            key: key.to_owned(),
            problem: problem.into(),
        }
    }
}

fn words<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    if let Some(service) = error.as_service_error() {
        let code = service.code().unwrap_or("an error without a code");
        return match service.message() {
            Some(message) => format!("{code}: {message}"),
            None => code.to_owned(),
        };
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
