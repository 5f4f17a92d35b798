//! What a model is asked.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{Error as _, SerializeMap as _};
use serde_json::Value;
use serde_json::value::RawValue;

/// Fields that a server may be asked without.
pub(crate) const TEMPERATURE: &str = "temperature";
pub(crate) const MAX_TOKENS: &str = "max_tokens";
/// What newer models call the same.
pub(crate) const MAX_COMPLETION_TOKENS: &str = "max_completion_tokens";
pub(crate) const STREAM_OPTIONS: &str = "stream_options";
/// All of them, those first that are missed least.
pub(crate) const OPTIONAL: [&str; 4] = [
    STREAM_OPTIONS,
    TEMPERATURE,
    MAX_TOKENS,
    MAX_COMPLETION_TOKENS,
];

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

    /// The message as it was made from.
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or(Value::Null)
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
    /// Other names under which models call some of the tools, each with the tool's own: calls of them are read as calls of it.
    pub aliases: Vec<(String, String)>,
    pub temperature: Option<f64>,
    pub max_tokens: Option<u32>,
}

/// A request as one server takes it.
pub(crate) struct Body<'a> {
    pub(crate) model: &'a str,
    pub(crate) messages: Cow<'a, [ChatMessage]>,
    pub(crate) tools: Cow<'a, [Value]>,
    pub(crate) temperature: Option<f64>,
    /// The field that says how long the reply may be, and the number in it.
    pub(crate) reply_tokens: Option<(&'static str, u32)>,
    pub(crate) is_streamed: bool,
    /// Whether a stream is to tell its tokens.
    pub(crate) includes_usage: bool,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl Serialize for Body<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("model", self.model)?;
        map.serialize_entry("messages", &self.messages)?;
        if !self.tools.is_empty() {
            map.serialize_entry("tools", &self.tools)?;
        }
        if let Some(temperature) = self.temperature {
            map.serialize_entry(TEMPERATURE, &temperature)?;
        }
        if let Some((field, tokens)) = self.reply_tokens {
            map.serialize_entry(field, &tokens)?;
        }
        map.serialize_entry("stream", &self.is_streamed)?;
        if self.is_streamed && self.includes_usage {
            let options = StreamOptions {
                include_usage: true,
            };
            map.serialize_entry(STREAM_OPTIONS, &options)?;
        }
        map.end()
    }
}
