//! The run as it will be, and what every step does to it.

use std::collections::BTreeMap;

use crate::live::{Leaving, Live, LiveCall, Untold};
use crate::{Call, CallId, CallSpec, Cost, Event, Reservation, Restart, Round, Run, ToolCall};

/// The run as it will be once `events` are stored.
pub(super) struct Draft<'a> {
    pub(super) run: Run,
    pub(super) live: &'a Live,
    pub(super) now_ms: u64,
    /// The run as it is stored waits for a driver.
    pub(super) was_suspended: bool,
    pub(super) events: Vec<Event>,
    /// Calls that were begun without knowing what they can take at most.
    pub(super) unquoted: Vec<Call>,
}

/// What an attempt can take at most is more than is left.
pub(super) struct NoMoney;

impl Draft<'_> {
    pub(super) fn push(&mut self, event: Event) {
        self.run.apply(&event);
        self.events.push(event);
    }

    /// Voids the text of calls that go on as another attempt.
    pub(super) fn start_over(&mut self) {
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

    /// Voids what calls have written that the next driver makes again, with as much set aside as was for what was broken off.
    pub(super) fn give_up_broken_off(&mut self) {
        let live = self.live;
        for (&call_id, call) in &live.calls {
            match call {
                LiveCall::BrokenOff { restarts } => {
                    let reserved = self.run.reserved(call_id);
                    let mut restarts = restarts.clone();
                    if let Some(mut last) = restarts.last_entry() {
                        let restart = last.get_mut();
                        restart.reserves = restart.reserves.or(reserved);
                    }
                    self.void_all(call_id, &restarts);
                }
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
        let reserved = self.run.reserved_again(next.call_id, &restart);
        let Restart {
            reason,
            model,
            ended,
            reserves: _,
        } = restart;
        self.push(Event::Retry {
            call_id: next.call_id,
            attempt: next.attempt,
            reason,
            model,
            ended,
            reserved,
        });
    }

    /// Sets aside what a call can take at most. In a run without a cap nothing is set aside.
    pub(super) fn set_aside(&mut self, call: Call) -> Result<Option<Reservation>, NoMoney> {
        if self.run.max_cost().is_none() {
            return Ok(None);
        }
        match self.live.quotes.of(call) {
            Ok(Some(most)) if self.run.is_left(most.cost, Cost::ZERO) => Ok(Some(most)),
            Ok(_) => Err(NoMoney),
            Err(Untold) => {
                self.unquoted.push(call);
                Ok(Some(Reservation::default()))
            }
        }
    }

    /// Leaves the run to another driver once nothing is in flight.
    pub(super) fn leave(&mut self) -> bool {
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

    pub(super) fn open_call(&mut self, spec: CallSpec) {
        let Some(call_id) = self.run.current().map(Round::next_call_id) else {
            return;
        };
        let call = Call {
            call_id,
            attempt: 1,
        };
        // A call for which nothing could be set aside stands in the log as one that was not made.
        let reserved = if spec.is_made() {
            self.set_aside(call).unwrap_or(None)
        } else {
            None
        };
        self.push(Event::ToolCall(ToolCall {
            call_id,
            spec,
            reserved,
        }));
    }
}
