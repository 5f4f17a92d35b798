//! Whole numbers, written as such where a schema asks for one: `3.0` is an integer to JSON Schema, and to most tools it is not.

use serde_json::{Map, Value};

use crate::schema::{Schema, types};

/// Up to here a float tells every whole number apart.
const MAX_EXACT: f64 = 9_007_199_254_740_991.0;
/// How deep arguments are looked through.
const MAX_DEPTH: usize = 32;

pub(super) fn whole(arguments: Map<String, Value>, schema: &Schema) -> Map<String, Value> {
    arguments
        .into_iter()
        .map(|(name, value)| {
            let value = match schema.below(schema.root(), &name) {
                Some(below) => written(value, below, schema, 0),
                None => value,
            };
            (name, value)
        })
        .collect()
}

fn written(value: Value, of: &Value, schema: &Schema, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return value;
    }
    let inner = |value: Value, step: &str| match schema.below(of, step) {
        Some(below) => written(value, below, schema, depth + 1),
        None => value,
    };
    match value {
        Value::Number(number) if types(of).contains(&"integer") => number
            .as_f64()
            .and_then(integer)
            .map_or(Value::Number(number), Value::from),
        Value::Array(items) => {
            let items = items.into_iter().map(|item| inner(item, "0"));
            Value::Array(items.collect())
        }
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| {
                let value = inner(value, &name);
                (name, value)
            });
            Value::Object(members.collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it is whole and exact")]
fn integer(number: f64) -> Option<i64> {
    let is_whole = number.fract() == 0.0 && number.abs() <= MAX_EXACT;
    is_whole.then_some(number as i64)
}
