//! Where schemas stand in a schema. Whatever stands elsewhere is data, or is read by nobody.

use serde_json::Value;

const ONE: &[&str] = &[
    "additionalItems",
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
const LISTS: &[&str] = &["allOf", "anyOf", "items", "oneOf", "prefixItems"];
const MAPS: &[&str] = &[
    "$defs",
    "definitions",
    "dependencies",
    "dependentSchemas",
    "patternProperties",
    "properties",
];

/// The steps from a schema to those that stand in it, as the tokens of a JSON pointer.
pub(super) fn below(schema: &Value) -> Vec<Vec<String>> {
    let Some(members) = schema.as_object() else {
        return Vec::new();
    };
    let mut steps = Vec::new();
    for (keyword, value) in members {
        let is = |keywords: &[&str]| keywords.contains(&keyword.as_str());
        match value {
            Value::Object(_) | Value::Bool(_) if is(ONE) => steps.push(vec![keyword.clone()]),
            Value::Array(items) if is(LISTS) => {
                let indices = 0..items.len();
                steps.extend(indices.map(|index| vec![keyword.clone(), index.to_string()]));
            }
            Value::Object(map) if is(MAPS) => {
                let names = map.iter().filter(|(_, value)| !value.is_array());
                steps.extend(names.map(|(name, _)| vec![keyword.clone(), name.clone()]));
            }
            _ => {}
        }
    }
    steps
}

/// What stands at the end of steps.
pub(super) fn at<'a>(from: &'a Value, steps: &[String]) -> Option<&'a Value> {
    steps.iter().try_fold(from, |value, step| match value {
        Value::Object(members) => members.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

/// The same, to change it.
pub(super) fn at_mut<'a>(from: &'a mut Value, steps: &[String]) -> Option<&'a mut Value> {
    steps.iter().try_fold(from, |value, step| match value {
        Value::Object(members) => members.get_mut(step),
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

/// The steps that a reference within the same document leads along; `None` for one that leads elsewhere.
pub(super) fn reference(written: &str) -> Option<Vec<String>> {
    let pointer = written.strip_prefix('#')?;
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let steps = pointer.strip_prefix('/')?.split('/');
    steps.map(unescaped).collect()
}

/// A step as it stands in a reference: percent-encoded, and with the two escapes of JSON pointers.
fn unescaped(step: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(step.len());
    let mut rest = step.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    Some(crate::schema::unescaped(str::from_utf8(&bytes).ok()?))
}
