//! Unfinished runs without a driver.

use run::RunId;

use crate::head::{LEASE_UNTIL, OPEN, OPEN_SHARDS, shard_name};
use crate::item::{self, PK};
use crate::table::OPEN_INDEX;
use crate::{Store, StoreError};

/// Runs that are looked for in one shard at a time: far more than one sweep takes over, so that some that nobody can take over
/// do not hide the others.
const PAGE: i32 = 100;

impl Store {
    /// Unfinished runs whose lease is over, at most 100 of each shard, the longest abandoned first.
    ///
    /// The index lags behind the heads: whoever acts on a run checks its head.
    pub async fn abandoned(&self, now_ms: u64) -> Result<Vec<RunId>, StoreError> {
        let mut found = Vec::new();
        for shard in 0..OPEN_SHARDS {
            let page = self
                .client
                .query()
                .table_name(&*self.table)
                .index_name(OPEN_INDEX)
                .key_condition_expression("#open = :shard AND #lease < :now")
                .expression_attribute_names("#open", OPEN)
                .expression_attribute_names("#lease", LEASE_UNTIL)
                .expression_attribute_values(":shard", item::text(shard_name(shard)))
                .expression_attribute_values(":now", item::number(now_ms))
                .limit(PAGE)
                .send()
                .await
                .map_err(|error| StoreError::unavailable("find abandoned runs", error))?;
            let ids = page.items().iter().filter_map(|item| {
                let id = item::read_text(item, PK)?.strip_prefix("RUN#")?;
                id.parse::<RunId>().ok()
            });
            found.extend(ids);
        }
        Ok(found)
    }
}
