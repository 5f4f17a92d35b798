//! What a model is asked.

use serde::Serialize;
use serde_json::Value;

/// A chat completion to ask for. Messages and tools are in OpenAI's form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRequest {
    pub messages: Vec<Value>,
    /// Those that calls in the text are read of, too. Left out of the request when empty: some servers refuse an empty list.
    pub tools: Vec<Value>,
    pub temperature: Option<f64>,
    pub max_tokens: Option<u32>,
}

#[derive(Serialize)]
pub(crate) struct Body<'a> {
    pub(crate) model: &'a str,
    messages: &'a [Value],
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
