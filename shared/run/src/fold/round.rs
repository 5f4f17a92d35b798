//! Rounds, calls and their text, as the log tells them.

use crate::{
    AskedBy, Attempts, CallId, CallSpec, ModelId, Origin, Outcome, Reservation, Role, Spent,
    ToolCall,
};

/// One round.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    pub number: u32,
    pub reasoning: Vec<String>,
    /// What the orchestrator wrote beside or in place of calls.
    pub text: Streamed,
    /// At the orchestrator's own call.
    pub attempts: Attempts,
    /// Attempts that stand in the decision, or in one before it whose calls were lost.
    decided_attempts: usize,
    pub decision: Option<Decision>,
    pub calls: Vec<CallState>,
}

/// What the orchestrator decided in a round.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Tool calls that it made; those that are stored may still be fewer.
    pub calls: u32,
    pub model: ModelId,
    pub finish_reason: String,
    pub asked_by: AskedBy,
    /// What its attempts took, without those of an earlier decision whose calls were lost.
    pub spent: Spent,
}

/// Text of a call as far as it is stored, of its latest attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Streamed {
    /// From 1.
    pub attempt: u32,
    pub text: String,
    /// Length of `text` in UTF-16 code units.
    pub utf16_len: u64,
}

/// A tool call and what has come of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CallState {
    pub call_id: CallId,
    pub spec: CallSpec,
    /// What the latest attempt wrote.
    pub text: Streamed,
    pub attempts: Attempts,
    /// Once it has ended.
    pub outcome: Option<Outcome>,
}

impl Round {
    pub(super) fn new(number: u32, reserved: Option<Reservation>) -> Self {
        Self {
            number,
            reasoning: Vec::new(),
            text: Streamed::new(1),
            attempts: Attempts::begin(None, reserved),
            decided_attempts: 0,
            decision: None,
            calls: Vec::new(),
        }
    }

    pub const fn orchestrator_call(&self) -> CallId {
        CallId::Orchestrator { round: self.number }
    }

    pub fn call(&self, id: CallId) -> Option<&CallState> {
        self.calls.iter().find(|call| call.call_id == id)
    }

    /// The calls that the orchestrator or the loop asked for: all but inner steps.
    pub fn asked_calls(&self) -> impl Iterator<Item = &CallState> {
        let calls = self.calls.iter();
        calls.filter(|call| call.spec.origin.within().is_none())
    }

    /// Whether it asked for calls, none of which could be made.
    pub fn is_refused(&self) -> bool {
        !self.calls.is_empty() && self.calls.iter().all(|call| call.spec.is_rejected())
    }

    /// Calls that are stored and have no result yet.
    pub fn open_calls(&self) -> impl Iterator<Item = &CallState> {
        self.calls.iter().filter(|call| call.outcome.is_none())
    }

    /// Whether an answer call still has to let others go first. The call that inner steps stand within stands for them.
    pub fn waits(&self, call: &CallState) -> bool {
        call.spec.role == Role::Answer
            && self.open_calls().any(|other| match other.spec.role {
                Role::Work => other.spec.origin.within().is_none(),
                Role::Answer => other.call_id < call.call_id,
                Role::Rejected { .. } => false,
            })
    }

    /// Whether every call of the decision is in the log.
    pub fn is_whole(&self) -> bool {
        self.decision
            .as_ref()
            .is_some_and(|decision| decision.calls <= self.decided_calls())
    }

    /// The attempt that was under way has brought a decision.
    pub(super) fn decide(
        &mut self,
        calls: u32,
        model: &ModelId,
        finish_reason: &str,
        asked_by: AskedBy,
        spent: Spent,
    ) {
        self.attempts.ask(Some(model.clone()));
        self.attempts.end(spent);
        self.decision = Some(Decision {
            calls,
            model: model.clone(),
            finish_reason: finish_reason.to_owned(),
            asked_by,
            spent: self.attempts.since(self.decided_attempts),
        });
        self.decided_attempts = self.attempts.ended().len();
    }

    /// Whether the loop itself has asked for an answer.
    pub fn asked_last_resort(&self) -> bool {
        let mut calls = self.calls.iter();
        calls.any(|call| call.spec.origin == Origin::LastResort)
    }

    pub(crate) fn next_call_id(&self) -> CallId {
        CallId::Tool {
            round: self.number,
            index: count(self.calls.iter()) + 1,
        }
    }

    /// Calls of the decision that are in the log.
    pub(super) fn decided_calls(&self) -> u32 {
        let calls = self.calls.iter();
        count(calls.filter(|call| call.spec.origin == Origin::Model))
    }
}

impl CallState {
    pub(super) fn new(call: ToolCall) -> Self {
        let ToolCall {
            call_id,
            spec,
            reserved,
        } = call;
        Self {
            call_id,
            text: Streamed::new(1),
            attempts: Attempts::begin(spec.model.clone(), reserved),
            outcome: None,
            spec,
        }
    }

    /// The model that was asked last, where the tool is one.
    pub fn model(&self) -> Option<&ModelId> {
        self.attempts.model()
    }

    /// What all its attempts took together. Of a call that is made of others see [`Round::spent`].
    pub(crate) fn spent(&self) -> Spent {
        self.attempts.total()
    }

    /// Whether it is an answer call that succeeded.
    pub fn answered(&self) -> bool {
        let brought_text = matches!(
            self.outcome,
            Some(Outcome::Text { .. } | Outcome::Composed { .. })
        );
        self.spec.role == Role::Answer && brought_text
    }

    /// Whether it has ended well.
    pub fn succeeded(&self) -> bool {
        self.outcome.as_ref().is_some_and(Outcome::is_ok)
    }

    /// Whether the tool was or is being called; what was not stands in no total.
    pub fn was_called(&self) -> bool {
        !self.spec.is_rejected() && self.outcome.as_ref().is_none_or(Outcome::was_called)
    }
}

fn count(calls: impl Iterator) -> u32 {
    u32::try_from(calls.count()).unwrap_or(u32::MAX)
}

impl Streamed {
    pub(super) const fn new(attempt: u32) -> Self {
        Self {
            attempt,
            text: String::new(),
            utf16_len: 0,
        }
    }

    pub(super) fn push(&mut self, content: &str) {
        self.text.push_str(content);
        self.utf16_len += utf16_len(content);
    }
}

/// Length of a text in UTF-16 code units, as browsers count.
pub(crate) fn utf16_len(text: &str) -> u64 {
    text.chars().map(|c| c.len_utf16() as u64).sum()
}
