//! One JSON object of a reply, streamed or whole, as far as it matters here.
//!
//! Servers leave fields out, send nulls, and add their own; every field is optional and unknown ones are passed over.

use serde::Deserialize;
use serde_json::Value;

/// A chunk of a stream, or a whole reply: they differ only in `delta` and `message`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Chunk {
    #[serde(default)]
    pub(crate) choices: Option<Vec<Choice>>,
    #[serde(default)]
    pub(crate) usage: Option<WireUsage>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    #[serde(default, alias = "message")]
    pub(crate) delta: Option<Delta>,
    #[serde(default)]
    pub(crate) finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Delta {
    #[serde(default)]
    pub(crate) content: Option<String>,
    #[serde(default)]
    pub(crate) reasoning_content: Option<String>,
    #[serde(default)]
    pub(crate) reasoning: Option<String>,
    #[serde(default)]
    pub(crate) tool_calls: Option<Vec<CallPart>>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct CallPart {
    #[serde(default)]
    pub(crate) index: Option<u64>,
    #[serde(default)]
    pub(crate) id: Option<String>,
    #[serde(default)]
    pub(crate) function: Option<FunctionPart>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct FunctionPart {
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// A fragment of JSON text, or the object itself.
    #[serde(default)]
    pub(crate) arguments: Option<Value>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct WireUsage {
    #[serde(default)]
    pub(crate) prompt_tokens: Option<u64>,
    #[serde(default)]
    pub(crate) completion_tokens: Option<u64>,
}

/// What one frame says.
#[derive(Debug)]
pub(crate) enum Frame {
    Chunk(Chunk),
    /// The server's own error, in words.
    Error(String),
    Done,
    Unreadable,
}

/// Reads one frame; an error in it goes before everything else.
pub(crate) fn read(data: &[u8]) -> Frame {
    let text = data.trim_ascii();
    if text == b"[DONE]" {
        return Frame::Done;
    }
    let Ok(value) = serde_json::from_slice::<Value>(text) else {
        return Frame::Unreadable;
    };
    if let Some(message) = error_message(&value) {
        return Frame::Error(message);
    }
    match serde_json::from_value(value) {
        Ok(chunk) => Frame::Chunk(chunk),
        Err(_) => Frame::Unreadable,
    }
}

/// The message of an error object: a string, `{"error": {…}}`, or flat as vLLM writes it.
pub(crate) fn error_message(value: &Value) -> Option<String> {
    let error = match value.get("error") {
        Some(Value::Null) | None => {
            let flat = value.get("object").and_then(Value::as_str) == Some("error");
            flat.then_some(value)?
        }
        Some(error) => error,
    };
    let message = match error {
        Value::String(message) => message.clone(),
        other => match other.get("message").and_then(Value::as_str) {
            Some(message) => message.to_owned(),
            None => other.to_string(),
        },
    };
    Some(message)
}
