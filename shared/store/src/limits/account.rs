//! Accounts, and what each may use.

use run::{Cost, Owner};

use super::wish::Asker;

/// Requests of chat pages for themselves that come with one question: its title, its tags, what could be asked next, and one more.
const TASKS_OF_A_RUN: u32 = 4;

/// What an account may use at most. What is absent has no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Starts within any 60 seconds.
    pub runs_per_minute: Option<u32>,
    /// Runs that have not ended.
    pub parallel: Option<u32>,
    /// What runs of one day (UTC) may cost together: a run is of the day on which it was started.
    pub per_day: Option<Cost>,
}

/// Whose use is counted: an owner, or several together under a name of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub name: Owner,
    pub limits: Limits,
}

impl Limits {
    /// What counts for whoever asks: tasks have a minute of their own, and are not counted among the runs at once.
    pub(super) fn of(self, asker: Asker) -> Self {
        match asker {
            Asker::Run => self,
            Asker::Task => Self {
                runs_per_minute: self
                    .runs_per_minute
                    .map(|it| it.saturating_mul(TASKS_OF_A_RUN)),
                parallel: None,
                ..self
            },
        }
    }

    /// Whether nothing is limited.
    pub const fn is_none(&self) -> bool {
        self.runs_per_minute.is_none() && self.parallel.is_none() && self.per_day.is_none()
    }
}
