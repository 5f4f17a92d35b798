//! What the loop wants to write next: a pure function of the fold and of the facts that are not stored.
//!
//! A draft of the run is taken on, step by step, as far as it goes without waiting.

mod acting;
mod deciding;
mod problems;
mod takeover;
mod text;

use std::collections::BTreeMap;

use crate::live::{Leaving, Live, LiveCall};
use crate::{Call, CallId, Event, MAX_RECOVERIES, Phase, Problem, Restart, Run, Status, Step};

/// All events that can be written now, in order; none when the run waits for something.
pub(crate) fn propose(run: &Run, live: &Live, now_ms: u64) -> Vec<Event> {
    let mut draft = Draft {
        run: run.clone(),
        live,
        now_ms,
        events: Vec::new(),
    };
    draft.take_over();
    draft.start_over();
    while draft.step() {}
    draft.events
}

/// The run as it will be once `events` are stored.
struct Draft<'a> {
    run: Run,
    live: &'a Live,
    now_ms: u64,
    events: Vec<Event>,
}

impl Draft<'_> {
    fn push(&mut self, event: Event) {
        self.run.apply(&event);
        self.events.push(event);
    }

    /// Voids the text of calls that go on as another attempt.
    fn start_over(&mut self) {
        let live = self.live;
        for (&call_id, call) in &live.calls {
            match call {
                LiveCall::UnderWay(work) | LiveCall::Ended { work, .. } => {
                    self.void_all(call_id, &work.restarts);
                }
                LiveCall::BrokenOff { .. } => {}
            }
        }
    }

    /// Voids what calls have written that the next driver makes again.
    fn give_up_broken_off(&mut self) {
        let live = self.live;
        for (&call_id, call) in &live.calls {
            match call {
                LiveCall::BrokenOff { restarts } => self.void_all(call_id, restarts),
                LiveCall::UnderWay(_) | LiveCall::Ended { .. } => {}
            }
        }
    }

    fn void_all(&mut self, call_id: CallId, restarts: &BTreeMap<u32, Restart>) {
        for (&attempt, restart) in restarts {
            let known = self.run.text(call_id).map(|text| text.attempt);
            if known.is_some_and(|known| known < attempt) {
                self.void(Call { call_id, attempt }, restart.clone());
            }
        }
    }

    /// Begins an attempt: the text of those before it is void.
    fn void(&mut self, next: Call, restart: Restart) {
        let Restart {
            reason,
            model,
            ended,
        } = restart;
        self.push(Event::Retry {
            call_id: next.call_id,
            attempt: next.attempt,
            reason,
            model,
            ended,
        });
    }

    /// Takes the run one step on; false when it has to wait.
    fn step(&mut self) -> bool {
        match self.run.phase {
            Phase::Answered { .. } => self.complete(Status::Completed),
            Phase::Working(_) | Phase::Suspended(_) if self.must_end() => self.end(),
            Phase::Suspended(_) | Phase::Ended { .. } => false,
            Phase::Working(Step::Starting) => self.leave() || self.open_round(1),
            Phase::Working(Step::Deciding) => self.decide_round(),
            Phase::Working(Step::Acting) => self.act(),
        }
    }

    fn must_end(&self) -> bool {
        self.run.failure.is_some()
            || self.run.cancelled_by.is_some()
            || self.is_time_up()
            || self.run.recoveries > MAX_RECOVERIES
    }

    fn is_time_up(&self) -> bool {
        self.now_ms >= self.run.start.must_end_by_ms()
    }

    /// Ends a run that has no answer, for the first of the reasons that holds.
    fn end(&mut self) -> bool {
        let status = if self.run.failure.is_some() {
            Status::Failed
        } else if self.run.cancelled_by.is_some() {
            Status::Cancelled
        } else if self.is_time_up() {
            return self.fail(problems::time_is_up(self.run.start.plan.time_limit_ms));
        } else {
            return self.fail(problems::driver_lost_too_often());
        };
        self.close_open_calls(status);
        self.complete(status)
    }

    fn fail(&mut self, problem: Problem) -> bool {
        self.push(Event::Error {
            problem,
            fatal: true,
            attempt: None,
        });
        true
    }

    fn complete(&mut self, status: Status) -> bool {
        let duration_ms = self.now_ms.saturating_sub(self.run.start.created_at_ms);
        self.push(Event::Complete {
            status,
            duration_ms,
        });
        true
    }

    fn open_round(&mut self, round: u32) -> bool {
        self.push(Event::RoundStart { round });
        true
    }

    /// Leaves the run to another driver once nothing is in flight.
    fn leave(&mut self) -> bool {
        match &self.live.leaving {
            Leaving::Staying => false,
            Leaving::Suspending { .. } if self.live.is_waiting() => false,
            Leaving::Suspending { reason } => {
                self.give_up_broken_off();
                self.push(Event::Suspended {
                    reason: reason.clone(),
                    resume_after_ms: 0,
                });
                true
            }
            Leaving::Releasing => {
                self.give_up_broken_off();
                false
            }
        }
    }
}
