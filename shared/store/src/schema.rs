//! The version of the layout of items.

use crate::StoreError;
use crate::item::{self, Item};

/// Version of the layout of items, written into each. A reader refuses items of a higher one and changes nothing of their run.
///
/// 2: calls have outcomes of their own for what was rejected or cancelled, and a decision may tell no tokens.
pub(crate) const SCHEMA: u64 = 2;
pub(crate) const SCHEMA_VERSION: &str = "schema";

/// An item without a version is of the first one.
pub(crate) fn check(item: &Item, key: &str) -> Result<(), StoreError> {
    match item::read_number(item, SCHEMA_VERSION) {
        Some(schema) if schema > SCHEMA => Err(StoreError::unreadable(
            key,
            format!("it was written by a newer version (schema {schema}, known is {SCHEMA})"),
        )),
        Some(_) | None => Ok(()),
    }
}
