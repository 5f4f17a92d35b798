//! Writing several items in one step, however busy the table is just now.
//!
//! The SDK repeats what the table says of whole requests, and not what it says of the items of a transaction. So a
//! transaction is tried again here, for a while, and always as the same one: under one token it takes effect once.

use std::time::Duration;

use aws_sdk_dynamodb::Config;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use tokio::time::Instant;
use ulid::Ulid;

use crate::{Store, StoreError};

/// How long a transaction is tried again.
const PATIENCE: Duration = Duration::from_secs(3);
/// The longest pause before the second try; it doubles up to the longest of all. Half of it is drawn on average.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);
/// Attempts that the SDK makes by itself, for a connection that was lost and a signature that was too old.
const ATTEMPTS_AT_ONCE: u32 = 3;

/// Reasons of items that pass, and codes of whole requests that do; errors of the server's own pass by their status.
const PASSING: &[&str] = &[
    "TransactionConflict",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "TransactionInProgress",
];
const PASSING_CODES: &[&str] = &[
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "TransactionInProgressException",
    "TransactionConflictException",
];
pub(crate) const CONDITION_FAILED: &str = "ConditionalCheckFailed";
/// What the table says of an item that would not be one, as one that would be too large, and of a whole request of the kind.
const INVALID: &str = "ValidationError";
const INVALID_REQUEST: &str = "ValidationException";

/// What came of a transaction.
pub(crate) enum Transacted {
    Done,
    /// A condition did not hold; each item's reason, in their order.
    Refused(Vec<CancellationReason>),
    /// The table holds no such items, however often it is asked: one would be too large.
    Invalid(StoreError),
}

impl Store {
    /// Writes all of the items or none. What fails for a moment is tried again for three seconds.
    ///
    /// # Errors
    /// The table cannot be used. Nothing is written then, as far as it can be known.
    pub(crate) async fn transact(
        &self,
        operation: &'static str,
        items: Vec<TransactWriteItem>,
    ) -> Result<Transacted, StoreError> {
        let token = Ulid::generate().to_string();
        let given_up_at = Instant::now() + PATIENCE;
        for tries in 0.. {
            let sent = self.send(&token, items.clone()).await;
            let Err(error) = sent else { break };
            let reasons = cancellation_reasons(&error);
            if reasons
                .iter()
                .any(|reason| reason.code() == Some(CONDITION_FAILED))
            {
                return Ok(Transacted::Refused(reasons.to_vec()));
            }
            if is_invalid(&error) {
                return Ok(Transacted::Invalid(StoreError::unavailable(
                    operation, error,
                )));
            }
            let pause = pause(tries, Ulid::generate().random());
            if !passes(&error) || given_up_at.saturating_duration_since(Instant::now()) <= pause {
                return Err(StoreError::unavailable(operation, error));
            }
            tracing::debug!(
                operation,
                tries,
                "the table is busy; the transaction is tried again"
            );
            tokio::time::sleep(pause).await;
        }
        Ok(Transacted::Done)
    }

    async fn send(
        &self,
        token: &str,
        items: Vec<TransactWriteItem>,
    ) -> Result<(), SdkError<TransactWriteItemsError>> {
        let at_once = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS_AT_ONCE)
            .with_initial_backoff(FIRST_PAUSE)
            .with_max_backoff(FIRST_PAUSE);
        let sent = self
            .client
            .transact_write_items()
            .client_request_token(token)
            .set_transact_items(Some(items))
            .customize()
            .config_override(Config::builder().retry_config(at_once))
            .send()
            .await;
        sent.map(drop)
    }
}

/// The pause after so many tries: full jitter over a bound that doubles.
pub(crate) fn pause(tries: u32, random: u128) -> Duration {
    let bound = FIRST_PAUSE
        .saturating_mul(1 << tries.min(8))
        .min(LONGEST_PAUSE);
    let micros = random % (bound.as_micros() + 1);
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

/// Whether the same transaction may succeed in a moment. One that got no answer may have been carried out already.
fn passes(error: &SdkError<TransactWriteItemsError>) -> bool {
    match error {
        SdkError::ServiceError(service) => {
            let reasons = cancellation_reasons(error);
            let mut codes = reasons
                .iter()
                .filter_map(CancellationReason::code)
                .filter(|code| *code != "None")
                .peekable();
            if codes.peek().is_some() {
                return codes.all(|code| PASSING.contains(&code));
            }
            let is_passing = |code: &str| PASSING_CODES.contains(&code);
            service.err().code().is_some_and(is_passing) || service.raw().status().is_server_error()
        }
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            true
        }
        _ => false,
    }
}

fn is_invalid(error: &SdkError<TransactWriteItemsError>) -> bool {
    let mut codes = cancellation_reasons(error)
        .iter()
        .filter_map(CancellationReason::code);
    codes.any(|code| code == INVALID) || error.code() == Some(INVALID_REQUEST)
}

fn cancellation_reasons(error: &SdkError<TransactWriteItemsError>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons()
        }
        Some(_) | None => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_drawn_from_all_of_a_bound_that_doubles() {
        for (tries, most_ms) in [
            (0, 50),
            (1, 100),
            (2, 200),
            (3, 400),
            (4, 800),
            (5, 800),
            (900, 800),
        ] {
            let most = Duration::from_millis(most_ms);
            let micros = most.as_micros();
            assert_eq!(pause(tries, 0), Duration::ZERO);
            assert_eq!(pause(tries, micros), most);
            assert_eq!(pause(tries, micros + 1), Duration::ZERO);
            assert!(pause(tries, u128::MAX) <= most);
        }
    }
}
