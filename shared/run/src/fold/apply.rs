//! What each event changes in the state of a run.
//!
//! [`Run::apply`] is total: an event that does not fit changes nothing but the position.

use std::sync::Arc;

use super::{CallState, Phase, Round, Run, Step, Streamed};
use crate::{
    AskedBy, Attempt, Attempts, CallId, Delta, Event, ModelId, Origin, Outcome, Reservation, Role,
    Spent, Thought, ToolCall, ToolResult,
};

impl Run {
    /// Folds a log from its first event; `None` where it does not begin with a start.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Option<Self> {
        let mut events = events.into_iter();
        let Event::Start(start) = events.next()? else {
            return None;
        };
        let mut run = Self::begin((**start).clone());
        for event in events {
            run.apply(event);
        }
        Some(run)
    }

    /// Applies the next event of the log.
    // Long: it is one arm for each event and nothing else.
    pub fn apply(&mut self, event: &Event) {
        self.last_seq = self.last_seq.next();
        if self.ended().is_some() {
            return;
        }
        match event {
            Event::Start(_) => {}
            Event::RoundStart { round, reserved } => self.open_round(*round, *reserved),
            Event::OrchestratorThinking { thought, .. } => {
                if let (Some(round), Thought::Inline(text)) = (self.current_mut(), thought) {
                    round.reasoning.push(text.clone());
                }
            }
            Event::RoundDecided {
                calls,
                model,
                finish_reason,
                asked_by,
                duration_ms,
                usage,
                cost,
                prompt,
                ..
            } => {
                let spent = Spent {
                    duration_ms: *duration_ms,
                    usage: *usage,
                    cost: *cost,
                    prompt: *prompt,
                };
                self.close_decision(*calls, model, finish_reason, *asked_by, spent);
            }
            Event::ToolCall(call) => self.open_call(call.clone()),
            Event::Delta(delta) => self.append_text(delta),
            Event::Retry {
                call_id,
                attempt,
                model,
                ended,
                reserved,
                ..
            } => {
                if let Some(attempts) = self.attempts_mut(*call_id) {
                    attempts.go_on(model.clone(), ended.clone(), *reserved);
                    self.begin_attempt(*call_id, *attempt);
                }
            }
            Event::ToolResult(result) => self.close_call(result),
            Event::FinalAnswer {
                call_id,
                is_partial,
                ..
            } => {
                self.phase = Phase::Answered {
                    by: *call_id,
                    is_partial: *is_partial,
                }
            }
            Event::Error(error) => {
                self.end_decision(error.attempt.as_ref());
                if error.fatal {
                    self.failure = Some(error.problem.clone());
                }
            }
            Event::Suspended { .. } => {
                if let Phase::Working(step) = self.phase {
                    self.phase = Phase::Suspended(step);
                }
            }
            Event::Resumed { lost, .. } => self.take_over(*lost),
            Event::CancelRequested { by } => {
                self.cancelled_by.get_or_insert_with(|| by.clone());
            }
            Event::Complete {
                status,
                duration_ms,
                attempt,
            } => {
                self.end_decision(attempt.as_ref());
                self.phase = Phase::Ended {
                    status: *status,
                    duration_ms: *duration_ms,
                    answered_by: self.answered_by(),
                }
            }
        }
    }

    fn current_mut(&mut self) -> Option<&mut Round> {
        self.rounds.last_mut().map(Arc::make_mut)
    }

    fn open_round(&mut self, number: u32, reserved: Option<Reservation>) {
        let expected = self.current().map_or(1, |round| round.number + 1);
        if number == expected && matches!(self.phase.step(), Some(Step::Starting | Step::Acting)) {
            self.rounds.push(Arc::new(Round::new(number, reserved)));
            self.phase.go_to(Step::Deciding);
            self.recoveries = 0;
        }
    }

    /// The orchestrator's current attempt, if there is one, has ended without a decision.
    fn end_decision(&mut self, attempt: Option<&Attempt>) {
        if let (Some(round), Some(attempt)) = (self.current_mut(), attempt) {
            round.attempts.ask(attempt.model.clone());
            round.attempts.end(attempt.spent);
        }
    }

    fn close_decision(
        &mut self,
        calls: u32,
        model: &ModelId,
        finish_reason: &str,
        asked_by: AskedBy,
        spent: Spent,
    ) {
        if self.phase.step() != Some(Step::Deciding) {
            return;
        }
        if let Some(round) = self.current_mut() {
            round.decide(calls, model, finish_reason, asked_by, spent);
            self.phase.go_to(Step::Acting);
        }
    }

    fn open_call(&mut self, mut call: ToolCall) {
        if self.phase.step() != Some(Step::Acting) {
            return;
        }
        if let Some(round) = self.current_mut()
            && call.call_id == round.next_call_id()
        {
            // Older logs have no origins: there the last resort is the call beyond those that were decided.
            if call.spec.origin == Origin::Model && round.is_whole() {
                call.spec.origin = Origin::LastResort;
            }
            round.calls.push(CallState::new(call));
        }
    }

    fn append_text(&mut self, delta: &Delta) {
        if let Some(streamed) = self.text_mut(delta.call_id)
            && streamed.attempt == delta.attempt
            && streamed.utf16_len == delta.offset
        {
            streamed.push(&delta.content);
        }
    }

    fn begin_attempt(&mut self, call: CallId, attempt: u32) {
        let Some(streamed) = self.text_mut(call) else {
            return;
        };
        *streamed = Streamed::new(attempt);
        if let (CallId::Orchestrator { .. }, Some(round)) = (call, self.current_mut())
            && round.calls.is_empty()
        {
            round.decision = None;
            round.reasoning.clear();
            self.phase.go_to(Step::Deciding);
        }
    }

    fn close_call(&mut self, result: &ToolResult) {
        if let Some(call) = self.call_mut(result.call_id)
            && call.outcome.is_none()
        {
            call.outcome = Some(match call.spec.role.clone() {
                // Older logs hold a failure in its place.
                Role::Rejected { code, message } => Outcome::Rejected { code, message },
                Role::Work | Role::Answer => result.outcome.clone(),
            });
            call.attempts.end(result.spent);
        }
    }

    /// Another driver goes on. Calls of the decision that never reached the log are lost.
    fn take_over(&mut self, lost: bool) {
        self.resumed += 1;
        if let Phase::Suspended(step) = self.phase {
            self.phase = Phase::Working(step);
        } else if lost {
            self.recoveries += 1;
        }
        if let Some(round) = self.current_mut() {
            let stored = round.decided_calls();
            if let Some(decision) = &mut round.decision
                && stored > 0
            {
                decision.calls = decision.calls.min(stored);
            }
        }
    }

    fn attempts_mut(&mut self, call: CallId) -> Option<&mut Attempts> {
        match call {
            CallId::Orchestrator { round } => {
                let current = self.current_mut()?;
                (current.number == round).then_some(&mut current.attempts)
            }
            CallId::Tool { .. } => Some(&mut self.call_mut(call)?.attempts),
        }
    }

    fn text_mut(&mut self, call: CallId) -> Option<&mut Streamed> {
        match call {
            CallId::Orchestrator { round } => {
                let current = self.current_mut()?;
                (current.number == round).then_some(&mut current.text)
            }
            CallId::Tool { .. } => Some(&mut self.call_mut(call)?.text),
        }
    }

    fn call_mut(&mut self, call: CallId) -> Option<&mut CallState> {
        let round = self.current_mut()?;
        round.calls.iter_mut().find(|known| known.call_id == call)
    }
}
