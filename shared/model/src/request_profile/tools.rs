//! Tools without what a server does not take of them.

use std::collections::BTreeSet;

use serde_json::Value;

/// Keywords of tools that say what a tool is: without them nothing is offered.
const KEPT: [&str; 5] = ["name", "parameters", "type", "properties", "description"];
/// Keywords of a schema that hold schemas by name, and those that hold no schema.
const BY_NAME: [&str; 4] = ["properties", "patternProperties", "$defs", "definitions"];
const DATA: [&str; 6] = [
    "enum", "const", "default", "example", "examples", "required",
];

/// Cuts a tool's own description to so many characters.
pub(super) fn shorten_description(tool: &mut Value, chars: usize) {
    let description = tool.pointer_mut("/function/description");
    if let Some(Value::String(text)) = description
        && let Some((end, _)) = text.char_indices().nth(chars)
    {
        text.truncate(end);
    }
}

/// A tool without the keywords; `used` are those that it had.
pub(super) fn reduced(tool: &Value, keys: &BTreeSet<String>, used: &mut BTreeSet<String>) -> Value {
    let mut tool = tool.clone();
    if let Some(function) = tool.get_mut("function") {
        let mut parameters = function.get_mut("parameters").map(Value::take);
        remove(function, keys, used);
        if let Some(schema) = &mut parameters {
            reduce_schema(schema, keys, used);
            function["parameters"] = schema.take();
        }
    }
    tool
}

fn remove(object: &mut Value, keys: &BTreeSet<String>, used: &mut BTreeSet<String>) {
    if let Some(fields) = object.as_object_mut() {
        fields.retain(|key, _| {
            let is_kept = KEPT.contains(&key.as_str()) || !keys.contains(key);
            if !is_kept {
                used.insert(key.clone());
            }
            is_kept
        });
    }
}

fn reduce_schema(schema: &mut Value, keys: &BTreeSet<String>, used: &mut BTreeSet<String>) {
    remove(schema, keys, used);
    let Some(fields) = schema.as_object_mut() else {
        for schema in schema.as_array_mut().into_iter().flatten() {
            reduce_schema(schema, keys, used);
        }
        return;
    };
    for (key, value) in fields {
        match key.as_str() {
            // Of several types the first is told: what is sent is checked against the whole schema all the same.
            "type" if keys.contains("type") => {
                let types = value.as_array().into_iter().flatten();
                if let Some(first) = types.into_iter().find(|kind| **kind != "null").cloned() {
                    *value = first;
                    used.insert(key.clone());
                }
            }
            key if BY_NAME.contains(&key) => {
                for schema in value.as_object_mut().into_iter().flatten().map(|it| it.1) {
                    reduce_schema(schema, keys, used);
                }
            }
            key if DATA.contains(&key) => {}
            _ => reduce_schema(value, keys, used),
        }
    }
}
