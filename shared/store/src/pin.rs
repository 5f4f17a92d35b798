//! Runs that their owner has pinned.
//!
//! Pins of an owner stand in a partition of their own, by run, so that they are listed apart and a page of the history knows them by
//! one query.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use run::{Owner, RunId};

use crate::guarded::Guard;
use crate::head::OWNER;
use crate::item::{self, EXPIRES_AT, Item, PK, SK};
use crate::schema::{SCHEMA, SCHEMA_VERSION};
use crate::transaction::Transacted;
use crate::{Consistency, Head, Store, StoreError, query};

const OPERATION: &str = "pin a run";

impl Store {
    /// Pins a run, or takes its pin away; false when the run is gone.
    ///
    /// # Errors
    /// The table cannot be used.
    pub async fn pin(&self, head: &Head, pinned: bool, now_ms: u64) -> Result<bool, StoreError> {
        if !pinned {
            self.unpin(&head.owner, head.run_id).await?;
            return Ok(true);
        }
        let items = vec![
            self.head_check(OPERATION, head.run_id, &[Guard::Has(OWNER)])?,
            self.put_pin(head, now_ms)?,
        ];
        match self.transact(OPERATION, items).await? {
            Transacted::Done => Ok(true),
            Transacted::Refused(_) => Ok(false),
            Transacted::Invalid(error) => Err(error),
        }
    }

    /// Whether the run is pinned.
    pub(crate) async fn is_pinned(
        &self,
        owner: &Owner,
        run_id: RunId,
        now_ms: u64,
    ) -> Result<bool, StoreError> {
        let key = (&*partition(owner), &*run_id.to_string());
        let found = self.get("read a pin", key, now_ms).await?;
        Ok(found.is_some())
    }

    /// The pinned runs of an owner between two of them, both included.
    pub(crate) async fn pins(
        &self,
        owner: &Owner,
        (first, last): (RunId, RunId),
    ) -> Result<BTreeSet<RunId>, StoreError> {
        let pins = self
            .query(
                &partition(owner),
                "#sk BETWEEN :first AND :last",
                Consistency::Strong,
            )
            .expression_attribute_values(":first", item::text(first.to_string()))
            .expression_attribute_values(":last", item::text(last.to_string()))
            .projection_expression("#pk, #sk");
        let pins = query::all("read pins", pins).await?;
        let mut ids = BTreeSet::new();
        ids.extend(pins.iter().filter_map(run_id));
        Ok(ids)
    }

    /// The pinned runs of an owner that began before one of them, newest first, as many as there are up to `limit`.
    pub(crate) async fn pins_before(
        &self,
        owner: &Owner,
        before: Option<RunId>,
        limit: usize,
    ) -> Result<Vec<RunId>, StoreError> {
        let before = before.map_or_else(|| "~".to_owned(), |run_id| run_id.to_string());
        let pins = self
            .query(&partition(owner), "#sk < :before", Consistency::Strong)
            .expression_attribute_values(":before", item::text(before))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let mut found = Vec::new();
        let take = |pin: Item| {
            found.extend(run_id(&pin));
            Ok(if found.len() < limit {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            })
        };
        query::each("read pins", pins, take).await?;
        Ok(found)
    }

    pub(crate) async fn unpin(&self, owner: &Owner, run_id: RunId) -> Result<(), StoreError> {
        let key = (&*partition(owner), &*run_id.to_string());
        self.delete_item("unpin a run", key).await
    }

    fn put_pin(&self, head: &Head, now_ms: u64) -> Result<TransactWriteItem, StoreError> {
        // With the run, for which this process may keep runs for another time than the one that began it.
        let expires_at = head.expires_at.unwrap_or_else(|| self.expires_at(now_ms));
        let put = Put::builder()
            .table_name(&*self.table)
            .item(PK, item::text(partition(&head.owner)))
            .item(SK, item::text(head.run_id.to_string()))
            .item(EXPIRES_AT, item::number(expires_at))
            .item(SCHEMA_VERSION, item::number(SCHEMA))
            .build()
            .map_err(|error| StoreError::unbuilt(OPERATION, error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

fn partition(owner: &Owner) -> String {
    format!("PINNED#{owner}")
}

fn run_id(item: &Item) -> Option<RunId> {
    item::read_text(item, SK)?.parse().ok()
}
