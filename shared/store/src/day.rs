//! What an owner's runs took by day, in UTC: one item a day, to which each run is added when it ends, each rating,
//! and each request that was no run.
//!
//! A run is of the day on which it was started. The sums stay when a run is deleted, and go 400 days after their day.

mod addends;
mod figures;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use jiff::Timestamp;
use jiff::tz::Offset;
use run::{Cost, ModelId, Owner, Tally, ToolName, Usage};

pub(crate) use addends::Addends;
use figures::{
    CACHED_INPUT_TOKENS, CALLS, COMMITTED_NANO_USD, COST_NANO_USD, DURATION_MS, ESTIMATED,
    INPUT_TOKENS, JOINED, MODEL, OUTPUT_TOKENS, RATING, STATUS, TASKS, TOOL,
};

use crate::item::{self, EXPIRES_AT, Item, PK, SK};
use crate::rating::Rating;
use crate::schema::{self, SCHEMA, SCHEMA_VERSION};
use crate::transaction::Transacted;
use crate::{Consistency, Store, StoreError, query};

/// Days that sums are kept, after their own.
pub const DAYS_KEPT: u32 = 400;
const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// The sums of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DaySums {
    /// In UTC, as `2026-11-28`.
    pub day: String,
    /// Runs that were started on it and have ended, by how they did. A newer version may know other ways than this one.
    pub by_status: BTreeMap<String, u64>,
    pub usage: Usage,
    pub cost: Cost,
    pub by_model: BTreeMap<ModelId, Tally>,
    pub by_tool: BTreeMap<ToolName, Tally>,
    /// Runs that are rated so now.
    pub good: u64,
    pub bad: u64,
    /// Requests that were no runs: what a chat page asks for itself, as the title of a conversation. What they took is in the sums.
    pub tasks: u64,
    /// Requests that came again, and joined the run that the first one had started.
    pub joined: u64,
}

impl DaySums {
    pub fn runs(&self) -> u64 {
        self.by_status.values().sum()
    }
}

impl Store {
    /// The sums of an owner's last so many days, today's among them, newest first. Days without any are left out.
    pub async fn days(
        &self,
        owner: &Owner,
        count: u32,
        now_ms: u64,
    ) -> Result<Vec<DaySums>, StoreError> {
        let back_ms = u64::from(count.saturating_sub(1)) * SECONDS_A_DAY * 1000;
        let (first, last) = (day(now_ms.saturating_sub(back_ms)), day(now_ms));
        let partition = partition(owner);
        let days = self
            .query(
                &partition,
                "#sk BETWEEN :first AND :last",
                Consistency::Strong,
            )
            .expression_attribute_values(":first", item::text(first))
            .expression_attribute_values(":last", item::text(last))
            .scan_index_forward(false);
        let days = query::all("read sums", days).await?;
        let kept = days.iter().filter(|day| !item::is_expired(day, now_ms));
        kept.map(|day| read(&partition, day)).collect()
    }

    /// Counts a request of now that joined a run.
    ///
    /// # Errors
    /// The table cannot be used, also after three seconds.
    pub async fn count_repeat(&self, owner: &Owner, now_ms: u64) -> Result<(), StoreError> {
        const OPERATION: &str = "count a request";
        let addends = Addends::of_repeat();
        let item = self.add_to_day(OPERATION, (owner, None), now_ms, &addends)?;
        match self.transact(OPERATION, vec![item]).await? {
            // It has no condition.
            Transacted::Done | Transacted::Refused(_) => Ok(()),
            Transacted::Invalid(error) => Err(error),
        }
    }

    /// What is committed of a day's dollars: spent, and set aside for runs that have not ended.
    pub(crate) async fn committed(&self, account: &Owner, now_ms: u64) -> Result<Cost, StoreError> {
        Ok(self.money_of_day(account, now_ms).await?.0)
    }

    /// What is committed of today's dollars, and what of it is spent.
    pub(crate) async fn money_of_day(
        &self,
        account: &Owner,
        now_ms: u64,
    ) -> Result<(Cost, Cost), StoreError> {
        let partition = partition(account);
        let today = day(now_ms);
        let found = self.get("read a day", (&partition, &today), now_ms);
        let Some(item) = found.await? else {
            return Ok((Cost::ZERO, Cost::ZERO));
        };
        schema::check(&item, &partition)?;
        let cost = |name| Cost {
            nano_usd: item::read_number(&item, name).unwrap_or(0),
        };
        Ok((cost(COMMITTED_NANO_USD), cost(COST_NANO_USD)))
    }

    /// Adds to an account's day, as a part of a transaction: where an amount is named only if no more than it is committed.
    pub(crate) fn add_to_day(
        &self,
        operation: &'static str,
        (account, committed_most): (&Owner, Option<Cost>),
        created_at_ms: u64,
        addends: &Addends,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut update = Update::builder()
            .table_name(&*self.table)
            .key(PK, item::text(partition(account)))
            .key(SK, item::text(day(created_at_ms)))
            .expression_attribute_names("#expires", EXPIRES_AT)
            .expression_attribute_names("#schema", SCHEMA_VERSION)
            .expression_attribute_values(":expires", item::number(expires_at(created_at_ms)))
            .expression_attribute_values(":schema", item::number(SCHEMA));
        let mut parts = Vec::new();
        for (place, (name, addend)) in addends.0.iter().enumerate() {
            let value = AttributeValue::N(addend.to_string());
            update = update
                .expression_attribute_names(format!("#{place}"), name)
                .expression_attribute_values(format!(":{place}"), value);
            parts.push(format!("#{place} :{place}"));
        }
        // A day that a newer version has begun stays that version's.
        let expression = format!(
            "SET #expires = :expires, #schema = if_not_exists(#schema, :schema) ADD {}",
            parts.join(",")
        );
        if let Some(most) = committed_most {
            update = update
                .condition_expression("attribute_not_exists(#committed) OR #committed <= :most")
                .expression_attribute_names("#committed", COMMITTED_NANO_USD)
                .expression_attribute_values(":most", item::number(most.nano_usd));
        }
        let update = update
            .update_expression(expression)
            .build()
            .map_err(|error| StoreError::unbuilt(operation, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

fn partition(owner: &Owner) -> String {
    format!("DAY#{owner}")
}

/// The day of a time, in UTC: days sort as their names do.
fn day(at_ms: u64) -> String {
    let time = i64::try_from(at_ms).map(Timestamp::from_millisecond);
    let time = match time {
        Ok(Ok(time)) => time,
        Ok(Err(_)) | Err(_) => Timestamp::MAX,
    };
    Offset::UTC.to_datetime(time).date().to_string()
}

/// When the day of a time is over, in milliseconds since 1970.
pub(crate) const fn end_ms(at_ms: u64) -> u64 {
    let day_ms = SECONDS_A_DAY * 1000;
    (at_ms / day_ms + 1) * day_ms
}

/// The same for all that is added to a day.
fn expires_at(created_at_ms: u64) -> u64 {
    let day = created_at_ms / 1000 / SECONDS_A_DAY;
    (day + 1 + u64::from(DAYS_KEPT)) * SECONDS_A_DAY
}

fn read(partition: &str, item: &Item) -> Result<DaySums, StoreError> {
    schema::check(item, partition)?;
    let mut sums = DaySums {
        day: item::read_text(item, SK).unwrap_or_default().to_owned(),
        ..DaySums::default()
    };
    for name in item.keys() {
        let Some(value) = item::read_number(item, name) else {
            continue;
        };
        match name.split_once('#') {
            None if name == TASKS => sums.tasks = value,
            None if name == JOINED => sums.joined = value,
            None => add_figure(name, value, &mut sums.usage, &mut sums.cost),
            Some((STATUS, status)) => {
                sums.by_status.insert(status.to_owned(), value);
            }
            Some((RATING, rating)) => match Rating::parse(rating) {
                Some(Rating::Good) => sums.good = value,
                Some(Rating::Bad) => sums.bad = value,
                None => {}
            },
            Some((MODEL, of_model)) => {
                add_to_tally(of_model, value, |id| sums.by_model.entry(ModelId::new(id)));
            }
            Some((TOOL, of_tool)) => {
                add_to_tally(of_tool, value, |name| {
                    sums.by_tool.entry(ToolName::new(name))
                });
            }
            // A newer version may keep further sums.
            Some(_) => {}
        }
    }
    Ok(sums)
}

fn add_to_tally<'a, K: Ord + 'a>(
    of: &str,
    value: u64,
    entry: impl FnOnce(&str) -> Entry<'a, K, Tally>,
) {
    let Some((name, figure)) = of.rsplit_once('#') else {
        return;
    };
    let tally = entry(name).or_default();
    match figure {
        CALLS => tally.calls = value,
        DURATION_MS => tally.duration_ms = value,
        _ => add_figure(figure, value, &mut tally.usage, &mut tally.cost),
    }
}

fn add_figure(figure: &str, value: u64, usage: &mut Usage, cost: &mut Cost) {
    match figure {
        INPUT_TOKENS => usage.input_tokens = value,
        OUTPUT_TOKENS => usage.output_tokens = value,
        CACHED_INPUT_TOKENS => usage.cached_input_tokens = value,
        ESTIMATED => usage.estimated = value > 0,
        COST_NANO_USD => cost.nano_usd = value,
        _ => {}
    }
}

#[cfg(test)]
mod tests;
