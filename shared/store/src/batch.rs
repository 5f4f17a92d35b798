//! Items that hold consecutive events of a log.

use run::{Event, Seq};

use crate::item::{self, EPOCH, EVENTS, EXPIRES_AT, Item, PK, SK, WRITE_ID, WRITER, WRITTEN_AT};
use crate::schema::{self, SCHEMA, SCHEMA_VERSION};
use crate::{FencingToken, StoreError};

/// Where a batch is cut, in bytes of its events; DynamoDB's own limit is 400 KB an item.
pub const ITEM_BYTES: usize = 200 * 1024;
/// An event larger than this fits into no item beside its other attributes.
const MAX_EVENT_BYTES: usize = 380 * 1024;

/// An event with its position.
pub type LogEvent = (Seq, Event);

/// A batch of events with the events that did not fit into it.
pub(crate) struct Batch {
    pub(crate) item: Item,
    pub(crate) write_id: String,
    pub(crate) count: usize,
}

impl Batch {
    /// Takes as many events from the front as fit into one item.
    pub(crate) fn cut(
        token: &FencingToken,
        first: Seq,
        events: &[Event],
        now_ms: u64,
        expires_at: u64,
    ) -> Result<Self, StoreError> {
        let mut json = String::from("[");
        let mut count = 0;
        for event in events {
            let text = serde_json::to_string(event).map_err(|error| {
                StoreError::unreadable(&item::batch_key(first), error.to_string())
            })?;
            if text.len() > MAX_EVENT_BYTES {
                return Err(StoreError::EventTooLarge { bytes: text.len() });
            }
            if count > 0 && json.len() + text.len() > ITEM_BYTES {
                break;
            }
            if count > 0 {
                json.push(',');
            }
            json.push_str(&text);
            count += 1;
        }
        json.push(']');
        let write_id = token.next_write_id();
        let item = Item::from([
            (PK.to_owned(), item::text(item::run_key(token.run_id))),
            (SK.to_owned(), item::text(item::batch_key(first))),
            (EPOCH.to_owned(), item::number(token.epoch.0)),
            (WRITER.to_owned(), item::text(&token.writer)),
            (WRITE_ID.to_owned(), item::text(&write_id)),
            (WRITTEN_AT.to_owned(), item::number(now_ms)),
            (EXPIRES_AT.to_owned(), item::number(expires_at)),
            (SCHEMA_VERSION.to_owned(), item::number(SCHEMA)),
            (EVENTS.to_owned(), item::text(json)),
        ]);
        Ok(Self {
            item,
            write_id,
            count,
        })
    }
}

/// The events of a batch with their positions.
pub(crate) fn read(item: &Item) -> Result<Vec<LogEvent>, StoreError> {
    let key = item::read_text(item, SK).unwrap_or("(no key)");
    let first: u64 = key
        .strip_prefix("EV#")
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| StoreError::unreadable(key, "its key is not that of a batch"))?;
    schema::check(item, key)?;
    let json = item::read_text(item, EVENTS)
        .ok_or_else(|| StoreError::unreadable(key, "it has no events"))?;
    let events: Vec<Event> = serde_json::from_str(json)
        .map_err(|error| StoreError::unreadable(key, error.to_string()))?;
    Ok((first..).map(Seq).zip(events).collect())
}
