//! Beginning a round where its call can be paid for, and ending a run that has too little money left.

use super::draft::NoMoney;
use super::{Draft, problems};
use crate::{Call, CallId, Event, Status};

impl Draft<'_> {
    pub(super) fn open_round(&mut self, round: u32) -> bool {
        let call = Call {
            call_id: CallId::Orchestrator { round },
            attempt: 1,
        };
        match self.set_aside(call) {
            Ok(reserved) => {
                self.push(Event::RoundStart { round, reserved });
                true
            }
            Err(NoMoney) => self.end_over_budget(),
        }
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
