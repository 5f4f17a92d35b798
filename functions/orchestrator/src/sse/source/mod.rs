//! Where a client's events come from: what was read of the log, then the driver in this process while it sends updates, else the
//! log as it grows.
//!
//! Knows nothing of how they are written: see [`super::encode`].

mod live;
mod next;
mod poll;
mod tail;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use std::vec;

use drive::{Deadline, Services, Watched};
use run::{RunId, Seq, StopReason, Update};
use store::{LogEvent, StoreError};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::watcher_permit::WatcherPermit;
use crate::deletion;
use tail::Tail;

/// The events of a run for one client.
#[derive(Debug)]
pub(super) struct Source {
    services: Arc<Services>,
    run_id: RunId,
    /// When this function has to stop driving.
    deadline: Deadline,
    /// How long the log is followed.
    watch: Duration,
    /// Whether the client goes on with another stream.
    comes_again: bool,
    /// Events that have been read and not returned yet; they come before everything else.
    replayed: vec::IntoIter<LogEvent>,
    follows: Follows,
    /// The driver of this process, where it drives the run: with the end of the stream the platform may stop this process, so the
    /// stream outlasts it.
    driver: Option<JoinHandle<StopReason>>,
    /// This stream's place among the run's watchers, where it is one from the start.
    permit: Option<WatcherPermit>,
    /// A run that nobody drives is left so.
    pub(super) is_watched_only: bool,
}

/// How a client follows a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Followed {
    /// How long the log is read.
    pub(super) watch: Duration,
    /// Whether the client goes on with another stream where this one ends before its run.
    pub(super) comes_again: bool,
}

/// What follows the events that were read.
#[derive(Debug)]
enum Follows {
    /// The updates of the driver in this process.
    Live(mpsc::Receiver<Update>),
    /// What is read of the log.
    Tail(Tail),
    Nothing,
}

/// What a source returns.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "made for each frame and taken apart at once: a box for each would cost more than the move"
)]
pub(super) enum Next {
    Update(Update),
    /// Nothing has come until the given time.
    Quiet,
    /// The source ends before its run. `End` follows.
    ComeAgain,
    End,
}

impl Source {
    /// Follows the driver of a new run in this process.
    pub(super) fn live(
        services: Arc<Services>,
        run_id: RunId,
        deadline: Deadline,
        followed: Followed,
        watched: Watched,
    ) -> Self {
        Self {
            services,
            run_id,
            deadline,
            watch: followed.watch,
            comes_again: followed.comes_again,
            replayed: Vec::new().into_iter(),
            follows: Follows::Live(watched.updates),
            driver: Some(watched.task),
            permit: None,
            is_watched_only: false,
        }
    }

    /// Replays what was read of a run, from its first event on, then follows the log, and takes the run over where nobody drives it.
    pub(super) fn replay(
        services: Arc<Services>,
        run_id: RunId,
        deadline: Deadline,
        followed: Followed,
        read: Vec<LogEvent>,
        permit: Option<WatcherPermit>,
    ) -> Self {
        let next = read.last().map_or(Seq(1), |(last, _)| last.next());
        Self {
            follows: Follows::Tail(Tail::new(next, Duration::ZERO, followed.watch)),
            services,
            run_id,
            deadline,
            watch: followed.watch,
            comes_again: followed.comes_again,
            replayed: read.into_iter(),
            driver: None,
            permit,
            is_watched_only: false,
        }
    }

    pub(super) const fn run_id(&self) -> RunId {
        self.run_id
    }

    /// Deletes the run, once the driver of this process has released it.
    pub(super) fn forget(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let (services, run_id) = (Arc::clone(&self.services), self.run_id);
        let (driver, permit) = (self.driver.take(), self.permit.take());
        Box::pin(async move {
            if let Some(Err(error)) = match driver {
                Some(driver) => Some(driver.await),
                None => None,
            } {
                tracing::error!(%error, "a driver broke off");
            }
            if let Some(permit) = permit {
                permit.leave().await;
            }
            deletion::forget(services, run_id).await;
        })
    }

    fn ask_to_come_again(&mut self) -> Next {
        self.follows = Follows::Nothing;
        Next::ComeAgain
    }

    /// Ends the stream. The client reconnects, and gets an error response if the table is still unavailable.
    fn give_up(&mut self, error: &StoreError) {
        tracing::warn!(%error, "a tail could not use the table");
        self.follows = Follows::Nothing;
    }
}
