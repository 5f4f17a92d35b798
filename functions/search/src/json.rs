//! JSON as providers really send it: fields missing, null, or of another kind than they should be.

use serde_json::Value;

use crate::problem::Problem;

/// The JSON object that a text is.
pub fn object(text: &str) -> Result<Value, Problem> {
    match serde_json::from_str(text) {
        Ok(object @ Value::Object(_)) => Ok(object),
        Ok(_) => Err(Problem::Unreadable("JSON of another kind")),
        Err(_) if text.trim_start().starts_with('<') => {
            Err(Problem::Unreadable("a web page where JSON was asked for"))
        }
        Err(_) if text.trim().is_empty() => Err(Problem::Unreadable("nothing at all")),
        Err(_) => Err(Problem::Unreadable("damaged JSON")),
    }
}

/// A field's text; what is neither text nor number says nothing.
pub fn text_in(object: &Value, name: &str) -> String {
    match object.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => {
            String::new()
        }
    }
}

/// A field's list, `None` where it is none.
pub fn list_in<'a>(object: &'a Value, name: &str) -> Option<&'a [Value]> {
    object.get(name)?.as_array().map(Vec::as_slice)
}
