//! The end of a run: noted in its head and added to the sums of its owner's day in one transaction, so that each run stands in
//! the sums once, whatever broke off and whoever noted the end.

use run::{Owner, Status, Summary};

use crate::day::Addends;
use crate::guarded::{Guarded, HeadChange};
use crate::head::{
    COST_NANO_USD, DURATION_MS, HeadStatus, LEASE_UNTIL, OPEN, STATUS, is_of, while_open,
};
use crate::item::{self, Item};
use crate::transaction::Transacted;
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
        let addends = Addends::of_run(ending.status, ending.summary);
        let items = vec![
            self.head_update(OPERATION, token.run_id, change())?,
            self.add_to_day(OPERATION, ending.owner, ending.created_at_ms, &addends)?,
        ];
        match self.transact(OPERATION, items).await? {
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
}

/// Whether the head tells an end that this driver has noted: the first answer was lost.
fn is_ended_by(token: &FencingToken, there: &Item) -> bool {
    let status = item::read_text(there, STATUS).and_then(HeadStatus::parse);
    is_of(token, there) && matches!(status, Some(HeadStatus::Ended(_)))
}
