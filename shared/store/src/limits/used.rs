//! What an account has used, for people.

use run::Cost;

use super::account::Account;
use super::places::Places;
use crate::day;
use crate::{Store, StoreError};

/// What counts against an account's limits now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Starts within the last 60 seconds.
    pub runs_in_minute: usize,
    pub at_once: usize,
    /// What runs of today (UTC) have cost that have ended.
    pub spent: Cost,
    /// What is set aside for those that have not.
    pub reserved: Cost,
    /// When the day is over, in milliseconds since 1970.
    pub resets_at_ms: u64,
}

impl Store {
    /// What an account has used by now.
    ///
    /// # Errors
    /// The table cannot be used.
    pub async fn used(&self, account: &Account, now_ms: u64) -> Result<Used, StoreError> {
        let Account { name, limits } = account;
        let held = Box::pin(self.held(name, now_ms)).await?;
        let (committed, spent) = match limits.per_day {
            Some(_) => Box::pin(self.money_of_day(name, now_ms)).await?,
            None => (Cost::ZERO, Cost::ZERO),
        };
        Ok(Used {
            runs_in_minute: held.of(Places::Minute).len(),
            at_once: held.of(Places::Slots).len(),
            spent,
            reserved: committed.saturating_sub(spent),
            resets_at_ms: day::end_ms(now_ms),
        })
    }
}
