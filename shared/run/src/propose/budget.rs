//! Setting money aside before an attempt at a call, and ending a run that has too little of it left.

use super::{Draft, problems};
use crate::live::Untold;
use crate::{Attempt, Call, CallId, Cost, Event, Reservation, Restart, Spent, Status};

/// What an attempt can take at most is more than is left.
pub(super) struct NoMoney;

impl Draft<'_> {
    /// Sets aside what a call can take at most. In a run without a cap nothing is set aside.
    pub(super) fn set_aside(&mut self, call: Call) -> Result<Option<Reservation>, NoMoney> {
        if self.run.max_cost().is_none() {
            return Ok(None);
        }
        match self.live.quotes.of(call) {
            Ok(Some(most)) if self.is_left(most.cost, Cost::ZERO) => Ok(Some(most)),
            Ok(_) => Err(NoMoney),
            Err(Untold) => {
                self.unquoted.push(call);
                Ok(Some(Reservation::default()))
            }
        }
    }

    /// What is set aside for the attempt that follows one that is void: what was, without what that one took, or what it asks for.
    pub(super) fn set_aside_again(
        &self,
        call_id: CallId,
        restart: &Restart,
    ) -> Option<Reservation> {
        let before = self.run.attempts(call_id)?.reserved();
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
    fn is_left(&self, cost: Cost, freed: Cost) -> bool {
        let taken = self.run.committed().saturating_sub(freed);
        let sum: Cost = [taken, cost].into_iter().sum();
        self.run.max_cost().is_some_and(|cap| sum <= cap)
    }

    /// What an attempt may have taken whose driver was lost: all that was set aside for it.
    pub(super) fn lost_attempt(&self, call_id: CallId) -> Attempt {
        let attempts = self.run.attempts(call_id);
        let reserved = attempts.and_then(crate::Attempts::reserved);
        reserved.map_or_else(Attempt::default, |reserved| Attempt {
            model: attempts.and_then(|attempts| attempts.model().cloned()),
            spent: reserved.as_spent(0),
        })
    }

    /// What a call may have taken that was broken off here after so long.
    pub(super) fn broken_off(&self, call_id: CallId, duration_ms: u64) -> Spent {
        let spent = Spent {
            duration_ms,
            ..Spent::default()
        };
        let reserved = self
            .run
            .attempts(call_id)
            .and_then(crate::Attempts::reserved);
        reserved.map_or(spent, |reserved| reserved.as_spent(duration_ms))
    }

    /// Ends a run that has too little money left for what comes next with the best text that it has.
    pub(super) fn end_over_budget(&mut self) -> bool {
        self.give_up_broken_off();
        self.close_open_calls(Status::OverBudget);
        if let Some(call_id) = self.run.best_text() {
            self.push(Event::FinalAnswer {
                call_id,
                model: None,
                is_partial: true,
            });
            return true;
        }
        let cap = self.run.max_cost().unwrap_or_default();
        self.fail_with(problems::over_budget(cap), self.undecided())
    }
}
