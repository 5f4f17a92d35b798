//! The messages of a chat completion.

use serde_json::Value;

use super::super::super::ApiError;
use super::super::messages::{Message, check_asked, wrong};

pub(super) const FIELD: &str = "messages";

/// Reads messages, of which at least one is the user's.
pub(super) fn read(messages: &Value) -> Result<Vec<Message>, ApiError> {
    let messages = messages.as_array().filter(|all| !all.is_empty());
    let messages =
        messages.ok_or_else(|| wrong(FIELD, "must be a list of at least one message"))?;
    let messages = messages.iter().enumerate();
    let read = messages.map(|(at, message)| Message::read(&format!("{FIELD}[{at}]"), message));
    let read: Vec<_> = read.collect::<Result<_, _>>()?;
    check_asked(FIELD, &read)?;
    Ok(read)
}

#[cfg(test)]
mod tests;
