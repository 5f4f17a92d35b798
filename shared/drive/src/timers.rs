//! When the driver has something to do that nobody tells it.
//!
//! One timer serves them all: to set several anew for each piece of text would cost more than the text, as each setting goes
//! through a lock of the whole runtime. To put a timer off does not.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// Text waits this long to be stored together.
const FLUSH_AFTER: Duration = Duration::from_millis(500);
/// A driver that has written nothing for this long looks whether somebody else has.
const LOOK_AFTER: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Flush,
    TimeLimit,
    Look,
    Renewal,
}

pub(crate) struct Timers {
    flush_at: Option<Instant>,
    time_limit: Option<Instant>,
    look_at: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Timers {
    pub(crate) fn new() -> Self {
        Self {
            flush_at: None,
            time_limit: None,
            look_at: Instant::now() + LOOK_AFTER,
            timer: Box::pin(sleep(LOOK_AFTER)),
        }
    }

    /// Waits for the first of them. The lease is renewed then; a look is due only where it is wanted.
    pub(crate) async fn next(&mut self, renew_at: Instant, wants_look: bool) -> Due {
        let (at, due) = self.first(renew_at, wants_look);
        self.timer.as_mut().reset(at);
        self.timer.as_mut().await;
        match due {
            Due::Flush => self.flush_at = None,
            Due::TimeLimit => self.time_limit = None,
            Due::Look | Due::Renewal => {}
        }
        due
    }

    fn first(&self, renew_at: Instant, wants_look: bool) -> (Instant, Due) {
        let others = [
            self.flush_at.map(|at| (at, Due::Flush)),
            self.time_limit.map(|at| (at, Due::TimeLimit)),
            wants_look.then_some((self.look_at, Due::Look)),
        ];
        let renewal = (renew_at, Due::Renewal);
        others.into_iter().flatten().fold(
            renewal,
            |first, other| {
                if other.0 < first.0 { other } else { first }
            },
        )
    }

    pub(crate) fn end_after(&mut self, left: Duration) {
        self.time_limit = Some(Instant::now() + left);
    }

    pub(crate) fn put_off_look(&mut self) {
        self.look_at = Instant::now() + LOOK_AFTER;
    }

    /// Text has begun to wait; what waits already is not put off.
    pub(crate) fn begin_flush(&mut self) {
        self.flush_at
            .get_or_insert_with(|| Instant::now() + FLUSH_AFTER);
    }

    pub(crate) fn stop_flush(&mut self) {
        self.flush_at = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    const RENEWAL_AFTER: Duration = Duration::from_secs(5);

    /// What is due next, and after how many milliseconds.
    async fn next(timers: &mut Timers, renew_at: Instant, wants_look: bool) -> (Due, u128) {
        let began = Instant::now();
        let due = timers.next(renew_at, wants_look).await;
        (due, began.elapsed().as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn each_comes_at_its_time_whatever_was_waited_for_before() {
        let (mut timers, renew_at) = (Timers::new(), Instant::now() + RENEWAL_AFTER);
        timers.end_after(Duration::from_secs(3));
        // A wait that something else has ended leaves the timer at a later time than what begins now.
        let wait = timers.next(renew_at, false);
        assert!(timeout(Duration::from_secs(1), wait).await.is_err());
        timers.begin_flush();
        assert_eq!(next(&mut timers, renew_at, false).await, (Due::Flush, 500));
        assert_eq!(
            next(&mut timers, renew_at, false).await,
            (Due::TimeLimit, 1_500)
        );
        assert_eq!(
            next(&mut timers, renew_at, false).await,
            (Due::Renewal, 2_000)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_over_comes_at_once_and_one_after_the_other() {
        let (mut timers, renew_at) = (Timers::new(), Instant::now() + RENEWAL_AFTER);
        timers.begin_flush();
        tokio::time::advance(RENEWAL_AFTER * 2).await;
        assert_eq!(next(&mut timers, renew_at, true).await, (Due::Flush, 0));
        assert_eq!(next(&mut timers, renew_at, true).await, (Due::Look, 0));
        timers.put_off_look();
        assert_eq!(next(&mut timers, renew_at, true).await, (Due::Renewal, 0));
        let renew_at = Instant::now() + RENEWAL_AFTER;
        assert_eq!(next(&mut timers, renew_at, true).await, (Due::Look, 500));
    }

    #[tokio::test(start_paused = true)]
    async fn text_that_waits_is_not_put_off_by_more_of_it_and_a_look_is() {
        let (mut timers, renew_at) = (Timers::new(), Instant::now() + RENEWAL_AFTER);
        timers.begin_flush();
        tokio::time::advance(Duration::from_millis(300)).await;
        timers.begin_flush();
        timers.put_off_look();
        assert_eq!(next(&mut timers, renew_at, true).await, (Due::Flush, 200));
        timers.begin_flush();
        timers.stop_flush();
        assert_eq!(next(&mut timers, renew_at, true).await, (Due::Look, 300));
    }
}
