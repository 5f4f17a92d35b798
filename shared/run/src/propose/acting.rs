//! Writing how tool calls end, and what follows when all of a round have.

use super::{Arrived, Draft, ProposedCall, Verdict};
use crate::{CallId, CallState, Event, ModelId, Outcome, Role, Status, ToolResult};

impl Draft<'_> {
    pub(super) fn act(&mut self) -> bool {
        if self.close_next_call() {
            return true;
        }
        let Some(round) = self.run.current() else {
            return false;
        };
        if let Some(answer) = round.calls.iter().find(|call| call.answered()) {
            let (call_id, model) = (answer.call.call_id, answer.call.model.clone());
            return self.answer(call_id, model);
        }
        if !round.is_whole() || round.open_calls().next().is_some() {
            self.flush_due_texts();
            return self.suspend();
        }
        self.close_round()
    }

    /// Writes the first result that is known and not stored.
    fn close_next_call(&mut self) -> bool {
        let known = self.run.current().and_then(|round| {
            round
                .open_calls()
                .find_map(|call| Some((call.call.call_id, self.known_result(call)?)))
        });
        let Some((call_id, result)) = known else {
            return false;
        };
        self.flush(call_id);
        self.push(Event::ToolResult(result));
        true
    }

    fn known_result(&self, call: &CallState) -> Option<ToolResult> {
        let call_id = call.call.call_id;
        if let Role::Rejected { code, message } = &call.call.role {
            return Some(failed(call_id, code, message));
        }
        match self.live.inbox.get(&call_id)? {
            Arrived::Result {
                outcome,
                duration_ms,
                usage,
                cost,
            } => Some(ToolResult {
                call_id,
                outcome: outcome.clone(),
                duration_ms: *duration_ms,
                usage: *usage,
                cost: *cost,
            }),
            Arrived::Decided(_) | Arrived::Undecided(_) => None,
        }
    }

    fn answer(&mut self, call_id: CallId, model: Option<ModelId>) -> bool {
        self.close_open_calls(Status::Completed);
        self.push(Event::FinalAnswer { call_id, model });
        true
    }

    /// All calls of the round have their results and none answered.
    fn close_round(&mut self) -> bool {
        let Some(round) = self.run.current() else {
            return false;
        };
        let Some(decision) = &round.decision else {
            return false;
        };
        let wrote = !round.text.text.trim().is_empty();
        let called = decision.calls > 0 || !round.calls.is_empty();
        if wrote && !called {
            let (call_id, model) = (round.orchestrator_call(), decision.model.clone());
            return self.answer(call_id, Some(model));
        }
        let next = round.number + 1;
        let fallback_was_asked = round.calls.len() > decision.calls as usize;
        let is_last = self.run.in_last_round();
        let needs_fallback = is_last || !called || self.run.is_stuck();
        match self.run.start.plan.fallback.clone() {
            Some(fallback) if !fallback_was_asked && needs_fallback => {
                self.open_call(ProposedCall {
                    tool: fallback.tool,
                    arguments: fallback.arguments,
                    model: Some(fallback.model),
                    verdict: Verdict::Answer,
                });
                true
            }
            Some(_) | None if is_last => self.complete(Status::OutOfRounds),
            Some(_) | None => self.open_round(next),
        }
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
                open.map(|call| (call.call.call_id, round.waits(call)))
                    .collect()
            })
            .unwrap_or_default();
        for (call_id, waited) in open {
            self.flush(call_id);
            let result = match (status, waited) {
                (Status::Completed, _) => not_run(call_id, "An earlier answer ended the run."),
                (_, true) => not_run(call_id, "The run ended before this call began."),
                (Status::Cancelled, false) => self.cut(call_id, "The run was cancelled."),
                (Status::Failed | Status::OutOfRounds, false) => {
                    self.cut(call_id, "The run ended before this call did.")
                }
            };
            self.push(Event::ToolResult(result));
        }
    }

    fn cut(&self, call_id: CallId, message: &str) -> ToolResult {
        let begun = self.live.begun.get(&call_id);
        ToolResult {
            duration_ms: begun.map_or(0, |begun| self.now_ms.saturating_sub(begun.at_ms)),
            ..failed(call_id, "cancelled", message)
        }
    }
}

pub(super) fn failed(call_id: CallId, code: &str, message: &str) -> ToolResult {
    ToolResult {
        call_id,
        outcome: Outcome::Failed {
            code: code.to_owned(),
            message: message.to_owned(),
            retryable: false,
        },
        duration_ms: 0,
        usage: None,
        cost: None,
    }
}

fn not_run(call_id: CallId, reason: &str) -> ToolResult {
    ToolResult {
        call_id,
        outcome: Outcome::NotRun {
            reason: reason.to_owned(),
        },
        duration_ms: 0,
        usage: None,
        cost: None,
    }
}
