//! What a server takes of a request, as its refusals have told, and the request made so.
//!
//! Model, messages and tools are never left out; they are put in other words.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::lesson::{Lesson, Manner};
use crate::request::{MAX_COMPLETION_TOKENS, MAX_TOKENS, OPTIONAL, STREAM_OPTIONS, TEMPERATURE};
use crate::{ChatMessage, ChatRequest};

/// Keywords of tools that say what a tool is: without them nothing is offered.
const KEPT: [&str; 5] = ["name", "parameters", "type", "properties", "description"];
/// Keywords of a schema that hold schemas by name, and those that hold no schema.
const BY_NAME: [&str; 4] = ["properties", "patternProperties", "$defs", "definitions"];
const DATA: [&str; 6] = [
    "enum", "const", "default", "example", "examples", "required",
];
/// A server that refuses a temperature of 0 takes one that is next to it.
const NEXT_TO_ZERO: f64 = 0.01;
/// A limit below this is none of the reply's, in tokens.
const SHORTEST_REPLY: u32 = 16;
/// Gemini's own word for a call whose thought is not at hand.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// What a server takes of a request. By default all of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// Fields of the request that it refuses.
    omitted: BTreeSet<String>,
    /// Keywords that it refuses in the descriptions of tools.
    tool_keys: BTreeSet<String>,
    manners: BTreeSet<Manner>,
    /// The longest reply that may be asked for, in tokens.
    reply_tokens: Option<u32>,
    /// The highest temperature that it has refused of those below 1, and the lowest above.
    refused_low: Option<f64>,
    refused_high: Option<f64>,
}

impl Terms {
    /// Takes in what a refusal of `request` has told, and names what is new about it; `None` where nothing in the request could
    /// be changed for it.
    pub fn learn(&mut self, lesson: &Lesson, request: &ChatRequest) -> Option<String> {
        let mut changed = self.clone();
        let name = changed.take(lesson, request)?;
        if written(request, &changed) == written(request, self) {
            return None;
        }
        *self = changed;
        Some(name)
    }

    /// Whether a request is the same to a server of these terms and of others.
    pub fn are_equal_for(&self, others: &Self, request: &ChatRequest) -> bool {
        self == others || written(request, self) == written(request, others)
    }

    fn take(&mut self, lesson: &Lesson, request: &ChatRequest) -> Option<String> {
        match lesson {
            Lesson::Without(names) => self.do_without(names, request),
            Lesson::ShorterReply(named) => {
                let (field, sent) = self.reply_tokens(request.max_tokens)?;
                let shorter = named
                    .iter()
                    .filter(|tokens| (SHORTEST_REPLY..sent).contains(tokens));
                self.reply_tokens = Some(*shorter.max()?);
                Some(field.to_owned())
            }
            Lesson::OtherTemperature => {
                let sent = self.temperature(request.temperature)?;
                if sent > 1.0 {
                    self.refused_high = Some(sent);
                } else if sent < 1.0 {
                    self.refused_low = Some(sent);
                } else {
                    self.omitted.insert(TEMPERATURE.to_owned());
                }
                Some(TEMPERATURE.to_owned())
            }
            Lesson::Another(manner) => {
                self.manners.insert(*manner);
                Some(manner.as_str().to_owned())
            }
        }
    }

    /// Of the request's fields only the first that is named is left out: others may be named as what to send in its place.
    fn do_without(&mut self, names: &[String], request: &ChatRequest) -> Option<String> {
        let is_sent = |name: &&String| match name.as_str() {
            TEMPERATURE => self.temperature(request.temperature).is_some(),
            STREAM_OPTIONS => self.streams() && !self.omits(STREAM_OPTIONS),
            other => self
                .reply_tokens(request.max_tokens)
                .is_some_and(|(field, _)| field == other),
        };
        let optional = |name: &&String| OPTIONAL.contains(&name.as_str());
        if let Some(name) = names.iter().filter(optional).find(is_sent) {
            self.omitted.insert(name.clone());
            return Some(name.clone());
        }
        let mut used = BTreeSet::new();
        for tool in &request.tools {
            let _ = reduced(tool, &names.iter().cloned().collect(), &mut used);
        }
        let first = used.difference(&self.tool_keys).next()?.clone();
        self.tool_keys.append(&mut used);
        Some(first)
    }

    pub(crate) fn omits(&self, field: &str) -> bool {
        self.omitted.contains(field)
    }

    /// Whether replies are asked for as streams.
    pub(crate) fn streams(&self) -> bool {
        !self.manners.contains(&Manner::Unstreamed)
    }

    pub(crate) fn temperature(&self, asked: Option<f64>) -> Option<f64> {
        let asked = asked.filter(|_| !self.omits(TEMPERATURE))?;
        if self.refused_high.is_some_and(|refused| asked >= refused) {
            return None;
        }
        match self.refused_low {
            Some(refused) if refused < NEXT_TO_ZERO && asked <= refused => Some(NEXT_TO_ZERO),
            Some(refused) if asked <= refused => None,
            Some(_) | None => Some(asked),
        }
    }

    /// The field that says how long a reply may be, and the number in it.
    pub(crate) fn reply_tokens(&self, asked: Option<u32>) -> Option<(&'static str, u32)> {
        let tokens = asked?.min(self.reply_tokens.unwrap_or(u32::MAX));
        let mut names = [MAX_TOKENS, MAX_COMPLETION_TOKENS].into_iter();
        Some((names.find(|name| !self.omits(name))?, tokens))
    }

    pub(crate) fn tools<'a>(&self, tools: &'a [Value]) -> Cow<'a, [Value]> {
        if self.tool_keys.is_empty() {
            return Cow::Borrowed(tools);
        }
        let reduce = |tool| reduced(tool, &self.tool_keys, &mut BTreeSet::new());
        Cow::Owned(tools.iter().map(reduce).collect())
    }

    pub(crate) fn messages<'a>(&self, messages: &'a [ChatMessage]) -> Cow<'a, [ChatMessage]> {
        let in_messages = |manner: &Manner| *manner != Manner::Unstreamed;
        if !self.manners.iter().any(in_messages) {
            return Cow::Borrowed(messages);
        }
        let mut values = messages.iter().map(ChatMessage::value).collect();
        for manner in &self.manners {
            manner.apply(&mut values);
        }
        Cow::Owned(values.into_iter().map(ChatMessage::from).collect())
    }
}

fn written(request: &ChatRequest, terms: &Terms) -> Option<Vec<u8>> {
    serde_json::to_vec(&request.body("", &request.tools, terms)).ok()
}

impl Manner {
    fn apply(self, messages: &mut Vec<Value>) {
        match self {
            Self::Unstreamed => {}
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

/// A tool without the keywords; `used` are those that it had.
fn reduced(tool: &Value, keys: &BTreeSet<String>, used: &mut BTreeSet<String>) -> Value {
    let mut tool = tool.clone();
    if let Some(function) = tool.get_mut("function") {
        let mut parameters = function.get_mut("parameters").map(Value::take);
        remove(function, keys, used);
        if let Some(schema) = &mut parameters {
            reduce_schema(schema, keys, used);
            function["parameters"] = schema.take();
        }
    }
    tool
}

fn remove(object: &mut Value, keys: &BTreeSet<String>, used: &mut BTreeSet<String>) {
    if let Some(fields) = object.as_object_mut() {
        fields.retain(|key, _| {
            let is_kept = KEPT.contains(&key.as_str()) || !keys.contains(key);
            if !is_kept {
                used.insert(key.clone());
            }
            is_kept
        });
    }
}

fn reduce_schema(schema: &mut Value, keys: &BTreeSet<String>, used: &mut BTreeSet<String>) {
    remove(schema, keys, used);
    let Some(fields) = schema.as_object_mut() else {
        for schema in schema.as_array_mut().into_iter().flatten() {
            reduce_schema(schema, keys, used);
        }
        return;
    };
    for (key, value) in fields {
        match key.as_str() {
            // Of several types the first is told: what is sent is checked against the whole schema all the same.
            "type" if keys.contains("type") => {
                let types = value.as_array().into_iter().flatten();
                if let Some(first) = types.into_iter().find(|kind| **kind != "null").cloned() {
                    *value = first;
                    used.insert(key.clone());
                }
            }
            key if BY_NAME.contains(&key) => {
                for schema in value.as_object_mut().into_iter().flatten().map(|it| it.1) {
                    reduce_schema(schema, keys, used);
                }
            }
            key if DATA.contains(&key) => {}
            _ => reduce_schema(value, keys, used),
        }
    }
}

#[cfg(test)]
mod tests;
