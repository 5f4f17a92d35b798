//! Requests that are no runs and ask a model all the same, as that for the title of a conversation: they spend of the same dollars, and
//! have a number a minute of their own.

use std::collections::BTreeMap;

use run::{Allowance, ModelId, Owner, Tally};

use super::account::Account;
use super::limit_met::LimitMet;
use super::wish::Wish;
use crate::day::Addends;
use crate::transaction::Transacted;
use crate::{Store, StoreError};

const OPERATION: &str = "count a request";
/// More than are asked at once.
const ATTEMPTS: u32 = 200;

impl Store {
    /// Takes what a request may cost, before it is asked, or says which limit it would pass.
    ///
    /// # Errors
    /// The table cannot be used.
    pub async fn begin_task(
        &self,
        accounts: &[Account],
        wish: Wish,
    ) -> Result<Result<Vec<Allowance>, LimitMet>, StoreError> {
        for _ in 0..ATTEMPTS {
            let allotment = match self.allot(accounts, wish).await? {
                Ok(allotment) => allotment,
                Err(met) => return Ok(Err(met)),
            };
            let items = self.take(&allotment)?;
            if items.is_empty() {
                return Ok(Ok(Vec::new()));
            }
            match self.transact(OPERATION, items).await? {
                Transacted::Done => return Ok(Ok(allotment.allowances())),
                Transacted::Refused(_) => {}
                Transacted::Invalid(error) => return Err(error),
            }
        }
        Err(StoreError::Unavailable {
            operation: OPERATION,
            detail: "others were faster each time".to_owned(),
        })
    }

    /// Counts a request that began then and was no run, with what the models took that were asked.
    ///
    /// # Errors
    /// The table cannot be used, also after three seconds.
    pub async fn count_task(
        &self,
        (owner, allowances): (&Owner, &[Allowance]),
        by_model: &BTreeMap<ModelId, Tally>,
        began_at_ms: u64,
    ) -> Result<(), StoreError> {
        let cost = by_model.values().map(|tally| tally.cost).sum();
        let sums = Addends::of_task(by_model);
        let items = self.settle(OPERATION, (owner, began_at_ms), allowances, (sums, cost))?;
        match self.transact(OPERATION, items).await? {
            // They have no condition.
            Transacted::Done | Transacted::Refused(_) => Ok(()),
            Transacted::Invalid(error) => Err(error),
        }
    }
}
