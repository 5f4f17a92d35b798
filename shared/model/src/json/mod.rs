//! JSON as servers and models write it.

pub(crate) mod repair;
mod tolerant;

use serde_json::Value;

/// Whether a value is more than an empty one, or one of empty ones.
pub(crate) fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) | Value::Number(_) => true,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(values) => values.iter().any(says_something),
        Value::Object(fields) => fields.values().any(says_something),
    }
}
