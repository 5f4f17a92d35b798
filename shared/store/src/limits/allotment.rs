//! What a start takes of its accounts: first it is looked whether all of it is to be had, then it is written with the run.

use aws_sdk_dynamodb::types::TransactWriteItem;
use run::{Allowance, Cost, Owner};

use super::account::Account;
use super::limit_met::LimitMet;
use super::places::{MINUTE_MS, Places, put_place};
use super::wish::Wish;
use crate::day::{self, Addends};
use crate::{Store, StoreError};

const OPERATION: &str = "start a run within limits";

/// What is to be taken of each account. Somebody else may be faster: then the transaction is refused, and it is looked again.
#[derive(Debug)]
pub struct Allotment {
    taken: Vec<Taken>,
    wish: Option<Wish>,
}

/// What is to be taken of one account.
#[derive(Debug)]
struct Taken {
    allowance: Allowance,
    /// The place among the starts of this minute.
    minute: Option<u32>,
    /// The limit of the day's dollars, and what was committed of them before.
    dollars: Option<(Cost, Cost)>,
}

impl Allotment {
    /// Of accounts that have no limits.
    pub const NONE: Self = Self {
        taken: Vec::new(),
        wish: None,
    };

    /// Each account that has dollars a day: what is committed of them with this start, and the limit.
    pub fn dollars(&self) -> impl Iterator<Item = (&Owner, Cost, Cost)> {
        self.taken.iter().filter_map(|taken| {
            let Allowance {
                account, reserved, ..
            } = &taken.allowance;
            let (limit, before) = taken.dollars?;
            let committed = [before, (*reserved)?].into_iter().sum();
            Some((account, committed, limit))
        })
    }

    /// What the run will hold.
    pub fn allowances(&self) -> Vec<Allowance> {
        let taken = self.taken.iter().map(|taken| &taken.allowance);
        // A place in the minute runs out by itself.
        let held = taken.filter(|it| it.slot.is_some() || it.reserved.is_some());
        held.cloned().collect()
    }
}

impl Store {
    /// Looks what a start can take of all of its accounts, or says which limit it would pass.
    ///
    /// # Errors
    /// The table cannot be used.
    pub async fn allot(
        &self,
        accounts: &[Account],
        wish: Wish,
    ) -> Result<Result<Allotment, LimitMet>, StoreError> {
        let mut allotment = Allotment {
            taken: Vec::new(),
            wish: Some(wish),
        };
        for account in accounts.iter().filter(|it| !it.limits.is_none()) {
            match Box::pin(self.allot_one(account, wish)).await? {
                Ok(taken) => allotment.taken.push(taken),
                Err(met) => return Ok(Err(met)),
            }
        }
        Ok(Ok(allotment))
    }

    async fn allot_one(
        &self,
        Account { name, limits }: &Account,
        wish: Wish,
    ) -> Result<Result<Taken, LimitMet>, StoreError> {
        let limits = limits.of(wish.asker);
        let in_a_minute = Places::in_a_minute(wish.asker);
        let held = Box::pin(self.held(name, wish.now_ms)).await?;
        let draw =
            |places, limit: Option<u32>| limit.map(|limit| (limit, held.draw(places, limit)));
        let minute = draw(in_a_minute, limits.runs_per_minute);
        let slot = draw(Places::Slots, limits.parallel);
        let committed = match limits.per_day {
            Some(limit) => Some((limit, self.committed(name, wish.now_ms).await?)),
            None => None,
        };
        let minute = match minute {
            Some((limit, Err(held))) => {
                let first = held.iter().map(|held| held.until_ms).min();
                let free_at_ms = first.unwrap_or(wish.now_ms);
                return Ok(Err(LimitMet::RunsPerMinute { limit, free_at_ms }));
            }
            Some((_, Ok(index))) => Some(index),
            None => None,
        };
        let slot = match slot {
            Some((limit, Err(_))) => return Ok(Err(LimitMet::Parallel { limit })),
            Some((_, Ok(index))) => Some(index),
            None => None,
        };
        let mut reserved = None;
        if let Some((limit, committed)) = committed {
            let left = limit.saturating_sub(committed);
            let wanted = wish.max_cost.unwrap_or(wish.default_cost.min(left));
            if wanted > left || wanted == Cost::ZERO {
                return Ok(Err(LimitMet::PerDay {
                    limit,
                    left,
                    resets_at_ms: day::end_ms(wish.now_ms),
                }));
            }
            reserved = Some(wanted);
        }
        Ok(Ok(Taken {
            allowance: Allowance {
                account: name.clone(),
                slot,
                reserved,
            },
            minute,
            dollars: committed,
        }))
    }

    /// Parts of the start's transaction that take what was allotted, each under its condition.
    pub(crate) fn take(&self, allotment: &Allotment) -> Result<Vec<TransactWriteItem>, StoreError> {
        let Some(Wish {
            asker,
            run_id,
            slot_until_ms,
            now_ms,
            ..
        }) = allotment.wish
        else {
            return Ok(Vec::new());
        };
        let in_a_minute = Places::in_a_minute(asker);
        let mut items = Vec::new();
        for taken in &allotment.taken {
            let account: &Owner = &taken.allowance.account;
            let places = [
                (in_a_minute, taken.minute, now_ms + MINUTE_MS),
                (Places::Slots, taken.allowance.slot, slot_until_ms),
            ];
            for (places, index, until_ms) in places {
                if let Some(index) = index {
                    let place = (places, account, index);
                    let times = (until_ms, now_ms);
                    items.push(put_place(self, OPERATION, place, run_id, times)?);
                }
            }
            if let (Some(reserved), Some((limit, _))) = (taken.allowance.reserved, taken.dollars) {
                let addends = Addends::of_reservation(reserved);
                // As much may be committed before, so that no more than the limit is afterwards.
                let most = Some(limit.saturating_sub(reserved));
                items.push(self.add_to_day(OPERATION, (account, most), now_ms, &addends)?);
            }
        }
        Ok(items)
    }
}
