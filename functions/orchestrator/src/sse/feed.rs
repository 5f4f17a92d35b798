//! Where a client's frames come from: the driver of this process while it tells, then the log.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use drive::{Deadline, Driver, Services, TakenOver, Watched, now_ms};
use run::{RunId, Seq, StopReason, Update};
use store::{Consistency, LogEvent, StoreError};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::frames::{push_frame, show, show_stored};
use super::seat::Seat;
use crate::wire::{View, WireEvent};

/// A ping goes out after this long without anything else. Clients are promised one within 10 seconds; the rest is for the table,
/// which may be read or written when it is time.
const PING_AFTER: Duration = Duration::from_secs(8);
/// The log is read this often at first, …
const LOOK_FIRST: Duration = Duration::from_millis(250);
/// … and this often when nothing happens.
const LOOK_QUIET: Duration = Duration::from_secs(1);
/// What a watcher is told whose stream ends while the run goes on: the function that sends it is billed to its end, also where
/// nobody reads any more.
const COME_AGAIN: &str = "this stream ends here; the run goes on, follow it from your last event";
/// Frames that are ready go out together, up to about this many bytes.
const SEND_BYTES: usize = 64 * 1024;

/// The frames of one client's stream.
#[derive(Debug)]
pub(crate) struct Feed {
    services: Arc<Services>,
    run_id: RunId,
    /// When the function that sends this has to stop driving.
    deadline: Deadline,
    view: View,
    /// Events that have been read and not shown yet; they go before everything else.
    backlog: std::vec::IntoIter<LogEvent>,
    source: Source,
    /// The driver of this process, where it drives the run: with the end of the stream the platform may stop this process, so the
    /// stream outlasts it.
    driver: Option<JoinHandle<StopReason>>,
    /// Put off with each frame: a timer of its own for each would cost more than the frame.
    ping: Pin<Box<Sleep>>,
    /// This stream's place among the run's watchers, where it is one from the start.
    seat: Option<Seat>,
}

#[derive(Debug)]
enum Source {
    /// The driver runs in this process and tells what it does.
    Live(mpsc::Receiver<Update>),
    /// The log.
    Tail {
        /// Where the next batch begins; the first one where that is not known.
        next: Seq,
        wait: Duration,
        ends_at: Instant,
        /// When the driver's silence is to be looked into.
        take_over_at: Instant,
    },
    Over,
}

impl Feed {
    /// Follows the driver of a new run in this process.
    pub(crate) fn live(
        services: Arc<Services>,
        run_id: RunId,
        deadline: Deadline,
        watched: Watched,
    ) -> Self {
        Self {
            services,
            run_id,
            deadline,
            view: View::default(),
            backlog: Vec::new().into_iter(),
            source: Source::Live(watched.updates),
            driver: Some(watched.task),
            ping: Box::pin(sleep(PING_AFTER)),
            seat: None,
        }
    }

    /// Replays what was read after `after`, then follows the log, and takes the run over where nobody drives it.
    pub(crate) fn replay(
        services: Arc<Services>,
        run_id: RunId,
        deadline: Deadline,
        after: Seq,
        read: Vec<LogEvent>,
        seat: Option<Seat>,
    ) -> Self {
        let watch = services.timing.watch;
        Self {
            services,
            run_id,
            deadline,
            view: View::seen_until(after),
            source: Source::tail(read_until(&read), Duration::ZERO, watch),
            backlog: read.into_iter(),
            driver: None,
            ping: Box::pin(sleep(PING_AFTER)),
            seat,
        }
    }

    pub(crate) const fn run_id(&self) -> RunId {
        self.run_id
    }

    /// The next frames to send, `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        loop {
            let mut out = String::new();
            self.show_backlog(&mut out);
            if out.is_empty() {
                match &self.source {
                    Source::Live(_) => self.listen(&mut out).await,
                    // In a box, as it is large, and this is moved for each frame.
                    Source::Tail { .. } => Box::pin(self.look(&mut out)).await,
                    Source::Over => return self.outlast_driver().await,
                }
            }
            if !out.is_empty() {
                self.put_off_ping();
                return Some(Bytes::from(out));
            }
        }
    }

    fn show_backlog(&mut self, out: &mut String) {
        while out.len() < SEND_BYTES
            && let Some((seq, event)) = self.backlog.next()
        {
            show_stored(&mut self.view, seq, &event, out);
        }
    }

    /// Takes what the driver tells. When it tells no more, the log goes on: a client that lagged too far behind, or whose
    /// driver was passed by, misses nothing.
    async fn listen(&mut self, out: &mut String) {
        let Source::Live(updates) = &mut self.source else {
            return;
        };
        let told = tokio::select! {
            biased;
            told = updates.recv() => told,
            () = self.ping.as_mut() => return push_frame(out, None, &WireEvent::Ping),
        };
        match told {
            Some(first) => {
                show(&mut self.view, &first, out);
                while out.len() < SEND_BYTES
                    && let Ok(more) = updates.try_recv()
                {
                    show(&mut self.view, &more, out);
                }
            }
            None if self.view.is_over() || self.view.is_suspended() => {
                self.source = Source::Over;
            }
            None => {
                let timing = self.services.timing;
                self.source = Source::tail(Seq(1), timing.lease, timing.watch);
            }
        }
    }

    /// Waits and reads the log on.
    async fn look(&mut self, out: &mut String) {
        let Source::Tail {
            next,
            wait,
            ends_at,
            take_over_at,
        } = &mut self.source
        else {
            return;
        };
        let now = Instant::now();
        let is_driven_here = self.driver.as_ref().is_some_and(|task| !task.is_finished());
        let is_due = (now >= *ends_at && !is_driven_here) || self.deadline.is_over();
        if self.view.is_over() {
            self.source = Source::Over;
            return;
        }
        if is_due {
            return self.ask_to_come_again(out);
        }
        if now >= self.ping.deadline() {
            return push_frame(out, None, &WireEvent::Ping);
        }
        if now >= *take_over_at {
            *take_over_at = now + self.services.timing.lease;
            if self.deadline.is_far() {
                return self.take_over().await;
            }
            // The client comes back with a function that has all its time.
            return self.ask_to_come_again(out);
        }
        sleep_until((now + *wait).min(self.ping.deadline())).await;
        *wait = (*wait * 2).min(LOOK_QUIET);
        match passed_by(self.seat.as_mut()).await {
            Ok(true) if !is_driven_here => return self.ask_to_come_again(out),
            Ok(_) => {}
            Err(error) => return self.give_up(&error),
        }
        let store = &self.services.store;
        let log = store
            .read(self.run_id, *next, Consistency::Eventual, now_ms())
            .await;
        match log {
            Ok(log) => {
                if let Some((last, _)) = log.events.last() {
                    *next = last.next();
                    *wait = LOOK_FIRST;
                    *take_over_at = Instant::now() + self.services.timing.lease;
                }
                self.backlog = log.events.into_iter();
            }
            Err(error) => self.give_up(&error),
        }
    }

    /// Drives the run from here on, if nobody else does.
    async fn take_over(&mut self) {
        match Driver::take_over(Arc::clone(&self.services), self.run_id).await {
            Ok(TakenOver::By { driver, events }) => {
                let watched = driver.spawn(self.deadline);
                self.backlog = events.into_iter();
                self.source = Source::Live(watched.updates);
                self.driver = Some(watched.task);
            }
            // Without room here, another process may have some, or this one later.
            Ok(TakenOver::Held | TakenOver::NoRoom | TakenOver::Ended) => {}
            // It was deleted.
            Ok(TakenOver::NoSuchRun) => self.source = Source::Over,
            Err(error) => self.give_up(&error),
        }
    }

    /// The end of the stream, once the driver of this process has left its run too.
    async fn outlast_driver(&mut self) -> Option<Bytes> {
        if let Some(seat) = self.seat.take() {
            seat.leave().await;
        }
        let task = self.driver.as_mut()?;
        let left = tokio::select! {
            biased;
            left = task => left,
            () = self.ping.as_mut() => {
                self.put_off_ping();
                let mut ping = String::new();
                push_frame(&mut ping, None, &WireEvent::Ping);
                return Some(Bytes::from(ping));
            }
        };
        if let Err(error) = left {
            tracing::error!(%error, "a driver broke off");
        }
        self.driver = None;
        None
    }

    /// Ends the stream of a watcher: what follows is for the next one, which begins after the last event of this.
    fn ask_to_come_again(&mut self, out: &mut String) {
        self.source = Source::Over;
        let suspended = WireEvent::Suspended {
            reason: COME_AGAIN,
            resume_after_ms: 0,
        };
        push_frame(out, None, &suspended);
    }

    fn put_off_ping(&mut self) {
        self.ping.as_mut().reset(Instant::now() + PING_AFTER);
    }

    /// Ends the stream. The client reconnects, and is refused with words if the table stays away.
    fn give_up(&mut self, error: &StoreError) {
        tracing::warn!(%error, "a tail could not use the table");
        self.source = Source::Over;
    }
}

/// Whether the stream's watcher has begun another one.
async fn passed_by(seat: Option<&mut Seat>) -> Result<bool, StoreError> {
    match seat {
        Some(seat) => seat.is_passed_by().await,
        None => Ok(false),
    }
}

/// Where the batch after these begins; they end with a whole one.
fn read_until(read: &[LogEvent]) -> Seq {
    read.last().map_or(Seq(1), |(last, _)| last.next())
}

impl Source {
    /// The log from the batch that begins at `next`, for as long as `watch`, with a first look at whether anybody drives the run
    /// after `take_over_after`.
    fn tail(next: Seq, take_over_after: Duration, watch: Duration) -> Self {
        let now = Instant::now();
        Self::Tail {
            next,
            wait: LOOK_FIRST,
            ends_at: now + watch,
            take_over_at: now + take_over_after,
        }
    }
}
