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

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_tenth_of_the_time_and_at_most_twenty_seconds_are_kept_for_what_remains() {
        for (length, left) in [(100, 90), (200, 180), (900, 880)] {
            let deadline = Deadline::new(SECOND * length, None);
            assert_eq!(deadline.left(), SECOND * left);
        }
        // A time in the past is none.
        let deadline = Deadline::new(SECOND * 100, Some(1000));
        assert_eq!(deadline.left(), SECOND * 90);
        let stopped_at_ms = now_ms() + 3_600_000;
        let deadline = Deadline::new(SECOND * 100, Some(stopped_at_ms));
        assert!((SECOND * 3000..=SECOND * 3590).contains(&deadline.left()));
    }

    #[tokio::test(start_paused = true)]
    async fn half_of_the_time_is_enough_to_begin_with_and_at_its_end_the_work_is_left() {
        let deadline = Deadline::new(SECOND * 100, None);
        for (passed, is_far, is_over) in [
            (0, true, false),
            (45, true, false),
            (1, false, false),
            (43, false, false),
            (1, false, true),
            (9, false, true),
        ] {
            tokio::time::advance(SECOND * passed).await;
            let left = deadline.left();
            assert_eq!(
                (deadline.is_far(), deadline.is_over()),
                (is_far, is_over),
                "{left:?}"
            );
        }
    }
}
