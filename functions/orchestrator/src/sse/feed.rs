//! Where a client's frames come from: the driver of this process while it tells, then the log.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use drive::{Services, now_ms};
use run::{RunId, Seq, Telling};
use store::{Consistency, LogEvent};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};

use super::screen::{Screen, push_frame};
use crate::http::Ticket;
use crate::wire::WireEvent;

/// A ping goes out after this long without anything else.
const PING_AFTER: Duration = Duration::from_secs(10);
/// The log is read this often at first, …
const LOOK_FIRST: Duration = Duration::from_millis(250);
/// … and this often when nothing happens.
const LOOK_QUIET: Duration = Duration::from_secs(1);
/// A tail ends cleanly after this long; clients reconnect.
const TAIL_FOR: Duration = Duration::from_mins(5);
/// Frames that are ready go out together, up to about this many bytes.
const SEND_BYTES: usize = 64 * 1024;

/// The frames of one client's stream.
#[derive(Debug)]
pub(crate) struct Feed {
    services: Arc<Services>,
    run_id: RunId,
    screen: Screen,
    /// Events that have been read and not shown yet; they go before everything else.
    backlog: std::vec::IntoIter<LogEvent>,
    source: Source,
    ping_at: Instant,
    /// Counts this stream among the run's watchers, where it is one from the start.
    _ticket: Option<Ticket>,
}

#[derive(Debug)]
enum Source {
    /// The driver runs in this process and tells what it does.
    Live(mpsc::Receiver<Telling>),
    /// The log.
    Tail {
        wait: Duration,
        ends_at: Instant,
    },
    Over,
}

impl Feed {
    /// Follows the driver of a new run in this process.
    pub(crate) fn live(
        services: Arc<Services>,
        run_id: RunId,
        tellings: mpsc::Receiver<Telling>,
    ) -> Self {
        let source = Source::Live(tellings);
        Self::new(services, run_id, Seq::default(), Vec::new(), source, None)
    }

    /// Replays what was read after `after`, then follows a driver that has just taken the run over in this process.
    pub(crate) fn taken_over(
        services: Arc<Services>,
        run_id: RunId,
        after: Seq,
        read: Vec<LogEvent>,
        tellings: mpsc::Receiver<Telling>,
    ) -> Self {
        Self::new(services, run_id, after, read, Source::Live(tellings), None)
    }

    /// Replays what was read after `after`, then follows the log.
    pub(crate) fn replay(
        services: Arc<Services>,
        run_id: RunId,
        after: Seq,
        read: Vec<LogEvent>,
        ticket: Ticket,
    ) -> Self {
        Self::new(services, run_id, after, read, Source::tail(), Some(ticket))
    }

    fn new(
        services: Arc<Services>,
        run_id: RunId,
        after: Seq,
        read: Vec<LogEvent>,
        source: Source,
        ticket: Option<Ticket>,
    ) -> Self {
        Self {
            services,
            run_id,
            screen: Screen::seen_until(after),
            backlog: read.into_iter(),
            source,
            ping_at: Instant::now() + PING_AFTER,
            _ticket: ticket,
        }
    }

    /// The next frames to send, `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        loop {
            let mut out = String::new();
            self.show_backlog(&mut out);
            if out.is_empty() {
                match &self.source {
                    Source::Live(_) => self.listen(&mut out).await,
                    Source::Tail { .. } => self.look(&mut out).await,
                    Source::Over => return None,
                }
            }
            if !out.is_empty() {
                self.ping_at = Instant::now() + PING_AFTER;
                return Some(Bytes::from(out));
            }
        }
    }

    fn show_backlog(&mut self, out: &mut String) {
        while out.len() < SEND_BYTES
            && let Some((seq, event)) = self.backlog.next()
        {
            self.screen.show_stored(seq, &event, out);
        }
    }

    /// Takes what the driver tells. When it tells no more, the log goes on: a client that lagged too far behind, or whose
    /// driver was passed by, misses nothing.
    async fn listen(&mut self, out: &mut String) {
        let Source::Live(tellings) = &mut self.source else {
            return;
        };
        match timeout_at(self.ping_at, tellings.recv()).await {
            Ok(Some(first)) => {
                self.screen.show(&first, out);
                while out.len() < SEND_BYTES
                    && let Ok(more) = tellings.try_recv()
                {
                    self.screen.show(&more, out);
                }
            }
            Ok(None) if self.screen.is_over() || self.screen.is_suspended() => {
                self.source = Source::Over;
            }
            Ok(None) => self.source = Source::tail(),
            Err(_) => push_frame(out, None, &WireEvent::Ping),
        }
    }

    /// Waits and reads the log on.
    async fn look(&mut self, out: &mut String) {
        let Source::Tail { wait, ends_at } = &mut self.source else {
            return;
        };
        if self.screen.is_over() || Instant::now() >= *ends_at {
            self.source = Source::Over;
            return;
        }
        if Instant::now() >= self.ping_at {
            return push_frame(out, None, &WireEvent::Ping);
        }
        sleep(*wait).await;
        *wait = (*wait * 2).min(LOOK_QUIET);
        let next = self.screen.last_seq().next();
        let store = &self.services.store;
        let log = store
            .read(self.run_id, next, Consistency::Eventual, now_ms())
            .await;
        match log {
            Ok(log) => {
                if !log.events.is_empty() {
                    *wait = LOOK_FIRST;
                }
                self.backlog = log.events.into_iter();
            }
            Err(error) => {
                // The client reconnects, and is refused with words if the table stays away.
                tracing::warn!(%error, run_id = %self.run_id, "a tail could not read the log");
                self.source = Source::Over;
            }
        }
    }
}

impl Source {
    fn tail() -> Self {
        Self::Tail {
            wait: LOOK_FIRST,
            ends_at: Instant::now() + TAIL_FOR,
        }
    }
}
