//! When text has to be flushed, and when the log has to be polled.

use crate::{CHUNK_BYTES, FLUSH_AFTER_MS, POLL_AFTER_MS};

/// All times in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alarms {
    /// When waiting text has to be flushed; `None` where none waits.
    flush_at_ms: Option<u64>,
    poll: Poll,
}

/// When to poll the log for what others have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Poll {
    At(u64),
    UnderWay,
}

impl Alarms {
    pub(super) const fn new() -> Self {
        Self {
            flush_at_ms: None,
            poll: Poll::At(0),
        }
    }

    /// The next of them.
    pub(super) fn next_at(&self) -> Option<u64> {
        let poll_at = match self.poll {
            Poll::At(at) => Some(at),
            Poll::UnderWay => None,
        };
        [self.flush_at_ms, poll_at].into_iter().flatten().min()
    }

    pub(super) fn is_flush_due(&self, now_ms: u64) -> bool {
        self.flush_at_ms
            .is_some_and(|at| is_due(at, now_ms, FLUSH_AFTER_MS))
    }

    /// From now on so many bytes of text wait to be flushed. A full chunk does not wait.
    pub(super) fn flush_with(&mut self, bytes: usize, now_ms: u64) {
        let wait_ms = if bytes >= CHUNK_BYTES {
            0
        } else {
            FLUSH_AFTER_MS
        };
        let at = now_ms.saturating_add(wait_ms);
        self.flush_at_ms = Some(self.flush_at_ms.map_or(at, |before| before.min(at)));
    }

    pub(super) const fn stop_flush(&mut self) {
        self.flush_at_ms = None;
    }

    /// Something has been read of the log, or is about to be.
    pub(crate) const fn defer_poll(&mut self, now_ms: u64) {
        match self.poll {
            Poll::At(_) => self.end_poll(now_ms),
            Poll::UnderWay => {}
        }
    }

    pub(crate) const fn end_poll(&mut self, now_ms: u64) {
        self.poll = Poll::At(now_ms.saturating_add(POLL_AFTER_MS));
    }

    /// Whether the log is to be polled now. If so, the poll has begun.
    pub(crate) fn begins_poll(&mut self, now_ms: u64) -> bool {
        let is_due = match self.poll {
            Poll::At(at) => is_due(at, now_ms, POLL_AFTER_MS),
            Poll::UnderWay => false,
        };
        if is_due {
            self.poll = Poll::UnderWay;
        }
        is_due
    }
}

/// Whether a time has come. One further ahead than it can have been scheduled means that the clock was set back since.
const fn is_due(at_ms: u64, now_ms: u64, deferred_by_ms: u64) -> bool {
    at_ms <= now_ms || at_ms > now_ms.saturating_add(deferred_by_ms)
}
