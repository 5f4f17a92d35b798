//! What comes to the days of a run's accounts when it has ended: what it cost, in the place of what was set aside for it.

use aws_sdk_dynamodb::types::TransactWriteItem;
use run::{Allowance, Cost, Owner};

use crate::day::Addends;
use crate::{Store, StoreError};

impl Store {
    /// Parts of a transaction that add these sums to the day of an owner, and the cost to what is committed of each account's dollars.
    pub(crate) fn settle(
        &self,
        operation: &'static str,
        (owner, created_at_ms): (&Owner, u64),
        allowances: &[Allowance],
        (sums, cost): (Addends, Cost),
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let is_own = |it: &&Allowance| it.account == *owner;
        let own = allowances.iter().find(is_own);
        let add = |account, addends: Addends| {
            self.add_to_day(operation, (account, None), created_at_ms, &addends)
        };
        // Also where nothing was set aside: limits may be set while the day goes on.
        let mut items = vec![add(
            owner,
            sums.settle(own.and_then(|own| own.reserved), cost),
        )?];
        for other in allowances.iter().filter(|it| !is_own(it)) {
            let addends = Addends::default().settle(other.reserved, cost);
            if !addends.is_empty() {
                items.push(add(&other.account, addends)?);
            }
        }
        Ok(items)
    }
}
