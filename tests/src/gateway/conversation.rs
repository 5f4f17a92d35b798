//! A conversation as gateways look at it before they translate it.

use serde_json::{Value, json};

/// One message.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pub(super) role: &'a str,
    /// Absent where the field is, or is null.
    pub(super) content: Option<&'a Value>,
    pub(super) calls: &'a [Value],
    pub(super) answers: &'a str,
    pub(super) whole: &'a Value,
}

pub(super) fn turns(request: &Value) -> Vec<Turn<'_>> {
    let messages = request["messages"]
        .as_array()
        .map_or(&[][..], |all| &all[..]);
    let read = |message| {
        let message: &Value = message;
        Turn {
            role: message["role"].as_str().unwrap_or_default(),
            content: message.get("content").filter(|content| !content.is_null()),
            calls: message["tool_calls"]
                .as_array()
                .map_or(&[], |calls| &calls[..]),
            answers: message["tool_call_id"].as_str().unwrap_or_default(),
            whole: message,
        }
    };
    messages.iter().map(read).collect()
}

impl Turn<'_> {
    pub(super) fn is_blank(&self) -> bool {
        let text = |content: &Value| content.as_str().is_none_or(|text| text.trim().is_empty());
        self.content.is_some_and(text)
    }

    pub(super) fn ids(&self) -> Vec<&str> {
        self.calls.iter().map(|call| text(&call["id"])).collect()
    }

    pub(super) fn names(&self) -> Vec<&str> {
        let name = |call| text(&Value::get(call, "function").unwrap_or(call)["name"]);
        self.calls.iter().map(name).collect()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// For each turn with calls the ids that are answered right behind it.
pub(super) fn pairs<'a>(turns: &'a [Turn<'a>]) -> Vec<(usize, Vec<&'a str>, Vec<&'a str>)> {
    let mut pairs = Vec::new();
    for (at, turn) in turns.iter().enumerate() {
        if turn.role == "tool" || (turn.calls.is_empty() && turn.role != "assistant") {
            continue;
        }
        let behind = turns[at + 1..]
            .iter()
            .take_while(|turn| turn.role == "tool");
        pairs.push((at, turn.ids(), behind.map(|turn| turn.answers).collect()));
    }
    pairs
}

/// A tool's result that stands behind no assistant's message.
pub(super) fn stray(turns: &[Turn<'_>]) -> Option<usize> {
    (0..turns.len()).find(|at| {
        let before = at.checked_sub(1).map(|before| turns[before].role);
        turns[*at].role == "tool" && !matches!(before, Some("assistant" | "tool"))
    })
}

pub(super) fn is_name(name: &str, also: &[char]) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || also.contains(&c);
    !name.is_empty() && name.len() <= 64 && name.chars().all(fits)
}

/// The first field of a request that is none of these.
pub(super) fn unknown<'a>(request: &'a Value, known: &[&str]) -> Option<(&'a str, &'a Value)> {
    let fields = request.as_object()?.iter();
    let mut fields = fields.map(|(name, value)| (name.as_str(), value));
    fields.find(|(name, _)| !known.contains(name))
}

/// The names of the tools that a request offers.
pub(super) fn offered(request: &Value) -> impl Iterator<Item = &str> {
    let tools = request["tools"].as_array().into_iter().flatten();
    tools.map(|tool| text(&tool["function"]["name"]))
}

/// The places of keywords in the tools' schemas, in Gemini's words.
pub(super) fn keywords(request: &Value, refused: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, tool) in request["tools"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        let place = format!("tools[0].function_declarations[{at}].parameters");
        look(&tool["function"]["parameters"], &place, refused, &mut found);
    }
    found
}

fn look(schema: &Value, place: &str, refused: &[&str], found: &mut Vec<String>) {
    for (key, value) in schema.as_object().into_iter().flatten() {
        if refused.contains(&key.as_str()) {
            found.push(format!(
                "Invalid JSON payload received. Unknown name \"{key}\" at '{place}': Cannot find field."
            ));
        }
        if key == "properties" {
            for (at, schema) in value
                .as_object()
                .into_iter()
                .flatten()
                .map(|it| it.1)
                .enumerate()
            {
                look(
                    schema,
                    &format!("{place}.properties[{at}].value"),
                    refused,
                    found,
                );
            }
        }
    }
}

/// Arguments that are the text of a JSON object.
pub(super) fn has_arguments(call: &Value) -> bool {
    let parsed = serde_json::from_str(text(&call["function"]["arguments"]));
    parsed.is_ok_and(|arguments: Value| arguments.is_object())
}

pub(super) fn error(message: &str) -> Value {
    json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": null}})
}
