//! Items as DynamoDB holds them: keys, names of attributes, and their values.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use run::{Epoch, RunId, Seq};

use crate::FencingToken;

pub(crate) const PK: &str = "PK";
pub(crate) const SK: &str = "SK";
pub(crate) const EPOCH: &str = "epoch";
pub(crate) const WRITER: &str = "writer";
pub(crate) const WRITE_ID: &str = "write_id";
pub(crate) const WRITTEN_AT: &str = "written_at";
pub(crate) const EVENTS: &str = "events";
pub(crate) const EXPIRES_AT: &str = "expires_at";

pub(crate) type Item = HashMap<String, AttributeValue>;

/// Sort key of the head of a run.
pub(crate) const HEAD: &str = "HEAD";

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

/// Whether an item was written by this very write.
pub(crate) fn is_own(item: &Item, token: &FencingToken, write_id: &str) -> bool {
    read_text(item, WRITER) == Some(&token.writer) && read_text(item, WRITE_ID) == Some(write_id)
}

pub(crate) fn read_epoch(item: &Item) -> Epoch {
    Epoch(read_number(item, EPOCH).unwrap_or(0))
}

/// DynamoDB deletes expired items late, so they are passed over on read.
pub(crate) fn is_expired(item: &Item, now_ms: u64) -> bool {
    read_number(item, EXPIRES_AT).is_some_and(|at| at <= now_ms / 1000)
}
