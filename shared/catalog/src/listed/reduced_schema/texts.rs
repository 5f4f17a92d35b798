//! What a schema says to people and models, within bounds.

use serde_json::{Map, Value};

use super::conjuncts::Conjuncts;

/// Longest description of an argument, in characters.
const MAX_DESCRIPTION_CHARS: usize = 400;
/// Longest default that is a text, in bytes.
const MAX_DEFAULT_BYTES: usize = 100;
const CUT: char = '…';

/// Keeps the description and the default of a schema.
pub(super) fn keep(from: &Conjuncts<'_>, into: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = from.text("description") {
        into.insert("description".to_owned(), Value::String(shortened(text)));
    }
    if let Some(default) = from.text("default").filter(|default| is_short(default)) {
        into.insert("default".to_owned(), default.clone());
    }
}

fn shortened(text: &str) -> String {
    if text.chars().nth(MAX_DESCRIPTION_CHARS).is_none() {
        return text.to_owned();
    }
    let kept = text.chars().take(MAX_DESCRIPTION_CHARS - 1);
    kept.chain([CUT]).collect()
}

fn is_short(default: &Value) -> bool {
    match default {
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => text.len() <= MAX_DEFAULT_BYTES,
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}
