//! Leaves a provider alone that has refused, for as long as it asked.

use std::time::{Duration, SystemTime};

use crate::problem::Problem;

/// What is known of a provider's refusals. Time is an argument.
#[derive(Debug, Default)]
pub struct Breaker {
    state: State,
    /// Refusals in a row.
    times: u32,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Closed,
    Open {
        since: SystemTime,
        until: SystemTime,
        reason: String,
    },
}

impl Breaker {
    /// Fails while the provider is left alone. A clock that was set back to before the refusal ends the pause: what the
    /// pause was reckoned with does not hold any more.
    pub fn check(&self, now: SystemTime) -> Result<(), Problem> {
        match &self.state {
            State::Open {
                since,
                until,
                reason,
            } if (*since..*until).contains(&now) => Err(Problem::LeftAlone {
                left: until.duration_since(now).unwrap_or_default(),
                reason: reason.clone(),
            }),
            State::Open { .. } | State::Closed => Ok(()),
        }
    }

    /// Notes what a search came to; gives the pause that begins with it.
    pub fn note(&mut self, problem: Option<&Problem>, now: SystemTime) -> Option<Duration> {
        let problem = match problem {
            Some(Problem::FoundNothing) | None => {
                *self = Self::default();
                return None;
            }
            Some(problem) => problem,
        };
        let pause = problem.pause(self.times)?;
        let until = now.checked_add(pause)?;
        self.times += 1;
        self.state = State::Open {
            since: now,
            until,
            reason: problem.to_string(),
        };
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn at(minutes: u32) -> SystemTime {
        SystemTime::UNIX_EPOCH + 1_000_000 * MINUTE + minutes * MINUTE
    }

    fn left(breaker: &Breaker, now: SystemTime) -> Option<String> {
        breaker.check(now).err().map(|problem| problem.to_string())
    }

    #[test]
    fn who_challenged_is_asked_again_after_the_pause_and_after_a_longer_one_the_next_time() {
        let challenge = Problem::Challenge { wait: None };
        let mut breaker = Breaker::default();
        assert_eq!(left(&breaker, at(0)), None);
        assert_eq!(breaker.note(Some(&challenge), at(0)), Some(15 * MINUTE));
        let expected = "is left alone for 5 minutes more: it answered with a challenge that only a person can solve";
        assert_eq!(left(&breaker, at(10)).as_deref(), Some(expected));
        assert_eq!(left(&breaker, at(15)), None);
        assert_eq!(breaker.note(Some(&challenge), at(15)), Some(30 * MINUTE));
        assert!(left(&breaker, at(44)).is_some());
        assert_eq!(left(&breaker, at(45)), None);
        // One success, and all is forgotten.
        assert_eq!(breaker.note(None, at(45)), None);
        assert_eq!(breaker.note(Some(&challenge), at(46)), Some(15 * MINUTE));
    }

    #[test]
    fn what_is_no_refusal_opens_nothing_and_forgets_nothing() {
        let mut breaker = Breaker::default();
        for problem in [Problem::FoundNothing, Problem::TooLong, Problem::Busy] {
            assert_eq!(breaker.note(Some(&problem), at(0)), None);
            assert_eq!(left(&breaker, at(0)), None);
        }
    }

    #[test]
    fn a_clock_that_is_set_back_leaves_nobody_alone_for_years() {
        let mut breaker = Breaker::default();
        breaker.note(Some(&Problem::Limited { wait: None }), at(9_000_000));
        assert_eq!(left(&breaker, at(0)), None);
    }
}
