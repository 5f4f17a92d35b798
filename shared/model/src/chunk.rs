//! One JSON object of a reply, streamed or whole, as far as it matters here.
//!
//! Servers leave fields out, send nulls, and add their own; every field is optional and unknown ones are passed over.

use serde::Deserialize;
use serde_json::Value;

/// A chunk of a stream, or a whole reply: they differ only in `delta` and `message`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Chunk {
    #[serde(default)]
    error: Option<Value>,
    /// `error` where the whole object is one, as vLLM writes it.
    #[serde(default)]
    object: Option<String>,
    #[serde(default)]
    message: Option<Value>,
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
    let Some(chunk) = parse(text) else {
        return Frame::Unreadable;
    };
    match chunk.error_message() {
        Some(message) => Frame::Error(message),
        None => Frame::Chunk(chunk),
    }
}

/// The message of an error body; `None` where it is none.
pub(crate) fn error_message(body: &[u8]) -> Option<String> {
    parse(body)?.error_message()
}

/// An object, and nothing that merely could be read as one.
fn parse(text: &[u8]) -> Option<Chunk> {
    let is_object = text.trim_ascii_start().first() == Some(&b'{');
    is_object.then(|| serde_json::from_slice(text).ok())?
}

impl Chunk {
    /// The message of an error: a string, an object, or the whole chunk, flat.
    fn error_message(&self) -> Option<String> {
        if self.object.as_deref() == Some("error") {
            return self.message.as_ref().map(words);
        }
        self.error.as_ref().map(|error| {
            let message = error.get("message").filter(|message| message.is_string());
            words(message.unwrap_or(error))
        })
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    }
}
