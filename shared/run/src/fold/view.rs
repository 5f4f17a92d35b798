//! What a run's log says so far, for whoever asks.

use std::sync::Arc;

use super::{CallState, Phase, Round, Run, Streamed};
use crate::{CallId, Status};

impl Run {
    /// How the run ended, once it has.
    pub const fn ended(&self) -> Option<Status> {
        match self.phase {
            Phase::Ended { status, .. } => Some(status),
            Phase::Starting | Phase::Deciding | Phase::Acting | Phase::Answered { .. } => None,
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

    /// Whether the orchestrator has been told what was wrong with its calls, and in the next round asked for nothing better.
    pub fn is_stuck(&self) -> bool {
        let last_two = self.rounds.iter().rev().take(2);
        last_two.len() == 2 && last_two.clone().all(|round| round.is_refused())
    }

    /// Whether a tool has brought anything, if only an error: something to answer from.
    pub fn has_results(&self) -> bool {
        let mut calls = self.rounds.iter().flat_map(|round| &round.calls);
        calls.any(|call| call.result.is_some() && call.counts())
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
            Phase::Answered { by } => Some(by),
            Phase::Ended { answered_by, .. } => answered_by,
            Phase::Starting | Phase::Deciding | Phase::Acting => None,
        }
    }

    /// The answer's text, once it stands.
    pub fn answer(&self) -> Option<&str> {
        Some(self.text(self.answered_by()?)?.text.as_str())
    }

    pub(super) fn round(&self, number: u32) -> Option<&Round> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.rounds.get(index).map(Arc::as_ref)
    }
}
