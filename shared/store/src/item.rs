//! Items as DynamoDB holds them: names of attributes, keys, and batches of events.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use run::{Epoch, Event, RunId, Seq};

use crate::{FencingToken, LogEvent, StoreError};

/// Where a batch is cut, in bytes of its events; DynamoDB's own limit is 400 KB an item.
pub const ITEM_BYTES: usize = 200 * 1024;
/// An event larger than this fits into no item beside its other attributes.
const MAX_EVENT_BYTES: usize = 380 * 1024;

/// Version of the layout of items, written into each. A reader refuses items of a higher one and changes nothing of their run.
///
/// 2: calls have outcomes of their own for what was rejected or cancelled, and a decision may tell no tokens.
pub(crate) const SCHEMA: u64 = 2;
pub(crate) const SCHEMA_VERSION: &str = "schema";

pub(crate) const PK: &str = "PK";
pub(crate) const SK: &str = "SK";
pub(crate) const EPOCH: &str = "epoch";
pub(crate) const WRITER: &str = "writer";
pub(crate) const WRITE_ID: &str = "write_id";
pub(crate) const WRITTEN_AT: &str = "written_at";
pub(crate) const EVENTS: &str = "events";
pub(crate) const EXPIRES_AT: &str = "expires_at";

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn run_key(run_id: RunId) -> String {
    format!("RUN#{run_id}")
}

/// Zero-padded, so that keys sort as the numbers do.
pub(crate) fn batch_key(first: Seq) -> String {
    format!("EV#{:012}", first.0)
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn read_text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

pub(crate) fn read_number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

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
            let text = serde_json::to_string(event)
                .map_err(|error| StoreError::unreadable(&batch_key(first), error.to_string()))?;
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
            (PK.to_owned(), text(run_key(token.run_id))),
            (SK.to_owned(), text(batch_key(first))),
            (EPOCH.to_owned(), number(token.epoch.0)),
            (WRITER.to_owned(), text(&token.writer)),
            (WRITE_ID.to_owned(), text(&write_id)),
            (WRITTEN_AT.to_owned(), number(now_ms)),
            (EXPIRES_AT.to_owned(), number(expires_at)),
            (SCHEMA_VERSION.to_owned(), number(SCHEMA)),
            (EVENTS.to_owned(), text(json)),
        ]);
        Ok(Self {
            item,
            write_id,
            count,
        })
    }
}

/// Whether an item was written by this very write.
pub(crate) fn is_own(item: &Item, token: &FencingToken, write_id: &str) -> bool {
    read_text(item, WRITER) == Some(&token.writer) && read_text(item, WRITE_ID) == Some(write_id)
}

pub(crate) fn read_epoch(item: &Item) -> Epoch {
    Epoch(read_number(item, EPOCH).unwrap_or(0))
}

/// The events of a batch with their positions.
pub(crate) fn read_batch(item: &Item) -> Result<Vec<LogEvent>, StoreError> {
    let key = read_text(item, SK).unwrap_or("(no key)");
    let first: u64 = key
        .strip_prefix("EV#")
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| StoreError::unreadable(key, "its key is not that of a batch"))?;
    check_schema(item, key)?;
    let json =
        read_text(item, EVENTS).ok_or_else(|| StoreError::unreadable(key, "it has no events"))?;
    let events: Vec<Event> = serde_json::from_str(json)
        .map_err(|error| StoreError::unreadable(key, error.to_string()))?;
    Ok((first..).map(Seq).zip(events).collect())
}

/// Items from before versions were written into all of them are of the first.
pub(crate) fn check_schema(item: &Item, key: &str) -> Result<(), StoreError> {
    match read_number(item, SCHEMA_VERSION) {
        Some(schema) if schema > SCHEMA => Err(StoreError::unreadable(
            key,
            format!("it was written by a newer version (schema {schema}, known is {SCHEMA})"),
        )),
        Some(_) | None => Ok(()),
    }
}

/// DynamoDB deletes expired items late, so they are passed over on read.
pub(crate) fn is_expired(item: &Item, now_ms: u64) -> bool {
    read_number(item, EXPIRES_AT).is_some_and(|at| at <= now_ms / 1000)
}
