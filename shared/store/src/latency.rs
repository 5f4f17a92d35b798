//! What calls of models took by model and hour, in UTC: one item an hour, to which every process adds what it has measured.
//!
//! Additions are made without a condition, and one whose answer was lost may be made twice: this is information and never money. The items
//! go two days after their hour.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use jiff::tz::Offset;
use run::ModelId;

use crate::item::{self, EXPIRES_AT, Item, PK, SK};
use crate::measure::{Measure, Times};
use crate::schema::{self, SCHEMA, SCHEMA_VERSION};
use crate::{Consistency, Store, StoreError, query};

const HOUR_SECONDS: u64 = 60 * 60;
/// Hours that sums are kept, after their own.
const HOURS_KEPT: u64 = 48;

/// Models that are read at once, or written.
const AT_ONCE: usize = 16;

const CALLS: &str = "calls";
const FAILURES: &str = "failures";
const WRITTEN_TOKENS: &str = "written_tokens";
const WRITING_MS: &str = "writing_ms";
// Counts stand in attributes of their own by time, as in `whole_ms#7000`.
const FIRST_TOKEN: &str = "first_token_ms";
const WHOLE: &str = "whole_ms";

/// An hour, in UTC, counted from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hour(u64);

impl Hour {
    /// The hour of a time in milliseconds since 1970.
    pub const fn of(at_ms: u64) -> Self {
        Self(at_ms / 1000 / HOUR_SECONDS)
    }

    /// Whether it is this hour, or the one before or after it: clocks differ, and are set.
    pub const fn is_next_to(self, other: Self) -> bool {
        self.0.abs_diff(other.0) <= 1
    }

    /// As `2026-11-28T20`: hours sort as their names do.
    fn name(self) -> String {
        let seconds = i64::try_from(self.0.saturating_mul(HOUR_SECONDS));
        let time = match seconds.map(Timestamp::from_second) {
            Ok(Ok(time)) => time,
            Ok(Err(_)) | Err(_) => Timestamp::MAX,
        };
        let time = Offset::UTC.to_datetime(time);
        format!("{}T{:02}", time.date(), time.hour())
    }

    const fn expires_at(self) -> u64 {
        let end = self.0.saturating_add(1 + HOURS_KEPT);
        end.saturating_mul(HOUR_SECONDS)
    }
}

impl Store {
    /// Adds to what calls of models took, each by itself.
    ///
    /// # Errors
    /// The first one; what could be added is.
    pub async fn add_measures(
        &self,
        measures: &BTreeMap<(ModelId, Hour), Measure>,
    ) -> Result<(), StoreError> {
        let mut add = Vec::with_capacity(measures.len());
        for ((model, hour), measure) in measures {
            add.push(self.add_measure(model, *hour, measure));
        }
        let mut added = stream::iter(add).buffer_unordered(AT_ONCE);
        let mut all = Ok(());
        while let Some(one) = added.next().await {
            all = all.and(one);
        }
        all
    }

    /// What calls of these models took in this hour and the one before.
    pub async fn measures(
        &self,
        models: impl Iterator<Item = &ModelId>,
        now_ms: u64,
    ) -> Result<BTreeMap<ModelId, Measure>, StoreError> {
        let mut read = Vec::new();
        for model in models {
            read.push(async move { Ok((model.clone(), self.measure(model, now_ms).await?)) });
        }
        let all = stream::iter(read).buffer_unordered(AT_ONCE);
        all.try_collect().await
    }

    async fn add_measure(
        &self,
        model: &ModelId,
        hour: Hour,
        measure: &Measure,
    ) -> Result<(), StoreError> {
        let mut update = self
            .client
            .update_item()
            .table_name(&*self.table)
            .key(PK, item::text(partition(model)))
            .key(SK, item::text(hour.name()))
            .expression_attribute_names("#expires", EXPIRES_AT)
            .expression_attribute_names("#schema", SCHEMA_VERSION)
            .expression_attribute_values(":expires", item::number(hour.expires_at()))
            .expression_attribute_values(":schema", item::number(SCHEMA));
        let mut parts = Vec::new();
        for (place, (name, addend)) in addends(measure).into_iter().enumerate() {
            let value = AttributeValue::N(addend.to_string());
            update = update
                .expression_attribute_names(format!("#{place}"), name)
                .expression_attribute_values(format!(":{place}"), value);
            parts.push(format!("#{place} :{place}"));
        }
        if parts.is_empty() {
            return Ok(());
        }
        // An hour that a newer version has begun stays that version's.
        let expression = format!(
            "SET #expires = :expires, #schema = if_not_exists(#schema, :schema) ADD {}",
            parts.join(",")
        );
        let sent = update.update_expression(expression).send().await;
        let sent = sent.map(drop);
        sent.map_err(|error| StoreError::unavailable("add to what a model takes", error))
    }

    async fn measure(&self, model: &ModelId, now_ms: u64) -> Result<Measure, StoreError> {
        let last = Hour::of(now_ms);
        let first = Hour(last.0.saturating_sub(1));
        let partition = partition(model);
        let between = "#sk BETWEEN :first AND :last";
        let hours = self
            .query(&partition, between, Consistency::Eventual)
            .expression_attribute_values(":first", item::text(first.name()))
            .expression_attribute_values(":last", item::text(last.name()));
        let mut sum = Measure::default();
        for hour in query::all("read what a model takes", hours).await? {
            schema::check(&hour, &partition)?;
            if !item::is_expired(&hour, now_ms) {
                sum.add(&read(&hour));
            }
        }
        Ok(sum)
    }
}

fn partition(model: &ModelId) -> String {
    format!("LATENCY#{model}")
}

/// What is added to an item, by the name of the attribute: nothing that is 0.
fn addends(measure: &Measure) -> Vec<(String, u64)> {
    let alone = [
        (CALLS, measure.calls),
        (FAILURES, measure.failures),
        (WRITTEN_TOKENS, measure.written_tokens),
        (WRITING_MS, measure.writing_ms),
    ];
    let alone = alone.map(|(name, sum)| (name.to_owned(), sum));
    let times = [(FIRST_TOKEN, &measure.first_token), (WHOLE, &measure.whole)];
    let times = times.into_iter().flat_map(|(kind, times)| {
        let counts = times.0.iter();
        counts.map(move |(ms, count)| (format!("{kind}#{ms}"), *count))
    });
    let all = alone.into_iter().chain(times);
    all.filter(|(_, addend)| *addend > 0).collect()
}

/// What an item says. Attributes that are no counts are passed over: a newer version may keep further ones.
fn read(item: &Item) -> Measure {
    let sum = |name| item::read_number(item, name).unwrap_or(0);
    let mut measure = Measure {
        calls: sum(CALLS),
        failures: sum(FAILURES),
        written_tokens: sum(WRITTEN_TOKENS),
        writing_ms: sum(WRITING_MS),
        ..Measure::default()
    };
    for name in item.keys() {
        let Some((kind, ms)) = name.split_once('#') else {
            continue;
        };
        let times: Option<&mut Times> = match kind {
            FIRST_TOKEN => Some(&mut measure.first_token),
            WHOLE => Some(&mut measure.whole),
            _ => None,
        };
        if let (Some(times), Ok(ms), Some(count)) =
            (times, ms.parse(), item::read_number(item, name))
        {
            times.add(ms, count);
        }
    }
    measure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_next_to_itself_and_to_those_before_and_behind_it() {
        let hour = |number: u64| Hour::of(number * HOUR_SECONDS * 1000);
        for (other, is_next) in [(6, false), (7, true), (8, true), (9, true), (10, false)] {
            assert_eq!(hour(8).is_next_to(hour(other)), is_next, "{other}");
            assert_eq!(hour(other).is_next_to(hour(8)), is_next, "{other}");
        }
    }
}
