//! A request of the chat-completions protocol, read once. Refuses tool results that answer no call; passes over fields
//! it does not know, as the real servers do.

use serde::Deserialize;
use serde_json::Value;

use crate::wire::CHARS_PER_TOKEN;

#[derive(Deserialize)]
pub(crate) struct Request {
    pub(crate) messages: Vec<Message>,
    tools: Option<Vec<Tool>>,
    tool_choice: Option<ToolChoice>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    max_tokens: Option<usize>,
    max_completion_tokens: Option<usize>,
}

#[derive(Deserialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub(crate) enum Message {
    #[serde(alias = "developer")]
    System {
        content: Content,
    },
    User {
        content: Content,
    },
    Assistant {
        tool_calls: Option<Vec<Call>>,
    },
    Tool {
        content: Content,
        tool_call_id: String,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
pub(crate) struct Part {
    text: String,
}

impl Content {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Parts(parts) => parts.iter().map(|part| part.text.as_str()).collect(),
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) function: Called,
}

#[derive(Deserialize)]
pub(crate) struct Called {
    pub(crate) name: String,
    /// A JSON text, as the model wrote it.
    pub(crate) arguments: String,
}

#[derive(Deserialize)]
pub(crate) struct Tool {
    pub(crate) function: Function,
}

#[derive(Deserialize)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// A JSON Schema.
    #[serde(default)]
    pub(crate) parameters: Value,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ToolChoice {
    Mode(Mode),
    Named { function: NamedFunction },
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Mode {
    None,
    Auto,
    Required,
}

#[derive(Deserialize)]
struct NamedFunction {
    name: String,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

impl Request {
    /// The error says what to mend.
    pub(crate) fn read(body: &[u8]) -> Result<Self, String> {
        let request: Self = serde_json::from_slice(body).map_err(|fault| fault.to_string())?;
        if request.messages.is_empty() {
            return Err("messages must not be empty".to_owned());
        }
        let mut called = Vec::new();
        for message in &request.messages {
            match message {
                Message::Assistant { tool_calls } => {
                    called.extend(tool_calls.iter().flatten().map(|call| &call.id));
                }
                Message::Tool { tool_call_id, .. } if !called.contains(&tool_call_id) => {
                    return Err(format!("tool_call_id {tool_call_id} answers no call"));
                }
                Message::Tool { .. } | Message::System { .. } | Message::User { .. } => {}
            }
        }
        Ok(request)
    }

    /// The tools that may be called in this turn.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &Function> {
        let tools = self.tools.iter().flatten().map(|tool| &tool.function);
        tools.filter(|function| match &self.tool_choice {
            None => true,
            Some(ToolChoice::Mode(mode)) => *mode != Mode::None,
            Some(ToolChoice::Named { function: named }) => named.name == function.name,
        })
    }

    pub(crate) fn stream(&self) -> bool {
        self.stream.unwrap_or(false)
    }

    pub(crate) fn wants_usage(&self) -> bool {
        let options = self.stream_options.as_ref();
        options.is_some_and(|options| options.include_usage)
    }

    /// How much may be said, in characters.
    pub(crate) fn max_chars(&self) -> usize {
        let tokens = self.max_completion_tokens.or(self.max_tokens);
        tokens.map_or(usize::MAX, |tokens| tokens.saturating_mul(CHARS_PER_TOKEN))
    }
}
