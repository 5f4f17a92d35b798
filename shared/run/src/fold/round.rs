//! Rounds, calls and their text, as the log tells them.

use crate::{CallId, Cost, ModelId, Outcome, Role, ToolCall, ToolResult, Usage};

/// One round.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    pub number: u32,
    pub reasoning: Vec<String>,
    /// What the orchestrator wrote beside or in place of calls.
    pub text: Streamed,
    pub decision: Option<Decision>,
    pub calls: Vec<CallState>,
}

/// The orchestrator's own call of a round.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Tool calls that it made; those that are stored may still be fewer.
    pub calls: u32,
    pub model: ModelId,
    pub finish_reason: String,
    pub usage: Usage,
    pub cost: Cost,
    pub duration_ms: u64,
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
    pub call: ToolCall,
    pub text: Streamed,
    pub result: Option<ToolResult>,
}

impl Round {
    pub(super) fn new(number: u32) -> Self {
        Self {
            number,
            reasoning: Vec::new(),
            text: Streamed::new(1),
            decision: None,
            calls: Vec::new(),
        }
    }

    pub const fn orchestrator_call(&self) -> CallId {
        CallId::Orchestrator { round: self.number }
    }

    pub fn call(&self, id: CallId) -> Option<&CallState> {
        self.calls.iter().find(|call| call.call.call_id == id)
    }

    /// Whether it asked for calls, none of which could be made.
    pub fn is_refused(&self) -> bool {
        let is_rejected = |call: &CallState| matches!(call.call.role, Role::Rejected { .. });
        !self.calls.is_empty() && self.calls.iter().all(is_rejected)
    }

    /// Calls that are stored and have no result yet.
    pub fn open_calls(&self) -> impl Iterator<Item = &CallState> {
        self.calls.iter().filter(|call| call.result.is_none())
    }

    /// Whether an answer call still has to let others go first.
    pub fn waits(&self, call: &CallState) -> bool {
        call.call.role == Role::Answer
            && self.open_calls().any(|other| match other.call.role {
                Role::Work => true,
                Role::Answer => other.call.call_id < call.call.call_id,
                Role::Rejected { .. } => false,
            })
    }

    /// Whether every call of the decision is in the log.
    pub fn is_whole(&self) -> bool {
        self.decision
            .as_ref()
            .is_some_and(|decision| decision.calls <= self.stored_calls())
    }

    pub(crate) fn next_call_id(&self) -> CallId {
        CallId::Tool {
            round: self.number,
            index: self.stored_calls() + 1,
        }
    }

    pub(super) fn stored_calls(&self) -> u32 {
        u32::try_from(self.calls.len()).unwrap_or(u32::MAX)
    }
}

impl CallState {
    /// Whether it is an answer call that succeeded.
    pub fn answered(&self) -> bool {
        self.call.role == Role::Answer
            && matches!(
                self.result,
                Some(ToolResult {
                    outcome: Outcome::Text { .. },
                    ..
                })
            )
    }

    /// Whether it has ended well.
    pub fn succeeded(&self) -> bool {
        self.result.as_ref().is_some_and(ToolResult::is_ok)
    }

    /// Whether the call stands in the totals.
    pub fn counts(&self) -> bool {
        let begun = !matches!(
            self.result,
            Some(ToolResult {
                outcome: Outcome::NotRun { .. },
                ..
            })
        );
        begun && !matches!(self.call.role, Role::Rejected { .. })
    }
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
