//! Reading items: one by its key, or all of a query, whose answers come in pages of 1 MB.

use std::ops::ControlFlow;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;

use crate::item::{self, Item, PK, SK};
use crate::{Store, StoreError};

/// Whether a read must see every write that has been answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consistency {
    /// For drivers.
    Strong,
    /// For watchers; half the price.
    Eventual,
}

impl Store {
    /// An item, read strongly, unless its time is over.
    pub(crate) async fn get(
        &self,
        operation: &'static str,
        (partition, sort): (&str, &str),
        now_ms: u64,
    ) -> Result<Option<Item>, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&*self.table)
            .key(PK, item::text(partition))
            .key(SK, item::text(sort))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable(operation, error))?;
        Ok(found.item.filter(|item| !item::is_expired(item, now_ms)))
    }

    /// A query for items of a partition. The condition on `#sk` is the caller's.
    pub(crate) fn query(
        &self,
        partition: &str,
        sort: &str,
        consistency: Consistency,
    ) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&*self.table)
            .key_condition_expression(format!("#pk = :pk AND {sort}"))
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":pk", item::text(partition))
            .consistent_read(consistency == Consistency::Strong)
    }

    /// A query for all items of a partition whose sort keys begin so.
    pub(crate) fn query_prefix(
        &self,
        partition: &str,
        prefix: &str,
        consistency: Consistency,
    ) -> QueryFluentBuilder {
        self.query(partition, "begins_with(#sk, :prefix)", consistency)
            .expression_attribute_values(":prefix", item::text(prefix))
    }
}

/// All items of a query.
pub(crate) async fn all(
    operation: &'static str,
    query: QueryFluentBuilder,
) -> Result<Vec<Item>, StoreError> {
    let mut items = Vec::new();
    each(operation, query, |item| {
        items.push(item);
        Ok(ControlFlow::Continue(()))
    })
    .await?;
    Ok(items)
}

/// Gives each item of a query, in their order, until `take` has enough. No page is read that is not needed.
pub(crate) async fn each(
    operation: &'static str,
    query: QueryFluentBuilder,
    mut take: impl FnMut(Item) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    let mut start_key = None;
    loop {
        let page = query.clone().set_exclusive_start_key(start_key);
        let page = page.send().await;
        let page = page.map_err(|error| StoreError::unavailable(operation, error))?;
        for item in page.items.unwrap_or_default() {
            if take(item)?.is_break() {
                return Ok(());
            }
        }
        start_key = page.last_evaluated_key;
        if start_key.is_none() {
            return Ok(());
        }
    }
}
