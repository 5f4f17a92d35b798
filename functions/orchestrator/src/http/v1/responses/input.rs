//! What a request for a response says: a text, or items, also those of earlier responses.

use serde_json::{Map, Value};

use super::super::super::ApiError;
use super::super::messages::{Message, Role, called, check_asked, wrong};

pub(super) const FIELD: &str = "input";

/// Reads the items, of which at least one is a message of the user.
pub(super) fn read(input: &Value) -> Result<Vec<Message>, ApiError> {
    let read = match input {
        Value::String(text) => vec![Message::new(Role::User, text.clone(), FIELD.to_owned())],
        Value::Array(items) => {
            let mut read = Vec::new();
            for (at, item) in items.iter().enumerate() {
                read.extend(read_item(&format!("{FIELD}[{at}]"), item)?);
            }
            read
        }
        _ => return Err(wrong(FIELD, "must be a text or a list of items")),
    };
    check_asked(FIELD, &read)?;
    Ok(read)
}

/// An item as a message; `None` where it is of the service's own steps, or none that a model is told of.
fn read_item(path: &str, item: &Value) -> Result<Option<Message>, ApiError> {
    let members = item
        .as_object()
        .ok_or_else(|| wrong(path, "must be an object"))?;
    let kind = members.get("type").and_then(Value::as_str);
    match kind.unwrap_or("message") {
        "message" => Message::read(path, item).map(Some),
        "function_call" | "custom_tool_call" => Ok(call(path, members)),
        "function_call_output" | "custom_tool_call_output" => {
            let output = members.get("output").unwrap_or(&Value::Null);
            Message::returned(format!("{path}.output"), output).map(Some)
        }
        _ => Ok(None),
    }
}

/// A call that a model made in an earlier turn, of a tool that the caller has.
fn call(path: &str, item: &Map<String, Value>) -> Option<Message> {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    let arguments = text("arguments").or_else(|| text("input"));
    let told = called(text("name")?, arguments.unwrap_or_default());
    Some(Message::new(Role::Assistant, told, path.to_owned()))
}
