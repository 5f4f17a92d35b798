//! What the loop wants to write next: a pure function of the fold and of the facts that are not stored.
//!
//! A draft of the run is taken on, step by step, as far as it goes without waiting.

mod acting;
mod deciding;
mod ending;
mod problems;
mod takeover;
mod text;

use std::collections::BTreeMap;

use crate::live::{Leaving, Live, LiveCall};
use crate::{Call, CallId, Event, Phase, Restart, Run, Status, Step};

/// All events that can be written now, in order; none when the run waits for something.
pub(crate) fn propose(run: &Run, live: &Live, now_ms: u64) -> Vec<Event> {
    let mut draft = Draft {
        run: run.clone(),
        live,
        now_ms,
        was_suspended: matches!(run.phase, Phase::Suspended(_)),
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
    /// The run as it is stored waits for a driver.
    was_suspended: bool,
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
