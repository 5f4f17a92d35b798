//! What servers say of their tools, without characters that nobody sees.

use serde_json::{Map, Value};
use tool::is_unseen;

/// A text as people would see it.
pub(crate) fn cleaned(text: &str) -> String {
    let is_seen = |c: &char| matches!(c, '\n' | '\t') || !is_unseen(*c);
    text.chars().filter(is_seen).collect()
}

/// The same for all that a schema says for people.
pub(crate) fn cleaned_schema(schema: Map<String, Value>) -> Map<String, Value> {
    schema
        .into_iter()
        .map(|(name, value)| {
            let value = match value {
                Value::String(text) if matches!(&*name, "description" | "title") => {
                    Value::String(cleaned(&text))
                }
                other => cleaned_value(other),
            };
            (name, value)
        })
        .collect()
}

fn cleaned_value(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(cleaned_schema(members)),
        Value::Array(items) => items.into_iter().map(cleaned_value).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}
