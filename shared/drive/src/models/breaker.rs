//! A circuit breaker: a model whose server keeps failing is not asked for a while, so that runs do not wait for it one after the
//! other. Where somebody else can be asked, one that could not answer is left alone sooner, and for longer.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// So many failures within this time, with no answer between them, are too many.
const FAILURES: usize = 5;
const WINDOW: Duration = Duration::from_secs(30);
/// Then the circuit is open for so long; after that one question at a time finds out whether the model is back.
const REST: Duration = Duration::from_secs(5);
/// Where somebody else can be asked, a model that could not answer is left alone for so long where its server asks for no other time, …
const REST_BESIDE_OTHERS: Duration = Duration::from_secs(30);
/// … and at most for so long.
const LONGEST_REST: Duration = Duration::from_mins(5);

/// How asking one model on one server has gone lately.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    circuit: Circuit,
    /// Until when questions go to others, where there are others.
    spared_until: Option<Instant>,
    /// When it last answered.
    answered: Option<Instant>,
}

#[derive(Debug)]
enum Circuit {
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

impl Default for Circuit {
    fn default() -> Self {
        Self::Closed(VecDeque::new())
    }
}

impl Breaker {
    /// Whether the model may be asked now; else for how long it is left alone. `has_others`: somebody else can be asked.
    pub(crate) fn admit(&mut self, has_others: bool, now: Instant) -> Result<(), Duration> {
        if let (true, Some(until)) = (has_others, self.spared_until)
            && now < until
        {
            return Err(until - now);
        }
        self.circuit.admit(now)?;
        // One question finds out; until it has, the others go elsewhere.
        if let Some(until) = &mut self.spared_until {
            *until = (*until).max(now + REST);
        }
        Ok(())
    }

    pub(crate) fn answered(&mut self, now: Instant) {
        *self = Self {
            answered: Some(now),
            ..Self::default()
        };
    }

    pub(crate) fn failed(&mut self, now: Instant) {
        self.circuit.failed(now);
    }

    /// It could not answer a question, for which somebody else was asked or would have been. `after`: how long its server asks to be
    /// left alone. What was said before counts on where it is longer.
    pub(crate) fn spare(&mut self, after: Option<Duration>, now: Instant) {
        let rest = after.unwrap_or(REST_BESIDE_OTHERS).min(LONGEST_REST);
        let before = self.spared_until.unwrap_or(now);
        self.spared_until = Some(before.max(now + rest));
    }

    /// Whether it has answered within this time.
    pub(crate) fn has_answered_within(&self, time: Duration, now: Instant) -> bool {
        self.answered
            .is_some_and(|answered| now.duration_since(answered) < time)
    }
}

impl Circuit {
    fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        match self {
            Self::Closed(_) => Ok(()),
            Self::Open { until } | Self::Probing { until } if now < *until => Err(*until - now),
            Self::Open { .. } | Self::Probing { .. } => {
                *self = Self::Probing { until: now + REST };
                Ok(())
            }
        }
    }

    fn failed(&mut self, now: Instant) {
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
    const ALONE: bool = false;
    const BESIDE_OTHERS: bool = true;

    fn failing(now: Instant, times: usize) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..times {
            assert_eq!(breaker.admit(ALONE, now), Ok(()));
            breaker.failed(now);
        }
        breaker
    }

    #[test]
    fn a_model_that_keeps_failing_is_left_alone_and_then_asked_once() {
        for others in [ALONE, BESIDE_OTHERS] {
            let now = Instant::now();
            let mut breaker = failing(now, FAILURES);
            assert_eq!(breaker.admit(others, now + SECOND), Err(SECOND * 4));
            assert_eq!(breaker.admit(others, now + REST), Ok(()));
            let refused = breaker.admit(others, now + REST);
            assert_eq!(refused, Err(REST), "one at a time");
            breaker.failed(now + REST + SECOND);
            assert_eq!(breaker.admit(others, now + REST + SECOND), Err(REST));
            assert_eq!(breaker.admit(others, now + REST * 2 + SECOND), Ok(()));
            breaker.answered(now + REST * 2 + SECOND);
            assert_eq!(breaker.admit(others, now + REST * 2 + SECOND), Ok(()));
        }
    }

    #[test]
    fn a_question_that_never_ends_does_not_keep_a_model_out_for_ever() {
        let now = Instant::now();
        let mut breaker = failing(now, FAILURES);
        assert_eq!(breaker.admit(ALONE, now + REST), Ok(()));
        assert_eq!(breaker.admit(ALONE, now + REST * 2), Ok(()));
    }

    #[test]
    fn few_failures_old_ones_and_those_before_an_answer_do_not_count() {
        let now = Instant::now();
        let mut breaker = failing(now, FAILURES - 1);
        breaker.failed(now + WINDOW);
        assert_eq!(breaker.admit(ALONE, now + WINDOW), Ok(()));
        let mut breaker = failing(now, FAILURES - 1);
        breaker.answered(now);
        breaker.failed(now);
        assert_eq!(breaker.admit(ALONE, now), Ok(()));
    }

    #[test]
    fn one_that_could_not_answer_is_spared_where_there_are_others_and_asked_as_ever_where_there_are_none()
     {
        let now = Instant::now();
        let asked_for = |seconds| Some(SECOND * seconds);
        for (after, rest) in [
            (None, REST_BESIDE_OTHERS),
            (asked_for(7), SECOND * 7),
            (asked_for(86_400), LONGEST_REST),
        ] {
            let mut breaker = Breaker::default();
            breaker.spare(after, now);
            assert_eq!(breaker.admit(BESIDE_OTHERS, now), Err(rest));
            assert_eq!(breaker.admit(ALONE, now), Ok(()));
            breaker.answered(now);
            assert_eq!(breaker.admit(BESIDE_OTHERS, now), Ok(()), "it is back");
        }
        // One question finds out.
        let mut breaker = Breaker::default();
        breaker.spare(None, now);
        let later = now + REST_BESIDE_OTHERS;
        assert_eq!(breaker.admit(BESIDE_OTHERS, later), Ok(()));
        assert_eq!(breaker.admit(BESIDE_OTHERS, later), Err(REST));
        assert_eq!(breaker.admit(BESIDE_OTHERS, later + REST), Ok(()));
    }

    #[test]
    fn a_longer_rest_is_not_cut_by_a_shorter_one_and_a_shorter_one_is_lengthened() {
        let now = Instant::now();
        for (first, second) in [(60, 1), (1, 60)] {
            let mut breaker = Breaker::default();
            breaker.spare(Some(SECOND * first), now);
            breaker.spare(Some(SECOND * second), now);
            assert_eq!(breaker.admit(BESIDE_OTHERS, now), Err(SECOND * 60));
        }
    }

    #[test]
    fn it_is_known_whether_a_model_has_answered_lately() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        assert!(!breaker.has_answered_within(SECOND, now));
        breaker.answered(now);
        assert!(breaker.has_answered_within(SECOND, now));
        assert!(!breaker.has_answered_within(SECOND, now + SECOND));
    }
}
