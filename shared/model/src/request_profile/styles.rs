//! Messages put in another style.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::restriction::RequestStyle;

/// Gemini's own word for a call whose thought is not at hand.
pub(super) const NO_SIGNATURE: &str = "skip_thought_signature_validator";

impl RequestStyle {
    /// The field that it is about.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Unstreamed => "stream",
            Self::NoSystem => "messages.system",
            Self::EmptyContent => "messages.content",
            Self::CallsAlone => "messages.content beside tool_calls",
            Self::SignedCalls => "messages.tool_calls.thought_signature",
            Self::NamedResults => "messages.tool.name",
            Self::SchemaOfObject => "response_format.json_schema",
        }
    }

    pub(super) fn apply(self, messages: &mut Vec<Value>) {
        match self {
            Self::Unstreamed | Self::SchemaOfObject => {}
            Self::NoSystem => join_system(messages),
            Self::EmptyContent => each_assistant(messages, |message| {
                if message.get("content").is_none() {
                    message["content"] = json!("");
                }
            }),
            Self::CallsAlone => each_assistant(messages, |message| {
                let calls = message.get("tool_calls").is_some();
                if let Some(fields) = message.as_object_mut().filter(|_| calls) {
                    fields.shift_remove("content");
                }
            }),
            Self::SignedCalls => each_assistant(messages, |message| {
                let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut);
                for call in calls.into_iter().flatten() {
                    call["extra_content"] = json!({"google": {"thought_signature": NO_SIGNATURE}});
                }
            }),
            Self::NamedResults => name_results(messages),
        }
    }
}

fn each_assistant(messages: &mut [Value], change: impl Fn(&mut Value)) {
    let assistants = messages
        .iter_mut()
        .filter(|message| message["role"] == "assistant");
    assistants.for_each(change);
}

/// The system's text stands before the first question.
fn join_system(messages: &mut Vec<Value>) {
    let role = |message: &Value, role: &str| message["role"] == role;
    if !messages.first().is_some_and(|first| role(first, "system")) {
        return;
    }
    let Some(question) = messages.iter().position(|message| role(message, "user")) else {
        return;
    };
    let texts = [&messages[0], &messages[question]].map(|message| message["content"].as_str());
    if let [Some(system), Some(asked)] = texts {
        messages[question]["content"] = format!("{system}\n\n{asked}").into();
        messages.remove(0);
    }
}

fn name_results(messages: &mut [Value]) {
    let mut names = BTreeMap::new();
    for message in messages {
        let calls = message.get("tool_calls").and_then(Value::as_array);
        for call in calls.into_iter().flatten() {
            names.insert(call["id"].to_string(), call["function"]["name"].clone());
        }
        if let Some(name) = message
            .get("tool_call_id")
            .and_then(|id| names.get(&id.to_string()))
        {
            message["name"] = name.clone();
        }
    }
}
