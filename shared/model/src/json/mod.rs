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

/// The same for an error, of which zero is the code of success.
pub(crate) fn tells_failure(error: &Value) -> bool {
    match error {
        Value::Number(code) => code.as_u64() != Some(0),
        Value::Array(values) => values.iter().any(tells_failure),
        Value::Object(fields) => fields.values().any(tells_failure),
        Value::Null | Value::Bool(_) | Value::String(_) => says_something(error),
    }
}
