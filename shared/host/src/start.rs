//! What happens beside the start of a function, so that its first poll does not wait for it.

use std::fmt::Display;
use std::process;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// Long enough for the first poll to be out, short enough for the check to be done before a model has answered.
const START_TIME: Duration = Duration::from_millis(20);

/// Runs `check` on a thread of its own when the start is over, and ends the process where it fails: a function that would
/// fail its calls must not be taken for one that works.
pub fn check_after_start<E>(check: impl FnOnce() -> Result<(), E> + Send + 'static)
where
    E: Display + Send + 'static,
{
    tokio::spawn(async move {
        sleep(START_TIME).await;
        let failed = match spawn_blocking(check).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(panic) => panic.to_string(),
        };
        tracing::error!(error = failed, "the function cannot work and ends");
        process::exit(1);
    });
}
