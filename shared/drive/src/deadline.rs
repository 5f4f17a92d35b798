//! The end of the function's time, and how much of it may still be used.

use std::time::Duration;

use tokio::time::Instant;

use crate::clock::now_ms;

/// Longest margin kept before the function is stopped, for what remains to be written.
const LONGEST_MARGIN: Duration = Duration::from_secs(20);

/// The time by which a driver must have released its run.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    leave_by: Instant,
    /// Half of the time that the function has for its work.
    half: Duration,
}

impl Deadline {
    /// The end of a function that may run for `length`, and that the platform stops at `stopped_at_ms` (milliseconds since
    /// 1970), where it says so. A tenth of the length, at most 20 s, is kept as margin.
    ///
    /// A time in the past is ignored: emulators send a constant of 1970.
    pub fn new(length: Duration, stopped_at_ms: Option<u64>) -> Self {
        let left = stopped_at_ms
            .and_then(|at_ms| at_ms.checked_sub(now_ms()))
            .map_or(length, Duration::from_millis);
        let margin = (length / 10).min(LONGEST_MARGIN);
        Self {
            leave_by: Instant::now() + left.saturating_sub(margin),
            half: length.saturating_sub(margin) / 2,
        }
    }

    /// Whether a driver that begins now has enough time to make progress: a run that is taken over too late would fail for lack of it.
    pub fn is_far(self) -> bool {
        self.left() >= self.half
    }

    /// Whether the work has to be left to another function.
    pub fn is_over(self) -> bool {
        self.left().is_zero()
    }

    /// Time that calls may still take.
    pub(crate) fn left(self) -> Duration {
        self.leave_by.saturating_duration_since(Instant::now())
    }
}
