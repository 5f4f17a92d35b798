//! Arguments that are left out by writing `null`.

use std::collections::{HashMap, HashSet};

use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use crate::schema::{Fault, Schema, member, unescaped};

/// The arguments without those that are null where the schema knows no null, unless it asks for them.
pub(super) fn dropped(arguments: Value, schema: &Schema) -> Value {
    let Ok(faults) = schema.faults(&arguments, usize::MAX) else {
        return arguments;
    };
    let refused: Vec<String> = faults
        .iter()
        .flat_map(|fault| refused(fault, &arguments))
        .collect();
    if refused.is_empty() {
        return arguments;
    }
    let without = leave_all_out(&arguments, &refused);
    let Ok(faults) = schema.faults(&without, usize::MAX) else {
        return arguments;
    };
    let missing: HashSet<String> = faults.iter().filter_map(missing).collect();
    let optional: Vec<String> = refused
        .into_iter()
        .filter(|at| !missing.contains(at))
        .collect();
    leave_all_out(&arguments, &optional)
}

/// The nulls that a fault is about.
fn refused(fault: &Fault, arguments: &Value) -> Vec<String> {
    let Some(value) = arguments.pointer(&fault.at) else {
        return Vec::new();
    };
    match &fault.kind {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            unexpected
                .iter()
                .filter(|name| value.get(name.as_str()).is_some_and(Value::is_null))
                .map(|name| member(&fault.at, name))
                .collect()
        }
        _ if value.is_null() => vec![fault.at.clone()],
        // Which of its forms a value was meant to have is not known; a null in it is none of any.
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => within(value, &fault.at),
        _ => Vec::new(),
    }
}

/// The members below a value that are null.
fn within(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| {
                let at = member(at, name);
                if value.is_null() {
                    vec![at]
                } else {
                    within(value, &at)
                }
            })
            .collect(),
        Value::Array(items) => (0..)
            .zip(items)
            .flat_map(|(index, item): (usize, _)| within(item, &format!("{at}/{index}")))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// The arguments without these members.
pub(super) fn leave_all_out(arguments: &Value, all: &[String]) -> Value {
    let mut of: HashMap<&str, HashSet<String>> = HashMap::new();
    for (parent, name) in all.iter().filter_map(|at| at.rsplit_once('/')) {
        of.entry(parent).or_default().insert(unescaped(name));
    }
    let mut left = arguments.clone();
    for (parent, names) in of {
        let members = left.pointer_mut(parent).and_then(Value::as_object_mut);
        if let Some(members) = members {
            members.retain(|name, _| !names.contains(name));
        }
    }
    left
}

/// The member that a fault says is missing.
pub(super) fn missing(fault: &Fault) -> Option<String> {
    match &fault.kind {
        Kind::Required { property } => Some(member(&fault.at, property.as_str()?)),
        _ => None,
    }
}
