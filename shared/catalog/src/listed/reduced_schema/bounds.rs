//! Bounds and values that a grammar can hold.

use serde_json::{Map, Value};

use super::conjuncts::Conjuncts;
use super::null::Null;

/// Most values of one schema.
const MAX_VALUES: usize = 100;
/// Longest value that is a text, in bytes.
const MAX_VALUE_BYTES: usize = 200;
/// Largest bound of a number.
const MAX_NUMBER: f64 = 1e9;
/// Largest bounds of the length of a text and of a list: grammars unfold them.
const MAX_TEXT: u64 = 200;
const MAX_LIST: u64 = 20;

/// Keeps the bounds that are small enough.
pub(super) fn keep(from: &Conjuncts<'_>, kinds: &[&str], into: &mut Map<String, Value>) {
    let numbers = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
    let is_small = |bound: &Value| {
        bound
            .as_f64()
            .is_some_and(|bound| bound.abs() <= MAX_NUMBER)
    };
    let is_within = |most: u64| move |bound: &Value| bound.as_u64().is_some_and(|it| it <= most);
    let mut keep = |keywords: &[&str], is_kept: &dyn Fn(&Value) -> bool| {
        for keyword in keywords {
            if let Some(bound) = from.first(keyword).filter(|bound| is_kept(bound)) {
                into.insert((*keyword).to_owned(), bound.clone());
            }
        }
    };
    if kinds.contains(&"integer") || kinds.contains(&"number") {
        keep(&numbers, &is_small);
    }
    if kinds.contains(&"string") {
        keep(&["minLength", "maxLength"], &is_within(MAX_TEXT));
    }
    if kinds.contains(&"array") {
        keep(&["minItems", "maxItems"], &is_within(MAX_LIST));
    }
}

/// The values that are allowed, where they are listed and few.
pub(super) fn values(of: &Conjuncts<'_>, null: Null) -> Option<Vec<Value>> {
    let mut values = match (of.first("enum"), of.first("const")) {
        (Some(Value::Array(values)), _) => values.clone(),
        (_, Some(value)) => vec![value.clone()],
        _ => return None,
    };
    if null == Null::LeftOut && values.iter().any(|value| !value.is_null()) {
        values.retain(|value| !value.is_null());
    }
    let is_plain = |value: &Value| match value {
        Value::String(text) => text.len() <= MAX_VALUE_BYTES,
        Value::Array(_) | Value::Object(_) => false,
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    };
    let fits = (1..=MAX_VALUES).contains(&values.len()) && values.iter().all(is_plain);
    fits.then_some(values)
}

/// The type of all values, where they have one in common.
pub(super) fn kind_of(values: &[Value]) -> Option<&'static str> {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let first = kind(values.first()?);
    values
        .iter()
        .all(|value| kind(value) == first)
        .then_some(first)
}
