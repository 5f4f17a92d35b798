//! The end of a run: noted in its head and added to the sums of its owner's day in one transaction, so that each run stands in
//! the sums once, whatever broke off and whoever noted the end.

use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use run::{Allowance, Owner, RunId, Status, Summary};

use crate::day::Addends;
use crate::guarded::{Guarded, HeadChange};
use crate::head::{
    COST_NANO_USD, DURATION_MS, HeadStatus, LEASE_UNTIL, OPEN, STATUS, is_of, while_open,
};
use crate::item::{self, Item};
use crate::limits::release;
use crate::transaction::{CONDITION_FAILED, Transacted};
use crate::{FencingToken, Store, StoreError};

const OPERATION: &str = "finish a run";

/// How a run ended, and what it took.
#[derive(Clone, Copy, Debug)]
pub struct Ending<'a> {
    pub owner: &'a Owner,
    /// It decides on the day, so that whoever notes the end adds to the same one. Milliseconds since 1970.
    pub created_at_ms: u64,
    pub status: Status,
    pub duration_ms: u64,
    pub summary: &'a Summary,
    /// What the run holds of its accounts: what it did not use goes back to them.
    pub allowances: &'a [Allowance],
}

impl Store {
    /// Notes the end of a run, takes it out of the index of unfinished ones and adds it to the sums of its day; false when the run
    /// has another driver. Noting it again changes nothing.
    ///
    /// Sums that do not fit into the day's item are left out, and logged: no run stays open for them.
    pub async fn finish(
        &self,
        token: &FencingToken,
        ending: Ending<'_>,
    ) -> Result<bool, StoreError> {
        let set = [
            (STATUS, item::text(ending.status.as_str())),
            (DURATION_MS, item::number(ending.duration_ms)),
            (COST_NANO_USD, item::number(ending.summary.cost.nano_usd)),
        ];
        let guards = while_open(token);
        let change = || HeadChange {
            set: &set,
            remove: &[OPEN, LEASE_UNTIL],
            only_if: &guards,
        };
        let head = self.head_update(OPERATION, token.run_id, change())?;
        let mut items = vec![head];
        let sums = Addends::of_run(ending.status, ending.summary);
        let of_day = (ending.owner, ending.created_at_ms);
        let cost = ending.summary.cost;
        items.extend(self.settle(OPERATION, of_day, ending.allowances, (sums, cost))?);
        let without_slots = items.clone();
        items.extend(self.release_slots(token.run_id, ending.allowances)?);
        let mut ended = self.transact(OPERATION, items).await?;
        if let Transacted::Refused(reasons) = &ended
            && reasons.first().is_some_and(|head| !is_refused(head))
        {
            // A place of it has run out, and another run has it.
            ended = self.transact(OPERATION, without_slots).await?;
        }
        match ended {
            Transacted::Done => Ok(true),
            Transacted::Refused(reasons) => {
                let there = reasons.first().and_then(|head| head.item());
                Ok(there.is_some_and(|there| is_ended_by(token, there)))
            }
            Transacted::Invalid(error) => {
                tracing::error!(%error, "a run cannot be added to the sums of its day, and ends without them");
                let ended = self.update_head(OPERATION, token.run_id, change());
                match ended.await? {
                    Guarded::Done => Ok(true),
                    Guarded::Refused(there) => Ok(is_ended_by(token, &there)),
                }
            }
        }
    }

    fn release_slots(
        &self,
        run_id: RunId,
        allowances: &[Allowance],
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let slots = allowances
            .iter()
            .filter_map(|it| Some((&it.account, it.slot?)));
        let slots = slots.map(|slot| release(self, OPERATION, slot, run_id));
        slots.collect()
    }
}

fn is_refused(reason: &CancellationReason) -> bool {
    reason.code() == Some(CONDITION_FAILED)
}

/// Whether the head tells an end that this driver has noted: the first answer was lost.
fn is_ended_by(token: &FencingToken, there: &Item) -> bool {
    let status = item::read_text(there, STATUS).and_then(HeadStatus::parse);
    is_of(token, there) && matches!(status, Some(HeadStatus::Ended(_)))
}
