//! From the text of arguments to an object.

use serde_json::{Map, Value};

use crate::refusal;
use crate::schema::{Schema, properties, required, types};

/// JSON texts within JSON texts that are opened.
const MAX_WRAPPINGS: usize = 4;

/// The object that a text is or holds; or that of the one argument that a bare text is.
///
/// No text means no arguments, and so do `null` and Python's `None`.
pub(super) fn object(written: &str, schema: &Schema) -> Result<Map<String, Value>, String> {
    match parsed(written) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(Value::String(text)) if trimmed(&text).is_empty() => Ok(Map::new()),
        Ok(Value::String(text)) => held(&text)
            .or_else(|| bare(&text, schema))
            .ok_or_else(|| refusal::not_an_object(&Value::String(text))),
        Ok(Value::Array(items)) => alone(items),
        Ok(other @ (Value::Bool(_) | Value::Number(_))) => Err(refusal::not_an_object(&other)),
        Err(error) => bare(written, schema).ok_or(error),
    }
}

/// The object that a text holds, as often as it was written as text once more.
pub(super) fn held(text: &str) -> Option<Map<String, Value>> {
    let mut text = text.to_owned();
    for _ in 0..MAX_WRAPPINGS {
        match parsed(&text) {
            Ok(Value::Object(object)) => return Some(object),
            Ok(Value::String(inner)) => text = inner,
            Ok(_) | Err(_) => return None,
        }
    }
    None
}

/// A text as JSON: an object also in a Markdown fence, and with line breaks in its strings that should have been escaped.
pub(super) fn parsed(written: &str) -> Result<Value, String> {
    let text = trimmed(written);
    if text.is_empty() || text == "None" {
        return Ok(Value::Null);
    }
    let error = match serde_json::from_str(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let fenced = unfenced(text).and_then(|inner| serde_json::from_str(inner).ok());
    match fenced {
        Some(Value::Object(object)) => Ok(Value::Object(object)),
        Some(_) | None => serde_json::from_str(&with_escapes(unfenced(text).unwrap_or(text)))
            .map_err(|_| refusal::no_json(text, &error)),
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim()
}

/// An object that stands alone in a list.
fn alone(mut items: Vec<Value>) -> Result<Map<String, Value>, String> {
    match (items.pop(), items.is_empty()) {
        (Some(Value::Object(object)), true) => Ok(object),
        (Some(last), _) => {
            items.push(last);
            Err(refusal::not_an_object(&Value::Array(items)))
        }
        (None, _) => Err(refusal::not_an_object(&Value::Array(items))),
    }
}

/// What stands in a fence that holds all of the text.
fn unfenced(text: &str) -> Option<&str> {
    let (_, inner) = text.strip_prefix("```")?.split_once('\n')?;
    Some(inner.trim_end().strip_suffix("```")?.trim())
}

/// The same text with the control characters in its strings escaped, as JSON asks for.
fn with_escapes(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    for char in text.chars() {
        match char {
            '\n' if in_string => written.push_str("\\n"),
            '\r' if in_string => written.push_str("\\r"),
            '\t' if in_string => written.push_str("\\t"),
            other => written.push(other),
        }
        in_string ^= char == '"' && !escaped;
        escaped = in_string && char == '\\' && !escaped;
    }
    written
}

/// The one argument that a bare text can be. Broken JSON that was meant as an object is none.
pub(super) fn bare(written: &str, schema: &Schema) -> Option<Map<String, Value>> {
    let text = trimmed(written);
    let inner = unfenced(text).unwrap_or(text);
    if ["{", "[{", "\"{"]
        .iter()
        .any(|meant| inner.starts_with(meant))
    {
        return None;
    }
    let name = text_argument(schema.root(), schema)?;
    let admitted = options(schema.below(schema.root(), name)?);
    if admitted.is_some_and(|options| !options.iter().any(|option| option == text)) {
        return None;
    }
    // A program's first line keeps its indentation.
    let text = written
        .trim_start_matches('\u{feff}')
        .trim_start_matches(['\r', '\n'])
        .trim_end();
    Some(Map::from_iter([(name.to_owned(), Value::from(text))]))
}

/// The argument that a text without a name is: the one that is required and a string, or where none is required the only string.
fn text_argument<'a>(root: &'a Value, schema: &'a Schema) -> Option<&'a str> {
    let is_text = |name: &&str| {
        schema
            .below(root, name)
            .is_some_and(|property| types(property) == ["string"])
    };
    let is_any_required = required(root).next().is_some();
    let mut found: Vec<&str> = if is_any_required {
        required(root).filter(is_text).collect()
    } else {
        let names = properties(root)?.keys().map(String::as_str);
        names.filter(is_text).collect()
    };
    found.pop().filter(|_| found.is_empty())
}

/// The values that a schema lists, where it does.
fn options(schema: &Value) -> Option<&[Value]> {
    schema
        .get("enum")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
}
