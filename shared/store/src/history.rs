//! An owner's runs, newest first.

use std::collections::HashMap;

use run::{Cost, Owner, RunId};

use crate::head::{COST_NANO_USD, CREATED_AT, DURATION_MS, HeadStatus, OWNER, STATUS, TITLE};
use crate::item::{self, HEAD, Item, PK, SK};
use crate::table::HISTORY_INDEX;
use crate::{Rating, Store, StoreError};

/// One run in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub run_id: RunId,
    pub title: String,
    pub status: HeadStatus,
    pub created_at_ms: u64,
    /// Once it has ended.
    pub duration_ms: Option<u64>,
    /// Once it has ended.
    pub cost: Option<Cost>,
    /// Once somebody has rated it.
    pub rating: Option<Rating>,
    /// Its owner keeps it at hand.
    pub pinned: bool,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub runs: Vec<Listed>,
    /// The run after which the list goes on, where it does.
    pub next: Option<RunId>,
}

impl Store {
    /// The runs of an owner, newest first, after a run where one is named.
    pub async fn history(
        &self,
        owner: &Owner,
        after: Option<RunId>,
        limit: u32,
        now_ms: u64,
    ) -> Result<Page, StoreError> {
        let mut page = self.unmarked(owner, after, limit, now_ms).await?;
        self.add_marks(owner, &mut page.runs).await?;
        Ok(page)
    }

    /// The runs of an owner that are pinned, newest first, after a run where one is named.
    pub async fn pinned(
        &self,
        owner: &Owner,
        after: Option<RunId>,
        limit: u32,
        now_ms: u64,
    ) -> Result<Page, StoreError> {
        // One more tells whether the list goes on.
        let ids = self.pins_before(owner, after, limit as usize + 1).await?;
        let shown = &ids[..ids.len().min(limit as usize)];
        let mut runs = Vec::new();
        for id in shown {
            let head = self.head_item(*id, now_ms).await?;
            let there = head.filter(|head| head.contains_key(OWNER));
            runs.extend(there.as_ref().and_then(read));
        }
        self.add_marks(owner, &mut runs).await?;
        let next = shown.last().copied().filter(|_| shown.len() < ids.len());
        Ok(Page { runs, next })
    }

    /// A run as a list shows it; `None` where it is gone.
    pub async fn listed(
        &self,
        owner: &Owner,
        run_id: RunId,
        now_ms: u64,
    ) -> Result<Option<Listed>, StoreError> {
        let head = self.head_item(run_id, now_ms).await?;
        let rated = self.rating(owner, run_id, now_ms).await?;
        let pinned = self.is_pinned(owner, run_id, now_ms).await?;
        let listed = head.filter(|head| head.contains_key(OWNER));
        Ok(listed.as_ref().and_then(read).map(|listed| Listed {
            rating: rated.map(|rated| rated.rating),
            pinned,
            ..listed
        }))
    }

    async fn head_item(&self, run_id: RunId, now_ms: u64) -> Result<Option<Item>, StoreError> {
        let key = item::run_key(run_id);
        self.get("read a head", (&key, HEAD), now_ms).await
    }

    /// The same as the index has it.
    pub(crate) async fn unmarked(
        &self,
        owner: &Owner,
        after: Option<RunId>,
        limit: u32,
        now_ms: u64,
    ) -> Result<Page, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&*self.table)
            .index_name(HISTORY_INDEX)
            .key_condition_expression("#owner = :owner")
            .expression_attribute_names("#owner", OWNER)
            .expression_attribute_values(":owner", item::text(owner.as_str()))
            .scan_index_forward(false)
            // One more tells whether the list goes on.
            .limit(i32::try_from(limit).map_or(i32::MAX, |limit| limit.saturating_add(1)))
            .set_exclusive_start_key(after.map(|run_id| position(owner, run_id)))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("list runs", error))?;
        let items = found.items();
        let shown = &items[..items.len().min(limit as usize)];
        let next = match shown.last() {
            Some(last) if shown.len() < items.len() => run_id(last),
            _ => found.last_evaluated_key.as_ref().and_then(run_id),
        };
        let runs = shown
            .iter()
            .filter(|item| !item::is_expired(item, now_ms))
            .filter_map(read)
            .collect();
        Ok(Page { runs, next })
    }

    /// The index knows neither ratings nor pins: what an index holds of an item cannot be changed once there is one.
    pub(crate) async fn add_marks(
        &self,
        owner: &Owner,
        runs: &mut [Listed],
    ) -> Result<(), StoreError> {
        let ids = || runs.iter().map(|run| run.run_id);
        let (Some(first), Some(last)) = (ids().min(), ids().max()) else {
            return Ok(());
        };
        let between = (first, last);
        let ratings = Box::pin(self.ratings(owner, between));
        let pins = Box::pin(self.pins(owner, between));
        let (ratings, pins) = tokio::try_join!(ratings, pins)?;
        for run in runs {
            run.rating = ratings.get(&run.run_id).copied();
            run.pinned = pins.contains(&run.run_id);
        }
        Ok(())
    }
}

/// The index's key of a run: a run's id holds the time of its start.
fn position(owner: &Owner, run_id: RunId) -> Item {
    HashMap::from([
        (PK.to_owned(), item::text(item::run_key(run_id))),
        (SK.to_owned(), item::text(HEAD)),
        (OWNER.to_owned(), item::text(owner.as_str())),
        (CREATED_AT.to_owned(), item::number(run_id.at_ms())),
    ])
}

fn run_id(item: &Item) -> Option<RunId> {
    item::read_text(item, PK)?
        .strip_prefix("RUN#")?
        .parse()
        .ok()
}

/// Heads that cannot be read are left out: one of a newer version must not hide the others.
fn read(item: &Item) -> Option<Listed> {
    Some(Listed {
        run_id: run_id(item)?,
        title: item::read_text(item, TITLE)?.to_owned(),
        status: HeadStatus::parse(item::read_text(item, STATUS)?)?,
        created_at_ms: item::read_number(item, CREATED_AT)?,
        duration_ms: item::read_number(item, DURATION_MS),
        cost: item::read_number(item, COST_NANO_USD).map(|nano_usd| Cost { nano_usd }),
        rating: None,
        pinned: false,
    })
}
