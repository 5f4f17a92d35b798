//! What a run's log says so far, for whoever asks.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{CallState, Phase, Round, Run, Streamed};
use crate::{AnswerSchema, CallId, Outcome, Role, Stage, Status, ToolName, answer_json, by_key};

/// Whose files are asked for.
#[derive(Clone, Copy, Debug)]
pub enum FilesOf<'a> {
    Tool(&'a ToolName),
    /// Of every tool but this one.
    Others(&'a ToolName),
}

impl Run {
    /// How the run ended, once it has.
    pub const fn ended(&self) -> Option<Status> {
        match self.phase {
            Phase::Ended { status, .. } => Some(status),
            Phase::Working(_) | Phase::Suspended(_) | Phase::Answered { .. } => None,
        }
    }

    /// Whether it waits for another driver.
    pub const fn is_suspended(&self) -> bool {
        match self.phase {
            Phase::Suspended(_) => true,
            Phase::Working(_) | Phase::Answered { .. } | Phase::Ended { .. } => false,
        }
    }

    /// The round that is being worked on, or the last one.
    pub fn current(&self) -> Option<&Round> {
        self.rounds.last().map(Arc::as_ref)
    }

    /// Whether the current round may only answer.
    pub fn in_last_round(&self) -> bool {
        self.current()
            .is_some_and(|round| round.number >= self.start.request.max_rounds)
    }

    /// Whether all calls of the last two rounds were refused: the orchestrator was told why, and its next calls were no better.
    pub fn is_stuck(&self) -> bool {
        let last_two = self.rounds.iter().rev().take(2);
        last_two.len() == 2 && last_two.clone().all(|round| round.is_refused())
    }

    /// Whether the orchestrator was told what came of a call, if only an error or a refusal: the run goes on to an answer.
    pub fn has_results(&self) -> bool {
        let mut calls = self.rounds.iter().flat_map(|round| &round.calls);
        calls.any(|call| call.outcome.is_some())
    }

    /// Text of a call as far as it is stored.
    pub fn text(&self, call: CallId) -> Option<&Streamed> {
        let round = self.round(call.round())?;
        match call {
            CallId::Orchestrator { .. } => Some(&round.text),
            CallId::Tool { .. } => Some(&round.call(call)?.text),
        }
    }

    /// A call by its id.
    pub fn call(&self, call: CallId) -> Option<&CallState> {
        self.round(call.round())?.call(call)
    }

    /// The call that gave the answer, once it stands.
    pub const fn answered_by(&self) -> Option<CallId> {
        match self.phase {
            Phase::Answered { by, .. } => Some(by),
            Phase::Ended { answered_by, .. } => answered_by,
            Phase::Working(_) | Phase::Suspended(_) => None,
        }
    }

    /// The answer's text, once it stands. By a schema it is the JSON alone, whatever the model set around it.
    pub fn answer(&self) -> Option<&str> {
        let text = self.text(self.answered_by()?)?.text.as_str();
        Some(self.answer_object().map_or(text, |(json, _)| json))
    }

    /// The answer as JSON, and as an object, where a schema asks for one and the text is one: the best text of a run whose money was used
    /// up may be none.
    pub fn answer_object(&self) -> Option<(&str, Map<String, Value>)> {
        self.start.request.answer_schema.as_ref()?;
        answer_json(&self.text(self.answered_by()?)?.text)
    }

    /// The schema that the text of a call has to fit: of one that answers, or writes what a discussion that answers has come to.
    pub fn answer_schema(&self, call: &CallState) -> Option<&AnswerSchema> {
        let schema = self.start.request.answer_schema.as_deref()?;
        let answering = match call.spec.origin.within() {
            None => call,
            Some(whole) => {
                let writes = call.spec.origin.stage() == Some(Stage::Synthesis);
                self.call(whole).filter(|_| writes)?
            }
        };
        (answering.spec.role == Role::Answer).then_some(schema)
    }

    /// The files that tools have made before a round, the newest of each name, as a pair of name and version: those of a tool, or
    /// those of all the others.
    pub fn files(&self, whose: FilesOf, before_round: u32) -> Vec<(String, String)> {
        let rounds = self.rounds.iter();
        let rounds = rounds.take_while(|round| round.number < before_round);
        let calls = rounds.flat_map(|round| &round.calls);
        let listed = calls
            .filter(|call| match whose {
                FilesOf::Tool(tool) => call.spec.tool == *tool,
                FilesOf::Others(tool) => call.spec.tool != *tool,
            })
            .filter_map(|call| match call.outcome.as_ref()? {
                Outcome::Object(result) => Some(result.artifacts()),
                Outcome::Text { .. }
                | Outcome::Composed { .. }
                | Outcome::Failed { .. }
                | Outcome::Rejected { .. }
                | Outcome::NotRun { .. }
                | Outcome::OverBudget { .. }
                | Outcome::Cancelled { .. } => None,
            })
            .flatten();
        let kept = listed.filter_map(|entry| Some((entry.name.clone(), entry.version.clone()?)));
        // A later file replaces an earlier one of the same name.
        by_key(kept).into_iter().collect()
    }

    /// A round by its number.
    pub fn round(&self, number: u32) -> Option<&Round> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.rounds.get(index).map(Arc::as_ref)
    }
}
