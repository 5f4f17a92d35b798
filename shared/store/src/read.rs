//! Reading a log.

use std::ops::ControlFlow;

use run::{Epoch, RunId, Seq};

use crate::{Consistency, LogEvent, Store, StoreError, batch, item, query};

/// Part of a log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    pub events: Vec<LogEvent>,
    /// Highest epoch among the items.
    pub epoch: Option<Epoch>,
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
        let sort = "#sk BETWEEN :first AND :last";
        let batches = self
            .query(&item::run_key(run_id), sort, consistency)
            .expression_attribute_values(":first", item::text(item::batch_key(first)))
            .expression_attribute_values(":last", item::text("EV#~"));
        query::each("read a log", batches, |batch| {
            if item::is_expired(&batch, now_ms) {
                return Ok(ControlFlow::Break(()));
            }
            let events = batch::read(&batch)?;
            if events.first().is_none_or(|(seq, _)| *seq != next) {
                return Ok(ControlFlow::Break(()));
            }
            next = Seq(next.0 + events.len() as u64);
            log.epoch = log.epoch.max(Some(item::read_epoch(&batch)));
            log.events.extend(events);
            Ok(ControlFlow::Continue(()))
        })
        .await?;
        Ok(log)
    }
}
