//! A stream's place among the watchers of its run, which the table counts for all processes together.

use std::sync::Arc;
use std::time::Duration;

use drive::{Services, now_ms};
use run::RunId;
use store::{StoreError, WatchPlace, Watcher};
use tokio::runtime::Handle;
use tokio::time::Instant;

/// A place outlasts its stream by this, so that it runs out only where a process was lost.
const SLACK: Duration = Duration::from_secs(10);
/// How often a stream asks the table whether its watcher has begun another one.
const POLL_AFTER: Duration = Duration::from_secs(1);

/// The right to follow a run; given back when it is left or dropped.
#[derive(Debug)]
pub(crate) struct WatcherPermit {
    services: Arc<Services>,
    /// Until it is left.
    place: Option<WatchPlace>,
    /// When to ask again; `None` for a watcher that keeps its place.
    poll_at: Option<Instant>,
}

impl WatcherPermit {
    /// One more watcher for a stream of at most so long, if there is room.
    pub(crate) async fn take(
        services: &Arc<Services>,
        run_id: RunId,
        watcher: Watcher<'_>,
        stream: Duration,
    ) -> Result<Option<Self>, StoreError> {
        let now_ms = now_ms();
        let length = stream + SLACK;
        let until_ms = now_ms + u64::try_from(length.as_millis()).unwrap_or(u64::MAX / 2);
        let place = services
            .store
            .take_place(run_id, watcher, until_ms, now_ms)
            .await?;
        Ok(place.map(|place| Self {
            services: Arc::clone(services),
            place: Some(place),
            poll_at: match watcher {
                Watcher::Nameless | Watcher::Guest(None) => None,
                Watcher::Named(_) | Watcher::Yielding | Watcher::Guest(Some(_)) => {
                    Some(Instant::now() + POLL_AFTER)
                }
            },
        }))
    }

    /// Whether the watcher has begun another stream since, or lost its place, so that nobody reads this one. The table is asked once a second.
    pub(super) async fn is_passed_by(&mut self) -> Result<bool, StoreError> {
        let now = Instant::now();
        match (&self.place, self.poll_at) {
            (Some(place), Some(poll_at)) if now >= poll_at => {
                self.poll_at = Some(now + POLL_AFTER);
                self.services.store.is_passed_by(place, now_ms()).await
            }
            (Some(_) | None, _) => Ok(false),
        }
    }

    /// Gives the place back. In Lambda this must come before the stream's end, after which the process is stopped.
    pub(super) async fn leave(mut self) {
        if let Some(place) = self.place.take() {
            leave(&self.services, &place).await;
        }
    }
}

/// The client has gone, in a process that is told so.
impl Drop for WatcherPermit {
    fn drop(&mut self) {
        if let Some(place) = self.place.take()
            && let Ok(runtime) = Handle::try_current()
        {
            let services = Arc::clone(&self.services);
            runtime.spawn(async move { leave(&services, &place).await });
        }
    }
}

async fn leave(services: &Services, place: &WatchPlace) {
    if let Err(error) = services.store.leave_place(place).await {
        tracing::warn!(%error, "a watcher's place is kept until it runs out");
    }
}
