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
    source: Source,
    ping_at: Instant,
}

#[derive(Debug)]
enum Source {
    /// The driver runs in this process and tells what it does.
    Live(mpsc::Receiver<Telling>),
    /// Events that have been read, then the log.
    Tail(Tail),
    Over,
}

#[derive(Debug)]
struct Tail {
    read: Vec<LogEvent>,
    wait: Duration,
    ends_at: Instant,
    /// Counts this tail among the run's watchers, where it is one from the start.
    _ticket: Option<Ticket>,
}

impl Feed {
    /// Follows the driver of this process; a client that lags too far behind goes on from the log.
    pub(crate) fn live(
        services: Arc<Services>,
        run_id: RunId,
        tellings: mpsc::Receiver<Telling>,
    ) -> Self {
        Self {
            services,
            run_id,
            screen: Screen::default(),
            source: Source::Live(tellings),
            ping_at: Instant::now() + PING_AFTER,
        }
    }

    /// Replays what was read after `after`, then follows the log.
    pub(crate) fn replay(
        services: Arc<Services>,
        run_id: RunId,
        after: Seq,
        read: Vec<LogEvent>,
        ticket: Ticket,
    ) -> Self {
        Self {
            services,
            run_id,
            screen: Screen::seen_until(after),
            source: Source::Tail(Tail::new(read, Some(ticket))),
            ping_at: Instant::now() + PING_AFTER,
        }
    }

    /// The next frames to send, `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        loop {
            let mut out = String::new();
            match &mut self.source {
                Source::Live(tellings) => match timeout_at(self.ping_at, tellings.recv()).await {
                    Ok(Some(first)) => {
                        self.screen.show(&first, &mut out);
                        while out.len() < SEND_BYTES
                            && let Ok(more) = tellings.try_recv()
                        {
                            self.screen.show(&more, &mut out);
                        }
                    }
                    Ok(None) if self.screen.is_over() => self.source = Source::Over,
                    Ok(None) => self.source = Source::Tail(Tail::new(Vec::new(), None)),
                    Err(_) => push_frame(&mut out, None, &WireEvent::Ping),
                },
                Source::Tail(_) => self.follow(&mut out).await,
                Source::Over => return None,
            }
            if !out.is_empty() {
                self.ping_at = Instant::now() + PING_AFTER;
                return Some(Bytes::from(out));
            }
        }
    }

    /// Shows what has been read, or waits and reads on.
    async fn follow(&mut self, out: &mut String) {
        let Source::Tail(tail) = &mut self.source else {
            return;
        };
        if !tail.read.is_empty() {
            let mut events = std::mem::take(&mut tail.read).into_iter();
            for (seq, event) in events.by_ref() {
                self.screen.show_stored(seq, &event, out);
                if out.len() >= SEND_BYTES {
                    break;
                }
            }
            tail.read = events.collect();
            return;
        }
        if self.screen.is_over() || Instant::now() >= tail.ends_at {
            self.source = Source::Over;
            return;
        }
        if Instant::now() >= self.ping_at {
            return push_frame(out, None, &WireEvent::Ping);
        }
        sleep(tail.wait).await;
        tail.wait = (tail.wait * 2).min(LOOK_QUIET);
        let next = self.screen.last_seq().next();
        let store = &self.services.store;
        let log = store
            .read(self.run_id, next, Consistency::Eventual, now_ms())
            .await;
        match log {
            Ok(log) => {
                if !log.events.is_empty() {
                    tail.wait = LOOK_FIRST;
                }
                tail.read = log.events;
            }
            Err(error) => {
                // The client reconnects, and is refused with words if the table stays away.
                tracing::warn!(%error, run_id = %self.run_id, "a tail could not read the log");
                self.source = Source::Over;
            }
        }
    }
}

impl Tail {
    fn new(read: Vec<LogEvent>, ticket: Option<Ticket>) -> Self {
        Self {
            read,
            wait: LOOK_FIRST,
            ends_at: Instant::now() + TAIL_FOR,
            _ticket: ticket,
        }
    }
}
