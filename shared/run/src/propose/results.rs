//! Writing how tool calls end.

use super::Draft;
use crate::{CallEnd, CallId, CallState, Event, Outcome, Role, Spent, ToolResult};

impl Draft<'_> {
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
        if call.spec.composition.is_some() {
            let outcome = self.composed_outcome(call)?;
            return Some(at_once(call_id, outcome));
        }
        if self.run.lacks_money_for(&call.attempts) {
            let has_begun = call.text.attempt > 1;
            return Some(at_once(call_id, Outcome::OverBudget { has_begun }));
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
}

/// The result of a call that was not made: it took no time and no tokens.
pub(super) fn at_once(call_id: CallId, outcome: Outcome) -> ToolResult {
    ToolResult {
        call_id,
        outcome,
        spent: Spent::default(),
    }
}
