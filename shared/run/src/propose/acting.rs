//! Writing what follows from how the tool calls of a round end.

use super::{Draft, problems};
use crate::{
    CallId, CallSpec, Event, INVALID_ANSWER, ModelId, Origin, Outcome, Problem, Role, Round, Status,
};

impl Draft<'_> {
    pub(super) fn act(&mut self) -> bool {
        if self.close_next_call() {
            return true;
        }
        if let Some((call_id, model)) = self.run.current().and_then(answer_of) {
            return self.answer(call_id, model);
        }
        if self.open_steps() {
            return true;
        }
        let is_over = self.run.current().is_some_and(|round| {
            let mut open = round.open_calls();
            round.is_whole() && open.next().is_none()
        });
        if !is_over {
            self.flush_due_texts();
            return self.leave();
        }
        self.close_round()
    }

    fn answer(&mut self, call_id: CallId, model: Option<ModelId>) -> bool {
        self.close_open_calls(Status::Completed);
        self.push(Event::FinalAnswer {
            call_id,
            model,
            is_partial: false,
        });
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
        let called = !round.calls.is_empty();
        let is_answer = self.run.start.request.takes_text_as_answer();
        if wrote && !called && is_answer {
            let (call_id, model) = (round.orchestrator_call(), decision.model.clone());
            return self.answer(call_id, Some(model));
        }
        if let Some(problem) = invalid_answer(round) {
            return self.fail(problem);
        }
        if self.run.is_over_budget() {
            return self.end_over_budget();
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
                    model: fallback.model,
                    role: Role::Answer,
                    repeatable: true,
                    origin: Origin::LastResort,
                    sources: None,
                    composition: fallback.composition,
                });
                true
            }
            Some(_) | None if is_last => self.complete(Status::OutOfRounds),
            Some(_) | None => self.open_round(next),
        }
    }
}

/// Why no answer of a round can be had that fits its schema: a model that was asked for one has mended it in vain.
fn invalid_answer(round: &Round) -> Option<Problem> {
    let mut calls = round
        .asked_calls()
        .filter(|call| call.spec.role == Role::Answer);
    calls.find_map(|call| {
        let error = call.outcome.as_ref().and_then(Outcome::error)?;
        (error.code == INVALID_ANSWER).then(|| problems::invalid_answer(error.message))
    })
}

/// The call whose text is the answer of a round, and who wrote it.
fn answer_of(round: &Round) -> Option<(CallId, Option<ModelId>)> {
    let answer = round.calls.iter().find(|call| call.answered())?;
    let wrote = round.brought_by(answer);
    Some((wrote.call_id, wrote.model().cloned()))
}
