//! What a model is asked.

use std::sync::Arc;

use serde::Serialize;
use serde::ser::Error as _;
use serde_json::Value;
use serde_json::value::RawValue;

/// A message in OpenAI's form, as the JSON text that is sent; copies share it.
#[derive(Clone, Debug)]
pub struct ChatMessage(Arc<str>);

impl ChatMessage {
    /// Bytes of its JSON text.
    #[expect(clippy::len_without_is_empty, reason = "no message is empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Its JSON text.
    pub fn json(&self) -> &str {
        &self.0
    }
}

impl From<Value> for ChatMessage {
    fn from(message: Value) -> Self {
        Self(message.to_string().into())
    }
}

impl Serialize for ChatMessage {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text: &RawValue = serde_json::from_str(&self.0).map_err(S::Error::custom)?;
        text.serialize(serializer)
    }
}

/// A chat completion to ask for. Messages and tools are in OpenAI's form.
#[derive(Clone, Debug, Default)]
pub struct ChatRequest {
    pub messages: Vec<ChatMessage>,
    /// Those that calls in the text are read of, too. Left out of the request when empty: some servers refuse an empty list.
    pub tools: Vec<Value>,
    pub temperature: Option<f64>,
    pub max_tokens: Option<u32>,
}

#[derive(Serialize)]
pub(crate) struct Body<'a> {
    pub(crate) model: &'a str,
    messages: &'a [ChatMessage],
    #[serde(skip_serializing_if = "<[Value]>::is_empty")]
    tools: &'a [Value],
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    stream: bool,
    stream_options: StreamOptions,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl ChatRequest {
    pub(crate) fn body<'a>(&'a self, model: &'a str, tools: &'a [Value]) -> Body<'a> {
        Body {
            model,
            messages: &self.messages,
            tools,
            temperature: self.temperature,
            max_tokens: self.max_tokens,
            stream: true,
            stream_options: StreamOptions {
                include_usage: true,
            },
        }
    }
}
