//! What the loop wants to write next: a pure function of the fold and of the facts that are not stored.
//!
//! A draft of the run is taken on, step by step, as far as it goes without waiting.

mod acting;
mod deciding;
mod problems;
mod reply;
mod takeover;
mod text;

use crate::decide::Live;
use crate::{Call, Event, MAX_RECOVERIES, Phase, Problem, Restart, Run, Status};

pub use reply::{CallEnd, Reply};

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
    draft.note_cancel();
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
        for (&call, restart) in &self.live.started_over {
            let known = self.run.text(call.call_id).map(|text| text.attempt);
            if known.is_some_and(|known| known < call.attempt) {
                self.void(call, restart.clone());
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

    fn note_cancel(&mut self) {
        if let (Some(by), None) = (&self.live.cancel, &self.run.cancelled_by)
            && self.run.ended().is_none()
        {
            self.push(Event::CancelRequested { by: by.clone() });
        }
    }

    /// Takes the run one step on; false when it has to wait.
    fn step(&mut self) -> bool {
        match self.run.phase {
            Phase::Ended { .. } => false,
            Phase::Answered { .. } => self.complete(Status::Completed),
            Phase::Starting | Phase::Deciding | Phase::Acting if self.must_end() => self.end(),
            Phase::Starting | Phase::Deciding | Phase::Acting if self.run.suspended => false,
            Phase::Starting => self.suspend() || self.open_round(1),
            Phase::Deciding => self.decide_round(),
            Phase::Acting => self.act(),
        }
    }

    fn must_end(&self) -> bool {
        self.run.failure.is_some()
            || self.run.cancelled_by.is_some()
            || self.live.time_is_up
            || self.run.recoveries > MAX_RECOVERIES
    }

    /// Ends a run that has no answer, for the first of the reasons that holds.
    fn end(&mut self) -> bool {
        let status = if self.run.failure.is_some() {
            Status::Failed
        } else if self.run.cancelled_by.is_some() {
            Status::Cancelled
        } else if self.live.time_is_up {
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
    fn suspend(&mut self) -> bool {
        let Some(reason) = &self.live.deadline else {
            return false;
        };
        if self.live.is_waiting() {
            return false;
        }
        let reason = reason.clone();
        if let Some((mut call, restart)) = self.live.broken_off.clone()
            && let Some(known) = self.run.text(call.call_id).map(|text| text.attempt)
            && known <= call.attempt
        {
            call.attempt = known + 1;
            self.void(call, restart);
        }
        self.push(Event::Suspended {
            reason,
            resume_after_ms: 0,
        });
        true
    }
}
