//! The one bound on every wait of a test.

use std::time::Duration;

/// Long enough for a loaded machine; reached only by a test that fails.
const LONGEST_WAIT: Duration = Duration::from_mins(2);

/// Waits for something that must happen; a failure says for what.
pub async fn within<T>(what: &str, event: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(LONGEST_WAIT, event).await;
    waited.unwrap_or_else(|late| panic!("waited {LONGEST_WAIT:?} for {what}: {late}"))
}
