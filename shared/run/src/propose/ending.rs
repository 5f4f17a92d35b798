//! The end of a run: when it must come, with which status, and what becomes of calls that are open then.
//!
//! An answer ends it in `acting`, text without a call in `deciding`; both complete it here.

use super::results::at_once;
use super::{Draft, problems};
use crate::{
    Attempt, CallEnd, CallId, CallState, Event, MAX_RECOVERIES, Outcome, Problem, RunError, Status,
    Step, ToolResult,
};

impl Draft<'_> {
    /// Whether the run ends without waiting for an answer.
    pub(super) fn must_end(&self) -> bool {
        self.run.failure.is_some()
            || self.run.cancelled_by.is_some()
            || self.is_time_up()
            || self.run.recoveries > MAX_RECOVERIES
    }

    fn is_time_up(&self) -> bool {
        self.now_ms >= self.run.start.must_end_by_ms()
    }

    /// Ends a run that has no answer, for the first of the reasons that holds.
    pub(super) fn end(&mut self) -> bool {
        self.give_up_broken_off();
        if let Some(problem) = &self.run.failure {
            let status = if problem.is_over_budget() {
                Status::OverBudget
            } else {
                Status::Failed
            };
            self.close_open_calls(status);
            self.complete(status)
        } else if self.run.cancelled_by.is_some() {
            self.close_open_calls(Status::Cancelled);
            self.complete_with(Status::Cancelled, self.undecided())
        } else if self.is_time_up() {
            let problem = problems::time_is_up(self.run.start.plan.time_limit_ms);
            self.fail_with(problem, self.undecided())
        } else {
            self.fail_with(problems::driver_lost_too_often(), self.undecided())
        }
    }

    /// What the orchestrator's call took, where it has ended and its decision is not in the log: it was paid for all the same.
    pub(super) fn undecided(&self) -> Option<Attempt> {
        if self.run.phase.step() != Some(Step::Deciding) {
            return None;
        }
        let call_id = self.run.current()?.orchestrator_call();
        let Some(end) = self.live.end_of(call_id) else {
            let lost = self.run.lost_attempt(call_id);
            return (!lost.is_unknown()).then_some(lost);
        };
        match end {
            CallEnd::Decided(reply) => Some(Attempt {
                model: Some(reply.model.clone()),
                spent: reply.spent,
                invalid_answer: None,
            }),
            CallEnd::OrchestratorFailed { attempt, .. } => Some(attempt.clone()),
            CallEnd::Tool { .. } => None,
        }
    }

    pub(super) fn fail(&mut self, problem: Problem) -> bool {
        self.fail_with(problem, None)
    }

    pub(super) fn fail_with(&mut self, problem: Problem, attempt: Option<Attempt>) -> bool {
        self.push(Event::Error(RunError {
            problem,
            fatal: true,
            attempt,
        }));
        true
    }

    pub(super) fn complete(&mut self, status: Status) -> bool {
        self.complete_with(status, None)
    }

    fn complete_with(&mut self, status: Status, attempt: Option<Attempt>) -> bool {
        let duration_ms = self.now_ms.saturating_sub(self.run.start.created_at_ms);
        self.push(Event::Complete {
            status,
            duration_ms,
            attempt,
        });
        true
    }

    /// Gives every open call its result, so that none is left dangling at the end of a run.
    pub(super) fn close_open_calls(&mut self, status: Status) {
        if let Some(round) = self.run.current() {
            let call_id = round.orchestrator_call();
            self.flush(call_id);
        }
        while self.close_next_call() {}
        let (steps, calls): (Vec<_>, Vec<_>) = self
            .run
            .current()
            .into_iter()
            .flat_map(|round| {
                let open = round.open_calls();
                open.map(|call| (call.spec.origin.within(), call.call_id, round.waits(call)))
            })
            .partition(|(within, ..)| within.is_some());
        // No step is told of after the end of the call that it stands within.
        for (_, call_id, waits) in steps.into_iter().chain(calls) {
            let call = self.run.call(call_id);
            let has_begun = !waits && call.is_some_and(|call| self.has_begun(call));
            self.close_open_call(call_id, has_begun, status);
        }
    }

    fn close_open_call(&mut self, call_id: CallId, has_begun: bool, status: Status) {
        self.flush(call_id);
        let not_run = |reason: &str| {
            let reason = reason.to_owned();
            at_once(call_id, Outcome::NotRun { reason })
        };
        let result = match (status, has_begun) {
            (Status::Completed, _) => not_run("An earlier answer ended the run."),
            (_, false) => not_run("The run ended before this call began."),
            (Status::Cancelled, true) => self.cut(call_id, "The run was cancelled."),
            (Status::Failed | Status::OutOfRounds | Status::OverBudget, true) => {
                self.cut(call_id, "The run ended before this call did.")
            }
        };
        self.push(Event::ToolResult(result));
    }

    /// Whether a call that is next has been begun, by this driver or by one before.
    fn has_begun(&self, call: &CallState) -> bool {
        if let (Some(_), Some(round)) = (&call.spec.composition, self.run.current()) {
            // They have ended before it.
            return round.steps_of(call.call_id).any(CallState::was_called);
        }
        // A driver that suspends a run leaves nothing in flight; one that was lost may have begun whatever was next.
        let by_others = self.live.takeover.is_some() && !self.was_suspended;
        self.live.calls.contains_key(&call.call_id) || call.text.attempt > 1 || by_others
    }

    fn cut(&self, call_id: CallId, reason: &str) -> ToolResult {
        let work = self.live.work(call_id);
        let duration_ms = work.map_or(0, |work| self.now_ms.saturating_sub(work.began_at_ms));
        ToolResult {
            call_id,
            outcome: Outcome::Cancelled {
                reason: reason.to_owned(),
            },
            spent: self.run.broken_off(call_id, duration_ms),
        }
    }
}
