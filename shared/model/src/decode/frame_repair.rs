//! JSON as servers get it wrong: bytes that are no UTF-8, half a character, the same key twice, numbers and literals of Python,
//! control characters as they are.
//!
//! Nothing is guessed: what breaks off is not completed.

use std::borrow::Cow;

use serde_json::Value;

use super::split_chars;
use crate::json::repair;

/// The value of a text; of the same keys the last counts. Parts of characters are kept as [`split_chars`]
/// says, and floats as they are written.
pub(crate) fn value(text: &[u8]) -> Option<Value> {
    let repaired = repair::parse_verbatim(&readable(text), split_chars::of_surrogate)?;
    (!repaired.closed).then_some(repaired.value)
}

fn readable(text: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(text)
        && !text.contains(split_chars::is_half)
    {
        return Cow::Borrowed(text);
    }
    let mut readable = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        let own = |character| {
            if split_chars::is_half(character) {
                char::REPLACEMENT_CHARACTER
            } else {
                character
            }
        };
        readable.extend(chunk.valid().chars().map(own));
        readable.extend(chunk.invalid().iter().copied().map(split_chars::of_byte));
    }
    Cow::Owned(readable)
}
