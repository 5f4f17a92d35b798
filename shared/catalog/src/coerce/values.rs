//! Arguments that do not fit their schema, changed to what they plainly mean.
//!
//! Each change is tried on the schema itself, and kept where it removes a fault.

use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::{Map, Value};

use super::{nulls, renamed, text};
use crate::schema::{Fault, Schema, properties};

/// Faults from which on nothing is tried any more: with so many it is not certain what is meant.
const MAX_FAULTS: usize = 64;
/// Changes that are tried on one call.
const MAX_TRIALS: usize = 64;
/// What all trials together may look through, in bytes: of large arguments fewer are tried.
const MAX_TRIED_BYTES: usize = 4 * 1024 * 1024;
/// Wrappings around arguments that are opened.
const MAX_WRAPPINGS: usize = 4;
/// What stands around arguments that were wrapped once more.
const WRAPPERS: &[&str] = &[
    "arguments",
    "args",
    "parameters",
    "params",
    "kwargs",
    "input",
    "tool_input",
    "function",
    "function_call",
    "__arg1",
];
/// What stands beside arguments where a whole call was written as its arguments.
const NAMES: &[&str] = &[
    "name",
    "tool",
    "tool_name",
    "function",
    "function_name",
    "type",
];
/// What some models write into arguments that they leave out.
const NOTHINGS: &[&str] = &["", "null", "None", "none", "undefined"];

/// The arguments as they fit, or as near to it as is certain.
pub(super) fn fitted(
    arguments: Map<String, Value>,
    schema: &Schema,
    names: &[&str],
) -> Map<String, Value> {
    let written = Value::Object(arguments);
    let fits = |arguments: &Value| {
        let faults = schema.faults(arguments, 1);
        faults.is_ok_and(|faults| faults.is_empty())
    };
    let meant = if fits(&written) {
        written
    } else {
        coerced(
            nulls::dropped(unwrapped(written, schema, names), schema),
            schema,
        )
    };
    match meant {
        Value::Object(arguments) => arguments,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}

/// What stands in the wrappings around arguments, as `{"arguments": {…}}` or a whole call.
fn unwrapped(mut arguments: Value, schema: &Schema, names: &[&str]) -> Value {
    for _ in 0..MAX_WRAPPINGS {
        let inner = arguments
            .as_object()
            .and_then(|arguments| inside(arguments, schema, names));
        match inner {
            Some(inner) => arguments = Value::Object(inner),
            None => break,
        }
    }
    arguments
}

/// The one wrapping among arguments, opened, with the arguments that were left beside it.
fn inside(
    arguments: &Map<String, Value>,
    schema: &Schema,
    names: &[&str],
) -> Option<Map<String, Value>> {
    let is_argument =
        |name: &str| properties(schema.root()).is_some_and(|known| known.contains_key(name));
    let is_name = |name: &str, value: &Value| {
        let said = value.as_str().unwrap_or_default();
        NAMES.contains(&name) && (names.contains(&said) || said == "function")
    };
    let (beside, others): (Vec<_>, Vec<_>) =
        arguments.iter().partition(|(name, _)| is_argument(name));
    let mut others = others
        .into_iter()
        .filter(|(name, value)| !value.is_null() && !is_name(name, value));
    let (wrapper, inner) = others.next()?;
    if others.next().is_some() || !WRAPPERS.contains(&wrapper.as_str()) {
        return None;
    }
    let mut opened = match inner {
        Value::Object(inner) => inner.clone(),
        Value::String(inner) => text::held(inner).or_else(|| text::bare(inner, schema))?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => return None,
    };
    for (name, value) in beside {
        match opened.get(name) {
            None => drop(opened.insert(name.clone(), value.clone())),
            Some(_) if value.is_null() => {}
            // Which of the two is meant is not known.
            Some(_) => return None,
        }
    }
    Some(opened)
}

/// The arguments after one certain change after the other, until none is left.
fn coerced(mut arguments: Value, schema: &Schema) -> Value {
    let bytes = arguments.to_string().len();
    let most = MAX_TRIALS.min(MAX_TRIED_BYTES / bytes.max(1));
    let mut trials = 0;
    'again: loop {
        let Ok(faults) = schema.faults(&arguments, MAX_FAULTS) else {
            return arguments;
        };
        if faults.len() == MAX_FAULTS {
            return arguments;
        }
        for fault in &faults {
            if trials == most {
                return arguments;
            }
            if let Some(named) = renamed::at(&arguments, &fault.at, schema) {
                trials += 1;
                arguments = named;
                continue 'again;
            }
            for change in changes(fault, &arguments) {
                if trials == most {
                    return arguments;
                }
                trials += 1;
                let Some(changed) = change.of(&arguments, &fault.at) else {
                    continue;
                };
                if change.mends(&changed, &fault.at, schema) {
                    // A text may hold nulls too.
                    arguments = nulls::dropped(changed, schema);
                    continue 'again;
                }
            }
        }
        return arguments;
    }
}

/// What may be done to a value that does not fit.
enum Change {
    /// What its text holds.
    Read(Value),
    /// A list of it alone.
    Listed(Value),
    LeaveOut,
}

/// The changes that may mend a fault, the likeliest first.
fn changes(fault: &Fault, arguments: &Value) -> Vec<Change> {
    let Some(value) = arguments
        .pointer(&fault.at)
        .filter(|_| !fault.at.is_empty())
    else {
        return Vec::new();
    };
    let is_of_kind = is_of_kind(&fault.kind);
    let Value::String(text) = value else {
        return if is_of_kind && !value.is_array() && !value.is_null() {
            vec![Change::Listed(Value::Array(vec![value.clone()]))]
        } else {
            Vec::new()
        };
    };
    let mut changes = Vec::new();
    if is_of_kind {
        changes.extend(unquoted(text).map(Change::Read));
        changes.extend(listed(&fault.kind, text).map(Change::Read));
    }
    if text.is_empty() || is_of_kind && NOTHINGS.contains(&text.as_str()) {
        changes.push(Change::LeaveOut);
    }
    if is_of_kind && !text.trim_start().starts_with('[') {
        changes.push(Change::Listed(Value::Array(vec![value.clone()])));
    }
    changes
}

/// The number, boolean, list or object that stands in a string.
fn unquoted(text: &str) -> Option<Value> {
    let value = match text.trim() {
        "True" | "TRUE" => Value::Bool(true),
        "False" | "FALSE" => Value::Bool(false),
        text => serde_json::from_str(text).ok()?,
    };
    match &value {
        // A whole number that is too large for one would lose digits.
        Value::Number(number) => {
            let is_exact = number.is_i64() || number.is_u64() || text.contains(['.', 'e', 'E']);
            is_exact.then_some(value)
        }
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Some(value),
        Value::Null | Value::String(_) => None,
    }
}

/// The one listed value that differs in case alone.
fn listed(kind: &Kind, text: &str) -> Option<Value> {
    let Kind::Enum { options } = kind else {
        return None;
    };
    let is_same = |option: &&Value| {
        option
            .as_str()
            .is_some_and(|option| option.eq_ignore_ascii_case(text.trim()))
    };
    let mut same = options.as_array()?.iter().filter(is_same);
    let option = same.next()?;
    same.next().is_none().then(|| option.clone())
}

impl Change {
    fn of(&self, arguments: &Value, at: &str) -> Option<Value> {
        let mut changed = arguments.clone();
        match self {
            Self::Read(value) | Self::Listed(value) => *changed.pointer_mut(at)? = value.clone(),
            Self::LeaveOut => changed = nulls::leave_all_out(arguments, &[at.to_owned()]),
        }
        Some(changed)
    }

    /// Whether nothing is wrong with what the value is any more; it may still be too large, too long and the like.
    fn mends(&self, changed: &Value, at: &str, schema: &Schema) -> bool {
        let Ok(faults) = schema.faults(changed, usize::MAX) else {
            return false;
        };
        let is_of_kind_at = |is_there: &dyn Fn(&str) -> bool| {
            let mut faults = faults.iter().filter(|fault| is_of_kind(&fault.kind));
            faults.any(|fault| fault.at.strip_prefix(at).is_some_and(is_there))
        };
        match self {
            Self::Read(_) => !is_of_kind_at(&str::is_empty),
            Self::Listed(_) => !is_of_kind_at(&|rest| rest.is_empty() || rest.starts_with('/')),
            Self::LeaveOut => !faults
                .iter()
                .any(|fault| nulls::missing(fault).as_deref() == Some(at)),
        }
    }
}

/// Whether a fault is that a value is of another kind, not that it is too large, too long and the like.
const fn is_of_kind(fault: &Kind) -> bool {
    matches!(
        fault,
        Kind::Type { .. }
            | Kind::AnyOf { .. }
            | Kind::OneOfNotValid { .. }
            | Kind::Enum { .. }
            | Kind::Constant { .. }
    )
}
