//! Reading a log.

use aws_sdk_dynamodb::types::AttributeValue;
use run::{Epoch, Event, RunId, Seq};

use crate::item::{self, PK, SK};
use crate::{Store, StoreError};

/// An event with its position.
pub type LogEvent = (Seq, Event);

/// Part of a log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    pub events: Vec<LogEvent>,
    /// Highest epoch among the items.
    pub epoch: Option<Epoch>,
}

/// Whether a read must see every write that has been answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consistency {
    /// For drivers.
    Strong,
    /// For watchers; half the price.
    Eventual,
}

impl Store {
    /// All events from the batch that begins at `first`, up to the first gap.
    ///
    /// Batches are never rewritten, so whoever has read whole batches knows where the next one begins.
    pub async fn read(
        &self,
        run_id: RunId,
        first: Seq,
        consistency: Consistency,
        now_ms: u64,
    ) -> Result<Log, StoreError> {
        let mut log = Log::default();
        let mut next = first;
        let mut start_key = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(&*self.table)
                .key_condition_expression("#pk = :run AND #sk BETWEEN :first AND :last")
                .expression_attribute_names("#pk", PK)
                .expression_attribute_names("#sk", SK)
                .expression_attribute_values(":run", item::text(item::run_key(run_id)))
                .expression_attribute_values(":first", item::text(item::batch_key(first)))
                .expression_attribute_values(":last", AttributeValue::S("EV#~".to_owned()))
                .consistent_read(consistency == Consistency::Strong)
                .set_exclusive_start_key(start_key)
                .send()
                .await
                .map_err(|error| StoreError::unavailable("read a log", error))?;
            for found in page.items() {
                if item::is_expired(found, now_ms) {
                    return Ok(log);
                }
                let events = item::read_batch(found)?;
                if events.first().is_none_or(|(seq, _)| *seq != next) {
                    return Ok(log);
                }
                next = Seq(next.0 + events.len() as u64);
                log.epoch = log.epoch.max(Some(item::read_epoch(found)));
                log.events.extend(events);
            }
            start_key = page.last_evaluated_key;
            if start_key.is_none() {
                return Ok(log);
            }
        }
    }
}
