//! Starting a run: head and first batch in one transaction, so that no half-started run exists.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use run::{Epoch, Event, Seq, Start};

use crate::head::{
    CREATED_AT, HEAD, LEASE_UNTIL, OPEN, OWNER, SCHEMA, SCHEMA_VERSION, STATUS, TITLE, open_shard,
};
use crate::item::{self, Batch, EPOCH, EXPIRES_AT, Item, PK, SK, WRITER};
use crate::{HeadStatus, Hold, Store, StoreError};

/// Longest title, in characters.
const TITLE_CHARS: usize = 120;

/// A run to start.
#[derive(Clone, Debug)]
pub struct NewRun<'a> {
    pub owner: &'a str,
    pub start: &'a Start,
    pub lease_until_ms: u64,
}

impl Store {
    /// Writes a run's head and first events, and gives the hold on it.
    ///
    /// # Errors
    /// The table cannot be used.
    pub async fn start(&self, new: NewRun<'_>, events: &[Event]) -> Result<Hold, StoreError> {
        let hold = Hold::new(new.start.run_id, Epoch(1));
        let now_ms = new.start.created_at_ms;
        let expires_at = self.expires_at(now_ms);
        let batch = Batch::cut(&hold, Seq(1), events, now_ms, expires_at)?;
        let head = head_item(&new, &hold, expires_at);
        self.client
            .transact_write_items()
            .transact_items(self.put_new(head)?)
            .transact_items(self.put_new(batch.item)?)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("start a run", error))?;
        Ok(hold)
    }

    fn put_new(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&*self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(SK)")
            .build()
            .map_err(|error| StoreError::Unavailable {
                operation: "start a run",
                detail: error.to_string(),
            })?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

fn head_item(new: &NewRun<'_>, hold: &Hold, expires_at: u64) -> Item {
    let start = new.start;
    Item::from([
        (PK.to_owned(), item::text(item::run_key(start.run_id))),
        (SK.to_owned(), item::text(HEAD)),
        (SCHEMA_VERSION.to_owned(), item::number(SCHEMA)),
        (OWNER.to_owned(), item::text(new.owner)),
        (TITLE.to_owned(), item::text(title(&start.request.query))),
        (STATUS.to_owned(), item::text(HeadStatus::Running.as_str())),
        (EPOCH.to_owned(), item::number(hold.epoch.0)),
        (WRITER.to_owned(), item::text(&hold.writer)),
        (LEASE_UNTIL.to_owned(), item::number(new.lease_until_ms)),
        (CREATED_AT.to_owned(), item::number(start.created_at_ms)),
        (OPEN.to_owned(), item::text(open_shard(start.run_id))),
        (EXPIRES_AT.to_owned(), item::number(expires_at)),
    ])
}

/// The question's beginning on one line.
fn title(query: &str) -> String {
    let line = query.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(TITLE_CHARS) {
        Some((end, _)) => {
            let cut = line[..end].char_indices().next_back();
            format!("{}…", cut.map_or("", |(at, _)| &line[..at]))
        }
        None => line,
    }
}
