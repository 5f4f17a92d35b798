//! What a model is asked.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{Error as _, SerializeMap as _};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::decision::DecisionSchema;
use crate::overrides::Overrides;
pub(crate) use crate::overrides::TEMPERATURE;

/// Fields that a server may be asked without.
pub(crate) const MAX_TOKENS: &str = "max_tokens";
/// What newer models call the same.
pub(crate) const MAX_COMPLETION_TOKENS: &str = "max_completion_tokens";
pub(crate) const STREAM_OPTIONS: &str = "stream_options";
pub(crate) const RESPONSE_FORMAT: &str = "response_format";
/// All of them, those first that are missed least.
pub(crate) const OPTIONAL: [&str; 5] = [
    STREAM_OPTIONS,
    TEMPERATURE,
    MAX_TOKENS,
    MAX_COMPLETION_TOKENS,
    RESPONSE_FORMAT,
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
    /// How calls of them are asked for.
    pub calls: CallForm,
    /// Other names under which models call some of the tools, each with the tool's own: calls of them are read as calls of it.
    pub aliases: Vec<(String, String)>,
    pub temperature: Option<f64>,
    pub max_tokens: Option<u32>,
    /// What stands in the request whatever is asked.
    pub overrides: Arc<Overrides>,
}

/// How calls are asked for, and where they are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum CallForm {
    /// The tools stand in their own field, and calls come in theirs.
    #[default]
    Native,
    /// A message describes the tools, and calls stand in the text.
    Text,
    /// A message describes the tools, and the text is a decision as this schema has it.
    Schema(Arc<DecisionSchema>),
}

/// A request as one server takes it.
pub(crate) struct Body<'a> {
    pub(crate) model: &'a str,
    pub(crate) messages: Cow<'a, [ChatMessage]>,
    pub(crate) offers: Offers<'a>,
    pub(crate) temperature: Option<f64>,
    /// The field that says how long the reply may be, and the number in it.
    pub(crate) reply_tokens: Option<(&'static str, u32)>,
    pub(crate) is_streamed: bool,
    /// Whether a stream is to tell its tokens.
    pub(crate) includes_usage: bool,
    /// Further fields.
    pub(crate) others: &'a Map<String, Value>,
}

/// What calls are made from. Servers that get tools and a schema together forget one of them.
pub(crate) enum Offers<'a> {
    Nothing,
    Tools(Cow<'a, [Value]>),
    Schema(SchemaField, &'a Value),
}

/// Where a schema stands in the form of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SchemaField {
    /// Under `json_schema`, with a name.
    Named,
    /// Under `schema` beside the type `json_object`, as `llama-cpp-python` and some gateways have it.
    OfObject,
}

#[derive(Serialize)]
struct ObjectFormat<'a> {
    r#type: &'static str,
    schema: &'a Value,
}

#[derive(Serialize)]
struct ResponseFormat<'a> {
    r#type: &'static str,
    json_schema: NamedSchema<'a>,
}

#[derive(Serialize)]
struct NamedSchema<'a> {
    name: &'static str,
    strict: bool,
    schema: &'a Value,
}

impl<'a> ResponseFormat<'a> {
    const fn of(schema: &'a Value) -> Self {
        Self {
            r#type: "json_schema",
            json_schema: NamedSchema {
                name: "decision",
                strict: true,
                schema,
            },
        }
    }
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
        match &self.offers {
            Offers::Nothing => {}
            Offers::Tools(tools) => map.serialize_entry("tools", tools)?,
            Offers::Schema(SchemaField::Named, schema) => {
                map.serialize_entry(RESPONSE_FORMAT, &ResponseFormat::of(schema))?;
            }
            Offers::Schema(SchemaField::OfObject, schema) => {
                let r#type = "json_object";
                map.serialize_entry(RESPONSE_FORMAT, &ObjectFormat { r#type, schema })?;
            }
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
        for (field, value) in self.others {
            map.serialize_entry(field, value)?;
        }
        map.end()
    }
}
