//! Appending: one conditional put a batch. Two drivers cannot both write the same position.

use run::{Epoch, Event, Seq};

use crate::batch::{self, Batch};
use crate::guarded::Guarded;
use crate::item;
use crate::{FencingToken, LogEvent, Store, StoreError};

/// The outcome of an append.
#[derive(Clone, Debug, PartialEq)]
pub enum Appended {
    /// The first `count` of the events are in the log; the rest needs another item.
    Stored { count: usize },
    /// Others have written events there.
    Collided { epoch: Epoch, events: Vec<LogEvent> },
}

impl Store {
    /// Appends events at `first`, as many as fit into one item.
    ///
    /// # Errors
    /// The table cannot be used. Whether the events were stored is then unknown.
    pub async fn append(
        &self,
        token: &FencingToken,
        first: Seq,
        events: &[Event],
        now_ms: u64,
    ) -> Result<Appended, StoreError> {
        let expires_at = token.expires_at;
        let expires_at = expires_at.unwrap_or_else(|| self.expires_at(now_ms));
        let batch = Batch::cut(token, first, events, now_ms, expires_at)?;
        let stored = Appended::Stored { count: batch.count };
        let put = self.client.put_item();
        let put = put.condition_expression("attribute_not_exists(SK)");
        match self.put_if("append", put, batch.item).await? {
            Guarded::Done => Ok(stored),
            Guarded::Refused(there) if item::is_own(&there, token, &batch.write_id) => Ok(stored),
            Guarded::Refused(there) => Ok(Appended::Collided {
                epoch: item::read_epoch(&there),
                events: batch::read(&there)?,
            }),
        }
    }
}
