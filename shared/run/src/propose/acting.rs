//! Writing how tool calls end, and what follows when all of a round have.

use super::Draft;
use crate::{
    CallEnd, CallId, CallSpec, CallState, Event, ModelId, Origin, Outcome, Role, Spent, Status,
    ToolResult,
};

impl Draft<'_> {
    pub(super) fn act(&mut self) -> bool {
        if self.close_next_call() {
            return true;
        }
        let Some(round) = self.run.current() else {
            return false;
        };
        if let Some(answer) = round.calls.iter().find(|call| call.answered()) {
            let (call_id, model) = (answer.call_id, answer.model().cloned());
            return self.answer(call_id, model);
        }
        if !round.is_whole() || round.open_calls().next().is_some() {
            self.flush_due_texts();
            return self.leave();
        }
        self.close_round()
    }

    /// Writes the first result that is known and not stored.
    pub(super) fn close_next_call(&mut self) -> bool {
        let known = self
            .run
            .current()
            .and_then(|round| round.open_calls().find_map(|call| self.known_result(call)));
        let Some(result) = known else {
            return false;
        };
        self.flush(result.call_id);
        self.push(Event::ToolResult(result));
        true
    }

    fn known_result(&self, call: &CallState) -> Option<ToolResult> {
        let call_id = call.call_id;
        if let Role::Rejected { code, message } = call.spec.role.clone() {
            return Some(at_once(call_id, Outcome::Rejected { code, message }));
        }
        match self.live.end_of(call_id)? {
            CallEnd::Tool { outcome, spent } => Some(ToolResult {
                call_id,
                outcome: outcome.clone(),
                spent: *spent,
            }),
            CallEnd::Decided(_) | CallEnd::OrchestratorFailed { .. } => None,
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
        let was_last_resort_asked = round.asked_last_resort();
        let is_last = self.run.in_last_round();
        let needs_fallback = is_last || !called || self.run.is_stuck();
        match self.run.start.plan.fallback.clone() {
            Some(fallback) if !was_last_resort_asked && needs_fallback => {
                self.open_call(CallSpec {
                    tool: fallback.tool,
                    arguments: fallback.arguments,
                    model: Some(fallback.model),
                    role: Role::Answer,
                    repeatable: true,
                    origin: Origin::LastResort,
                    sources: None,
                });
                true
            }
            Some(_) | None if is_last => self.complete(Status::OutOfRounds),
            Some(_) | None => self.open_round(next),
        }
    }
}

/// The end of a call that took nothing.
pub(super) fn at_once(call_id: CallId, outcome: Outcome) -> ToolResult {
    ToolResult {
        call_id,
        outcome,
        spent: Spent::default(),
    }
}
