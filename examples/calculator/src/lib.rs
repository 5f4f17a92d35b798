//! A tool that computes one expression exactly, in fractions of whole numbers of any size up to a bound.
//!
//! Refuses floating point: what is no fraction (a root, pi) is not computed.

mod decimal;
mod parse;
mod value;

use serde_json::{Value, json};

pub use decimal::DIGITS;
pub use parse::{MAX_CHARS, MAX_LEVELS};
pub use value::{Fault, MAX_BITS, MAX_EXPONENT};

/// What a tool request is answered: `{"ok": true, "result": …}`, or `{"ok": false, "error": …}` with words for the model that asked.
pub fn handle(request: &Value) -> Value {
    let expression = request["arguments"]["expression"]
        .as_str()
        .unwrap_or_default();
    match parse::compute(expression) {
        Ok(value) => {
            let (decimal, rounded) = decimal::written(&value);
            let exact = value.to_string();
            json!({"ok": true, "result": {"expression": expression, "exact": exact, "decimal": decimal, "rounded": rounded}})
        }
        Err(Fault { code, message }) => {
            json!({"ok": false, "error": {"code": code, "message": message, "retryable": false}})
        }
    }
}
