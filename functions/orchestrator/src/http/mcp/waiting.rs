//! Waiting for a run's end, as long as a call may take: the log is read as it grows, whoever drives the run.
//!
//! Refuses to drive: in Lambda this process is stopped behind its reply. A run that nobody drives is told to the function that does.

use std::sync::Arc;
use std::time::Duration;

use drive::{Services, now_ms, wake_driver};
use run::{RunId, StopReason};
use store::{Consistency, HeadStatus, StoreError};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::super::runs::events::read_log;
use super::super::{ApiError, App, Caller};
use crate::sse::Steps;

/// The log is read this often at first, …
const POLL_FIRST: Duration = Duration::from_millis(250);
/// … and this often when nothing happens.
const POLL_QUIET: Duration = Duration::from_secs(1);

/// A run that somebody waits for.
pub(super) struct Waiting {
    services: Arc<Services>,
    run_id: RunId,
    pub(super) steps: Steps,
    until: Instant,
    pause: Duration,
    /// When to look whether anybody drives the run.
    look_at: Instant,
    /// The driver in this process, where it is one: its end is news.
    driver: Option<JoinHandle<StopReason>>,
}

impl Waiting {
    /// Reads a run of the caller's, to wait for it so long.
    pub(super) async fn begin(
        app: &App,
        caller: &Caller,
        run_id: RunId,
        wait: Duration,
    ) -> Result<Self, ApiError> {
        let mut steps = Steps::default();
        for (seq, event) in read_log(app, caller, run_id).await? {
            steps.take(seq, event);
        }
        let now = Instant::now();
        Ok(Self {
            services: Arc::clone(&app.services),
            run_id,
            steps,
            until: now + wait,
            pause: POLL_FIRST,
            look_at: now,
            driver: None,
        })
    }

    /// The same for a run that has just been given to a driver, in this process where it is told.
    pub(super) fn driven(self, driver: Option<JoinHandle<StopReason>>) -> Self {
        Self {
            look_at: Instant::now() + self.services.timing.lease,
            driver,
            ..self
        }
    }

    /// Whether there is nothing more to wait for.
    pub(super) fn is_over(&self) -> bool {
        self.steps.is_over() || Instant::now() >= self.until
    }

    /// Waits a moment, and reads what has come by then. What cannot be read now is read the next time.
    pub(super) async fn advance(&mut self) {
        if let Err(error) = self.try_advance().await {
            tracing::warn!(%error, "a run that is waited for could not be read");
        }
    }

    async fn try_advance(&mut self) -> Result<(), StoreError> {
        let now = Instant::now();
        let lease = self.services.timing.lease;
        if now >= self.look_at {
            self.look_at = now + lease;
            self.wake_if_left().await?;
        }
        let at = (now + self.pause).min(self.until);
        self.pause = (self.pause * 2).min(POLL_QUIET);
        let consistency = self.sleep(at).await;
        let next = self.steps.last_seq().next();
        let store = &self.services.store;
        let log = store.read(self.run_id, next, consistency, now_ms()).await?;
        if !log.events.is_empty() {
            self.pause = POLL_FIRST;
            self.look_at = Instant::now() + lease;
        }
        for (seq, event) in log.events {
            self.steps.take(seq, event);
        }
        Ok(())
    }

    /// Sleeps until then, or until the driver in this process ends: then what it wrote last is there to be read.
    async fn sleep(&mut self, at: Instant) -> Consistency {
        if let Some(driver) = &mut self.driver {
            tokio::select! {
                _ = driver => {
                    self.driver = None;
                    return Consistency::Strong;
                }
                () = sleep_until(at) => {}
            }
        } else {
            sleep_until(at).await;
        }
        Consistency::Eventual
    }

    async fn wake_if_left(&self) -> Result<(), StoreError> {
        let head = self.services.store.head(self.run_id, now_ms()).await?;
        let is_left = head.is_some_and(|head| match head.status {
            HeadStatus::Running | HeadStatus::Suspended => now_ms() >= head.lease_until_ms,
            HeadStatus::Ended(_) | HeadStatus::Deleting => false,
        });
        if is_left {
            wake_driver(&self.services, self.run_id).await;
        }
        Ok(())
    }
}
