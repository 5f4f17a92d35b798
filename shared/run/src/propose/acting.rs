//! Writing what follows from how the tool calls of a round end.

use super::Draft;
use crate::{CallId, CallSpec, Event, ModelId, Origin, Role, Status};

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
