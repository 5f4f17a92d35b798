//! What a model is asked.

use std::sync::Arc;

use run::AnswerSchema;
use serde::Serialize;
use serde::ser::Error as _;
use serde_json::Value;
use serde_json::value::RawValue;

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
    /// What the reply has to fit. Servers that get tools and a schema together forget one of them, so that it stands with no tools.
    pub answer_schema: Option<Arc<AnswerSchema>>,
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
