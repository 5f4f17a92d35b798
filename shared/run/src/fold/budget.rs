//! A run's money: what is spent of it and set aside, and what there is to show when it is used up.

use super::{CallState, Round, Run};
use crate::{Attempt, Attempts, CallId, Cost, Outcome, Reservation, Restart, Spent};

impl Run {
    /// What the run may cost at most, where it has a cap.
    pub fn max_cost(&self) -> Option<Cost> {
        self.start.max_cost()
    }

    /// What is spent, and set aside for what is under way.
    pub fn committed(&self) -> Cost {
        let of_calls = |round: &Round| {
            let calls = round.calls.iter().map(|call| committed(&call.attempts));
            calls.sum::<Cost>()
        };
        let rounds = self.rounds.iter();
        rounds
            .flat_map(|round| [committed(&round.attempts), of_calls(round)])
            .sum()
    }

    /// The attempts at a call.
    pub(crate) fn attempts(&self, call: CallId) -> Option<&Attempts> {
        match call {
            CallId::Orchestrator { round } => Some(&self.round(round)?.attempts),
            CallId::Tool { .. } => Some(&self.call(call)?.attempts),
        }
    }

    /// What is set aside for the current attempt at a call.
    pub fn reserved(&self, call: CallId) -> Option<Reservation> {
        self.attempts(call)?.reserved()
    }

    /// Whether more is committed than the run may cost: a server has charged more than was asked of it.
    pub(crate) fn is_over_cap(&self) -> bool {
        self.max_cost().is_some_and(|cap| self.committed() > cap)
    }

    /// What is set aside for the attempt that follows one that is void: what was, without what that one took, or what it asks for.
    pub(crate) fn reserved_again(&self, call: CallId, restart: &Restart) -> Option<Reservation> {
        let before = self.reserved(call);
        let left = before.map(|before| before.without(restart.ended.spent));
        let Some(most) = restart.reserves else {
            return left;
        };
        let freed = before.map_or(Cost::ZERO, |before| before.cost);
        let ended = restart.ended.spent.cost.unwrap_or_default();
        let cost: Cost = [ended, most.cost].into_iter().sum();
        self.is_left(cost, freed).then_some(most)
    }

    /// Whether so much is left, with what has become free.
    pub(crate) fn is_left(&self, cost: Cost, freed: Cost) -> bool {
        let taken = self.committed().saturating_sub(freed);
        let sum: Cost = [taken, cost].into_iter().sum();
        self.max_cost().is_some_and(|cap| sum <= cap)
    }

    /// What an attempt may have taken whose driver was lost: all that was set aside for it.
    pub(crate) fn lost_attempt(&self, call: CallId) -> Attempt {
        let reserved = self.reserved(call);
        reserved.map_or_else(Attempt::default, |reserved| Attempt {
            model: self.attempts(call).and_then(|it| it.model().cloned()),
            spent: reserved.as_spent(0),
            invalid_answer: None,
        })
    }

    /// What a call may have taken that was broken off here after so long.
    pub(crate) fn broken_off(&self, call: CallId, duration_ms: u64) -> Spent {
        let spent = Spent {
            duration_ms,
            ..Spent::default()
        };
        let reserved = self.reserved(call);
        reserved.map_or(spent, |reserved| reserved.as_spent(duration_ms))
    }

    /// Whether an attempt may not be made, as nothing could be set aside for it.
    pub(crate) fn lacks_money_for(&self, attempts: &Attempts) -> bool {
        self.max_cost().is_some() && attempts.reserved().is_none()
    }

    /// Whether the run ends with what it has: a call of this round could not be paid for, or more was charged than there is.
    pub(crate) fn is_over_budget(&self) -> bool {
        let calls = self.current().map(|round| round.calls.iter());
        let refused = |call: &CallState| matches!(call.outcome, Some(Outcome::OverBudget { .. }));
        self.is_over_cap() || calls.into_iter().flatten().any(refused)
    }

    /// The text that comes nearest to an answer: what a model that is a tool wrote last, to its end if there is such a one, else what
    /// the orchestrator wrote last.
    pub(crate) fn best_text(&self) -> Option<CallId> {
        let rounds = || self.rounds.iter().rev();
        let calls = || rounds().flat_map(|round| round.calls.iter().rev());
        let wrote = |text: &str| !text.trim().is_empty();
        let written = |is_whole: bool| {
            let mut calls = calls();
            let found = calls.find(|call| call.succeeded() == is_whole && wrote(&call.text.text));
            found.map(|call| call.call_id)
        };
        let by_orchestrator = || {
            let found = rounds().find(|round| wrote(&round.text.text));
            found.map(|round| round.orchestrator_call())
        };
        written(true)
            .or_else(|| written(false))
            .or_else(by_orchestrator)
    }
}

fn committed(attempts: &Attempts) -> Cost {
    let spent = attempts.total().cost.unwrap_or_default();
    let reserved = attempts.reserved().map(|reserved| reserved.cost);
    [spent, reserved.unwrap_or_default()].into_iter().sum()
}
