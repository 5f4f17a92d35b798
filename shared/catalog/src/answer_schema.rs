//! The schema that a caller gives for the answer: whether it is one, and what of an answer does not fit it.

use run::MAX_ANSWER_SCHEMA_BYTES;
use serde_json::Value;

use crate::refusal::{self, Checked};
use crate::schema::{Schema, types};
use crate::schema_cost;

/// Most faults that a model is told at once.
const MAX_FAULTS: usize = 8;
/// Under these a schema refers to others.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];
const META: &str = "$schema";
/// Schemas of JSON Schema itself are known without asking anybody.
const KNOWN: [&str; 2] = ["http://json-schema.org/", "https://json-schema.org/"];

/// Refuses what cannot be the schema of an answer, with what was expected in its place.
///
/// # Errors
/// It is too large, no JSON Schema, refers to another document, or its root is no object.
pub fn check_answer_schema(schema: &Value) -> Result<(), String> {
    let bytes = schema.to_string().len();
    if bytes > MAX_ANSWER_SCHEMA_BYTES {
        return Err(format!(
            "must be at most {MAX_ANSWER_SCHEMA_BYTES} bytes of JSON, got {bytes}"
        ));
    }
    if !schema.is_object() {
        return Err("must be a JSON Schema, an object".to_owned());
    }
    if let Some(reference) = foreign_reference(schema) {
        let reference: String = reference.chars().take(60).collect();
        return Err(format!(
            "must refer to itself alone, as `#/$defs/…`, and refers to `{reference}`"
        ));
    }
    schema_cost::check(schema)?;
    let schema = Schema::of_caller(schema.clone());
    schema
        .compile()
        .map_err(|problem| format!("must be a JSON Schema: {problem}"))?;
    if types(schema.root()) == ["object"] {
        Ok(())
    } else {
        Err(
            "must have the type object at its root: an answer by a schema is a JSON object"
                .to_owned(),
        )
    }
}

/// What of an answer does not fit a schema that was checked, in words; nothing where it fits.
///
/// # Errors
/// It does not fit, or would take too long to check.
pub fn check_answer(schema: &Value, answer: &Value) -> Result<(), String> {
    let schema = Schema::of_caller(schema.clone());
    let faults = schema.faults(answer, MAX_FAULTS)?;
    if faults.is_empty() {
        Ok(())
    } else {
        Err(refusal::faults_of(
            Checked::ANSWER,
            &faults,
            answer,
            &schema,
        ))
    }
}

/// A reference that leads out of a schema. A member of an object may have such a name, too: its schema is no text.
fn foreign_reference(schema: &Value) -> Option<&str> {
    match schema {
        Value::Object(members) => members.iter().find_map(|(name, value)| match value {
            Value::String(target) if REFERENCES.contains(&&**name) => {
                Some(&**target).filter(|target| !target.starts_with('#'))
            }
            Value::String(target) if name == META => Some(&**target)
                .filter(|target| !KNOWN.iter().any(|known| target.starts_with(known))),
            value => foreign_reference(value),
        }),
        Value::Array(items) => items.iter().find_map(foreign_reference),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
