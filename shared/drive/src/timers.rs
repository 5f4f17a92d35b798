//! Sleeping until something is due that no message announces: what the loop waits for, or the lease's renewal.
//!
//! One timer serves both. To reset it for each piece of text would cost more than the text, as that takes a lock of the whole
//! runtime. So it is reset only when the times have changed; deferring it is cheap.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// What the loop waits for.
    Wake,
    Renewal,
}

/// What the timer is set for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Times {
    /// Milliseconds since 1970.
    wake_at_ms: Option<u64>,
    renew_at: Instant,
}

pub(crate) struct Timers {
    /// Until it has fired.
    set_for: Option<(Times, Due)>,
    timer: Pin<Box<Sleep>>,
}

impl Timers {
    pub(crate) fn new() -> Self {
        Self {
            set_for: None,
            timer: Box::pin(sleep(Duration::ZERO)),
        }
    }

    /// Waits for the first of both. `now_ms` is the time of the call, by the clock that `wake_at_ms` is of.
    pub(crate) async fn next(
        &mut self,
        wake_at_ms: Option<u64>,
        renew_at: Instant,
        now_ms: u64,
    ) -> Due {
        let times = Times {
            wake_at_ms,
            renew_at,
        };
        let due = match self.set_for {
            Some((set, due)) if set == times => due,
            Some(_) | None => self.set(times, now_ms),
        };
        self.timer.as_mut().await;
        self.set_for = None;
        due
    }

    fn set(&mut self, times: Times, now_ms: u64) -> Due {
        let wake_at = times
            .wake_at_ms
            .map(|at_ms| Instant::now() + Duration::from_millis(at_ms.saturating_sub(now_ms)));
        let (at, due) = match wake_at {
            Some(at) if at < times.renew_at => (at, Due::Wake),
            Some(_) | None => (times.renew_at, Due::Renewal),
        };
        self.timer.as_mut().reset(at);
        self.set_for = Some((times, due));
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{advance, timeout};

    const RENEWAL_AFTER: Duration = Duration::from_secs(5);
    /// Where the clock of the loop stands when a test begins.
    const BEGIN_MS: u64 = 1_764_000_000_000;

    /// The timer with the two clocks, which go alike.
    struct Clocks {
        timers: Timers,
        began: Instant,
        renew_at: Instant,
    }

    impl Clocks {
        fn new() -> Self {
            Self {
                timers: Timers::new(),
                began: Instant::now(),
                renew_at: Instant::now() + RENEWAL_AFTER,
            }
        }

        /// What is due next, and when, in milliseconds since the test began.
        async fn next(&mut self, wake_at: Option<u64>) -> (Due, u128) {
            let passed = u64::try_from(self.began.elapsed().as_millis()).unwrap();
            let wake_at_ms = wake_at.map(|at| BEGIN_MS + at);
            let next = self
                .timers
                .next(wake_at_ms, self.renew_at, BEGIN_MS + passed);
            let due = next.await;
            (due, self.began.elapsed().as_millis())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_comes_at_its_time_whatever_was_waited_for_before() {
        let mut clocks = Clocks::new();
        // A wait that something else has ended leaves the timer at another time than what comes next.
        let wait = clocks.next(Some(3_000));
        assert!(timeout(Duration::from_secs(1), wait).await.is_err());
        assert_eq!(clocks.next(Some(1_500)).await, (Due::Wake, 1_500));
        assert_eq!(clocks.next(Some(4_000)).await, (Due::Wake, 4_000));
        assert_eq!(clocks.next(None).await, (Due::Renewal, 5_000));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_over_comes_at_once_and_one_after_the_other() {
        let mut clocks = Clocks::new();
        advance(RENEWAL_AFTER * 2).await;
        assert_eq!(clocks.next(Some(500)).await, (Due::Renewal, 10_000));
        clocks.renew_at = Instant::now() + RENEWAL_AFTER;
        assert_eq!(clocks.next(Some(500)).await, (Due::Wake, 10_000));
        // A clock that is behind what was told wakes the loop again, and it tells what it waits for then.
        assert_eq!(clocks.next(Some(10_500)).await, (Due::Wake, 10_500));
        assert_eq!(clocks.next(Some(20_000)).await, (Due::Renewal, 15_000));
    }

    #[tokio::test(start_paused = true)]
    async fn waits_that_are_ended_again_and_again_put_nothing_off() {
        let mut clocks = Clocks::new();
        for _ in 0..4 {
            let wait = clocks.next(Some(500));
            assert!(timeout(Duration::from_millis(120), wait).await.is_err());
        }
        assert_eq!(clocks.next(Some(500)).await, (Due::Wake, 500));
    }
}
