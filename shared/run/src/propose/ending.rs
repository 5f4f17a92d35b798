//! The end of a run: when it must come, with which status, and what becomes of calls that are open then.
//!
//! An answer ends it in `acting`, text without a call in `deciding`; both complete it here.

use super::acting::at_once;
use super::{Draft, problems};
use crate::{CallId, Event, MAX_RECOVERIES, Outcome, Problem, Spent, Status, ToolResult};

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

    pub(super) fn fail(&mut self, problem: Problem) -> bool {
        self.push(Event::Error {
            problem,
            fatal: true,
            attempt: None,
        });
        true
    }

    pub(super) fn complete(&mut self, status: Status) -> bool {
        let duration_ms = self.now_ms.saturating_sub(self.run.start.created_at_ms);
        self.push(Event::Complete {
            status,
            duration_ms,
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
        let open: Vec<_> = self
            .run
            .current()
            .map(|round| {
                let open = round.open_calls();
                open.map(|call| (call.call_id, round.waits(call))).collect()
            })
            .unwrap_or_default();
        for (call_id, waited) in open {
            self.flush(call_id);
            let not_run = |reason: &str| {
                let reason = reason.to_owned();
                at_once(call_id, Outcome::NotRun { reason })
            };
            let result = match (status, waited) {
                (Status::Completed, _) => not_run("An earlier answer ended the run."),
                (_, true) => not_run("The run ended before this call began."),
                (Status::Cancelled, false) => self.cut(call_id, "The run was cancelled."),
                (Status::Failed | Status::OutOfRounds, false) => {
                    self.cut(call_id, "The run ended before this call did.")
                }
            };
            self.push(Event::ToolResult(result));
        }
    }

    fn cut(&self, call_id: CallId, reason: &str) -> ToolResult {
        let work = self.live.work(call_id);
        let duration_ms = work.map_or(0, |work| self.now_ms.saturating_sub(work.began_at_ms));
        ToolResult {
            call_id,
            outcome: Outcome::Cancelled {
                reason: reason.to_owned(),
            },
            spent: Spent {
                duration_ms,
                ..Spent::default()
            },
        }
    }
}
