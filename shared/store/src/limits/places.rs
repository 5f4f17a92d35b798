//! Places of which an account has a number: each is an item that a run holds until a moment, and that is free again afterwards.

use aws_sdk_dynamodb::types::{
    Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use run::{Owner, RunId};
use ulid::Ulid;

use super::wish::Asker;
use crate::item::{self, EXPIRES_AT, Item, PK, SK};
use crate::schema::{SCHEMA, SCHEMA_VERSION};
use crate::{Consistency, Store, StoreError, query};

/// How long a start counts among the runs of a minute, in milliseconds.
pub(super) const MINUTE_MS: u64 = 60_000;
const RUN_ID: &str = "run_id";
const UNTIL: &str = "until";

/// What the places are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Places {
    /// Starts of the last minute.
    Minute,
    /// Tasks of the last minute.
    Tasks,
    /// Runs that have not ended.
    Slots,
}

/// A place that somebody holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    index: u32,
    pub(super) until_ms: u64,
}

impl Places {
    pub(super) const fn in_a_minute(asker: Asker) -> Self {
        match asker {
            Asker::Run => Self::Minute,
            Asker::Task => Self::Tasks,
        }
    }

    /// How the keys of these places begin.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Minute => "MINUTE#",
            Self::Tasks => "TASK#",
            Self::Slots => "SLOT#",
        }
    }

    /// Zero-padded, so that keys sort as the numbers do.
    fn sort(self, index: u32) -> String {
        format!("{}{index:06}", self.prefix())
    }
}

/// All places of an account that somebody holds, whatever they are of.
#[derive(Debug)]
pub(super) struct AllHeld(Vec<(String, u64)>);

impl AllHeld {
    pub(super) fn of(&self, places: Places) -> Vec<Held> {
        let of_kind = self.0.iter().filter_map(|(sort, until_ms)| {
            let index = sort.strip_prefix(places.prefix())?.parse().ok()?;
            Some(Held {
                index,
                until_ms: *until_ms,
            })
        });
        of_kind.collect()
    }

    /// One of the first `limit` places, if one is free; else all that are held.
    pub(super) fn draw(&self, places: Places, limit: u32) -> Result<u32, Vec<Held>> {
        let held = self.of(places);
        draw_free(limit, &held, Ulid::generate().random()).ok_or(held)
    }
}

fn partition(account: &Owner) -> String {
    format!("PLACES#{account}")
}

/// One of the first `limit` places that nobody holds, drawn so that those who come at once choose different ones. What is held beyond them, as
/// the limit was higher before, counts all the same.
pub(super) fn draw_free(limit: u32, held: &[Held], random: u128) -> Option<u32> {
    if u32::try_from(held.len()).is_ok_and(|held| held >= limit) {
        return None;
    }
    let is_free = |index: &u32| held.iter().all(|held| held.index != *index);
    let free: Vec<u32> = (0..limit).filter(is_free).collect();
    let count = u128::try_from(free.len()).ok().filter(|count| *count > 0)?;
    free.get(usize::try_from(random % count).ok()?).copied()
}

impl Store {
    /// The places of an account that have not run out, by one query.
    pub(super) async fn held(&self, account: &Owner, now_ms: u64) -> Result<AllHeld, StoreError> {
        let all = self.query_prefix(&partition(account), "", Consistency::Strong);
        let all = query::all("find places of an account", all).await?;
        let read = all.iter().filter_map(|place| {
            let until_ms = item::read_number(place, UNTIL)?;
            Some((item::read_text(place, SK)?.to_owned(), until_ms))
        });
        Ok(AllHeld(
            read.filter(|(_, until_ms)| *until_ms > now_ms).collect(),
        ))
    }
}

/// Puts a place where none stands or one that has run out, as a part of a transaction.
pub(crate) fn put_place(
    store: &Store,
    operation: &'static str,
    (places, account, index): (Places, &Owner, u32),
    run_id: RunId,
    (until_ms, now_ms): (u64, u64),
) -> Result<TransactWriteItem, StoreError> {
    let item = Item::from([
        (PK.to_owned(), item::text(partition(account))),
        (SK.to_owned(), item::text(places.sort(index))),
        (RUN_ID.to_owned(), item::text(run_id.to_string())),
        (UNTIL.to_owned(), item::number(until_ms)),
        (EXPIRES_AT.to_owned(), item::number(until_ms.div_ceil(1000))),
        (SCHEMA_VERSION.to_owned(), item::number(SCHEMA)),
    ]);
    let put = Put::builder()
        .table_name(&*store.table)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(SK) OR #until <= :now")
        .expression_attribute_names("#until", UNTIL)
        .expression_attribute_values(":now", item::number(now_ms))
        .build()
        .map_err(|error| StoreError::unbuilt(operation, error))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// Makes a run's place among the runs at once free, as a part of a transaction: refused where another run has it by now.
pub(crate) fn release(
    store: &Store,
    operation: &'static str,
    (account, slot): (&Owner, u32),
    run_id: RunId,
) -> Result<TransactWriteItem, StoreError> {
    let update = Update::builder()
        .table_name(&*store.table)
        .key(PK, item::text(partition(account)))
        .key(SK, item::text(Places::Slots.sort(slot)))
        .update_expression("SET #until = :now")
        .condition_expression("#run = :run")
        .expression_attribute_names("#until", UNTIL)
        .expression_attribute_names("#run", RUN_ID)
        .expression_attribute_values(":now", item::number(0))
        .expression_attribute_values(":run", item::text(run_id.to_string()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::None)
        .build()
        .map_err(|error| StoreError::unbuilt(operation, error))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A place is drawn exactly where fewer than `limit` are held, and it is a free one of the first; each of those can be drawn.
        #[test]
        fn a_free_place_is_drawn_wherever_there_is_one(
            limit in 0_u32..40,
            taken in prop::collection::btree_set(0_u32..50, 0..50),
            random: u128,
        ) {
            let held: Vec<Held> = taken.iter().map(|index| Held { index: *index, until_ms: 1 }).collect();
            let free: Vec<u32> = (0..limit).filter(|index| !taken.contains(index)).collect();
            match draw_free(limit, &held, random) {
                Some(drawn) => prop_assert!(free.contains(&drawn) && taken.len() < limit as usize),
                None => prop_assert!(taken.len() >= limit as usize),
            }
            let free = if taken.len() < limit as usize { free } else { Vec::new() };
            for (place, index) in (0_u128..).zip(&free) {
                prop_assert_eq!(draw_free(limit, &held, place), Some(*index));
            }
        }
    }
}
