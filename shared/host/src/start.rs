//! What happens beside the start of a function, so that its first poll does not wait for it.

use std::fmt::Display;
use std::pin::Pin;
use std::process;
use std::time::Duration;

use lambda_runtime::{Error, spawn_graceful_shutdown_handler};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};
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

/// The registration for Lambda's word that this process is about to end.
///
/// Lambda tells only processes that have registered an extension, and takes registrations only before the first poll. That
/// is a request to the Runtime API, under way while the caller goes on with its start.
pub struct StopSignal {
    registered: JoinHandle<()>,
    hook: oneshot::Sender<Hook>,
}

type Hook = Pin<Box<dyn Future<Output = ()> + Send>>;

impl StopSignal {
    /// Begins to register.
    pub fn register() -> Self {
        let (hook, given) = oneshot::channel::<Hook>();
        let stop = async move || {
            // A start that has failed gives none, and has nothing to stop.
            if let Ok(hook) = given.await {
                hook.await;
            }
        };
        Self {
            registered: tokio::spawn(spawn_graceful_shutdown_handler(stop)),
            hook,
        }
    }

    /// Says what is done on that word, and waits until Lambda has the registration.
    pub async fn then(self, hook: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
        if self.hook.send(Box::pin(hook)).is_err() {
            tracing::warn!("the function is being stopped before it has started");
        }
        Ok(self.registered.await?)
    }
}
