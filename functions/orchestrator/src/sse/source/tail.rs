//! How far the log has been read, and when to poll it again.

use std::time::Duration;

use run::Seq;
use tokio::time::Instant;

/// The log is read this often at first, …
const POLL_FIRST: Duration = Duration::from_millis(250);
/// … and this often when nothing happens.
const POLL_QUIET: Duration = Duration::from_secs(1);

/// The position in the log, and the times that decide when it is polled.
#[derive(Debug)]
pub(super) struct Tail {
    /// Where the next batch begins; 1 where that is not known.
    pub(super) next: Seq,
    wait: Duration,
    pub(super) ends_at: Instant,
    /// When to check whether anybody drives the run.
    pub(super) take_over_at: Instant,
}

impl Tail {
    /// The log from the batch that begins at `next`, for as long as `watch`. Whether anybody drives the run is
    /// first checked after `take_over_after`.
    pub(super) fn new(next: Seq, take_over_after: Duration, watch: Duration) -> Self {
        let now = Instant::now();
        Self {
            next,
            wait: POLL_FIRST,
            ends_at: now + watch,
            take_over_at: now + take_over_after,
        }
    }

    /// How long to wait before the log is read again: each time longer, while nothing comes.
    pub(super) fn wait(&mut self) -> Duration {
        let wait = self.wait;
        self.wait = (wait * 2).min(POLL_QUIET);
        wait
    }

    /// Events up to `last` have been read: the run is driven.
    pub(super) fn advance(&mut self, last: Seq, lease: Duration) {
        self.next = last.next();
        self.wait = POLL_FIRST;
        self.take_over_at = Instant::now() + lease;
    }
}
