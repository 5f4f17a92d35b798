//! What can go wrong with the table.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

/// The table could not be used, or holds something that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// After the SDK's own retries.
    #[error("the table cannot be used ({operation}): {detail}")]
    Unavailable {
        operation: &'static str,
        detail: String,
    },
    #[error("item {key} of the table cannot be read: {problem}")]
    Unreadable { key: String, problem: String },
    #[error("an event of {bytes} bytes does not fit into an item")]
    EventTooLarge { bytes: usize },
}

impl StoreError {
    /// For the operator: the whole chain of causes, which names hosts but no secrets.
    pub(crate) fn unavailable<E, R>(operation: &'static str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        Self::Unavailable {
            operation,
            detail: DisplayErrorContext(error).to_string(),
        }
    }

    pub(crate) fn unreadable(key: &str, problem: impl Into<String>) -> Self {
        Self::Unreadable {
            key: key.to_owned(),
            problem: problem.into(),
        }
    }
}
