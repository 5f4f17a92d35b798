//! What this system offers for isolation, primitive by primitive, for the operator: the answer to `{"action": "probe"}`.
//!
//! No model is offered the action: the catalogue's schema of the tool has no such argument, and calls that do not fit it
//! are refused before they get here.

use serde_json::{Map, Value, json};

use crate::Unready;
use crate::python::Python;
use crate::sandbox::{Level, is_own_file_readable};

pub fn is_asked(arguments: &Map<String, Value>) -> bool {
    arguments.len() == 1
        && arguments
            .get("action")
            .is_some_and(|action| action == "probe")
}

/// `primitives` holds 0 or the number of the kernel's error. A function's own file should not be readable: the kernel then
/// keeps its memory and variables from other processes of its user.
pub fn answer(python: &Python, isolation: Result<Level, Unready>) -> Map<String, Value> {
    let (level, refusal) = match isolation {
        Ok(level) => (Some(level), None),
        Err(refusal) => (None, Some(refusal.to_string())),
    };
    let answer = json!({
        "isolation": level,
        "refusal": refusal,
        "python": python.version,
        "executable": python.executable,
        "primitives": python.primitives,
        "landlock_abi": python.landlock_abi,
        "bootstrap_readable": is_own_file_readable(),
    });
    match answer {
        Value::Object(answer) => answer,
        _ => Map::new(),
    }
}
