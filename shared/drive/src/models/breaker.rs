//! A circuit breaker: a model whose server keeps failing is not asked for a while, so that runs do not wait for it one after the
//! other.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// So many failures within this time, with no answer between them, are too many.
const FAILURES: usize = 5;
const WINDOW: Duration = Duration::from_secs(30);
/// Then the circuit is open for so long; after that one question at a time finds out whether the model is back.
const REST: Duration = Duration::from_secs(5);

/// How asking one model has gone lately.
#[derive(Debug)]
pub(crate) enum Breaker {
    /// The times of the latest failures.
    Closed(VecDeque<Instant>),
    Open {
        until: Instant,
    },
    /// A question is on its way that tells whether the model is back; it may get lost.
    Probing {
        until: Instant,
    },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed(VecDeque::new())
    }
}

impl Breaker {
    /// Whether the model may be asked now; else for how long the circuit stays open.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        match self {
            Self::Closed(_) => Ok(()),
            Self::Open { until } | Self::Probing { until } if now < *until => Err(*until - now),
            Self::Open { .. } | Self::Probing { .. } => {
                *self = Self::Probing { until: now + REST };
                Ok(())
            }
        }
    }

    pub(crate) fn answered(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn failed(&mut self, now: Instant) {
        let until = now + REST;
        match self {
            Self::Closed(failures) => {
                failures.retain(|at| now.duration_since(*at) < WINDOW);
                failures.push_back(now);
                if failures.len() >= FAILURES {
                    *self = Self::Open { until };
                }
            }
            // Questions that were on their way already say nothing new.
            Self::Open { .. } => {}
            Self::Probing { .. } => *self = Self::Open { until },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn failing(now: Instant, times: usize) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..times {
            assert_eq!(breaker.admit(now), Ok(()));
            breaker.failed(now);
        }
        breaker
    }

    #[test]
    fn a_model_that_keeps_failing_is_left_alone_and_then_asked_once() {
        let now = Instant::now();
        let mut breaker = failing(now, FAILURES);
        assert_eq!(breaker.admit(now + SECOND), Err(SECOND * 4));
        assert_eq!(breaker.admit(now + REST), Ok(()));
        assert_eq!(breaker.admit(now + REST), Err(REST), "one at a time");
        breaker.failed(now + REST + SECOND);
        assert_eq!(breaker.admit(now + REST + SECOND), Err(REST));
        assert_eq!(breaker.admit(now + REST * 2 + SECOND), Ok(()));
        breaker.answered();
        assert_eq!(breaker.admit(now + REST * 2 + SECOND), Ok(()));
    }

    #[test]
    fn a_question_that_never_ends_does_not_keep_a_model_out_for_ever() {
        let now = Instant::now();
        let mut breaker = failing(now, FAILURES);
        assert_eq!(breaker.admit(now + REST), Ok(()));
        assert_eq!(breaker.admit(now + REST * 2), Ok(()));
    }

    #[test]
    fn few_failures_old_ones_and_those_before_an_answer_do_not_count() {
        let now = Instant::now();
        let mut breaker = failing(now, FAILURES - 1);
        breaker.failed(now + WINDOW);
        assert_eq!(breaker.admit(now + WINDOW), Ok(()));
        let mut breaker = failing(now, FAILURES - 1);
        breaker.answered();
        breaker.failed(now);
        assert_eq!(breaker.admit(now), Ok(()));
    }
}
