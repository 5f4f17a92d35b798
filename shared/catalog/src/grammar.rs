//! The schema of a tool's arguments as a server makes a grammar of it, to which it holds every reply.
//!
//! Beyond what is left out of a schema that is offered, all members are asked for, one that may be left out as null: so is the order of
//! members the schema's, and the strictest servers take it. No words for people stand in it, and within lists no length of a text:
//! grammars unfold lengths, and those within each other multiply. What is written is checked by the whole schema all the same.

use serde_json::{Map, Value, json};

use crate::listed::reduced_arguments;

/// Keywords that say something to people, or are unfolded.
const WORDS: [&str; 2] = ["description", "default"];
const LENGTHS: [&str; 2] = ["minLength", "maxLength"];

/// The grammar of arguments. Of a schema that is too large it is that of any object.
pub fn grammar(parameters: &Map<String, Value>) -> Value {
    let Some(reduced) = reduced_arguments(parameters) else {
        return json!({"type": "object"});
    };
    let mut arguments = strict(&reduced, Within::Object);
    // Arguments that are told are all that there are.
    if let Some(members) = arguments.as_object_mut() {
        let closed = || Value::Bool(false);
        members.entry("additionalProperties").or_insert_with(closed);
    }
    arguments
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Object,
    List,
}

fn strict(schema: &Value, within: Within) -> Value {
    let Some(members) = schema.as_object() else {
        return schema.clone();
    };
    let mut kept = Map::new();
    for (keyword, value) in members {
        let is_left_out = WORDS.contains(&keyword.as_str())
            || (within == Within::List && LENGTHS.contains(&keyword.as_str()));
        if is_left_out {
            continue;
        }
        let value = match (keyword.as_str(), value) {
            ("properties", Value::Object(listed)) => properties(listed, members, within),
            ("items", items) => strict(items, Within::List),
            ("additionalProperties", further @ Value::Object(_)) => strict(further, Within::List),
            ("anyOf", Value::Array(all)) => all.iter().map(|one| strict(one, within)).collect(),
            _ => value.clone(),
        };
        kept.insert(keyword.clone(), value);
    }
    if let Some(Value::Object(listed)) = kept.get("properties") {
        let names: Vec<_> = listed.keys().cloned().map(Value::from).collect();
        let has_members = !names.is_empty();
        kept.insert("required".to_owned(), Value::Array(names));
        if has_members {
            kept.entry("additionalProperties").or_insert(json!(false));
        }
    }
    Value::Object(kept)
}

/// The listed members, those that may be left out with null beside their own values.
fn properties(listed: &Map<String, Value>, of: &Map<String, Value>, within: Within) -> Value {
    let required = of.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|it| it == name));
    let members = listed.iter().map(|(name, schema)| {
        let schema = strict(schema, within);
        let schema = if is_required(name) {
            schema
        } else {
            nullable(schema)
        };
        (name.clone(), schema)
    });
    Value::Object(members.collect())
}

fn nullable(schema: Value) -> Value {
    let Value::Object(mut members) = schema else {
        return schema;
    };
    let null = || Value::from("null");
    match members.get_mut("type") {
        // What is offered of a member that may be left out has no null among several types.
        Some(Value::Array(kinds)) => kinds.push(null()),
        Some(kind @ Value::String(_)) if *kind != null() => *kind = json!([kind.take(), "null"]),
        Some(_) | None => {}
    }
    if let Some(Value::Array(values)) = members.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    let only_null = json!({"type": "null"});
    if let Some(Value::Array(all)) = members.get_mut("anyOf")
        && !all.contains(&only_null)
    {
        all.push(only_null);
    }
    Value::Object(members)
}
