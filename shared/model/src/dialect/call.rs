//! A call from a JSON value, under all the keys that models give its parts.

use serde_json::{Map, Value};

use crate::json::repair;
use crate::message::AskedCall;

/// Keys of the name; with those behind the third an object is a call only if it holds arguments, too.
const NAMES: [&str; 6] = [
    "name",
    "function",
    "tool_name",
    "tool",
    "action",
    "recipient_name",
];
const ARGUMENTS: [&str; 6] = [
    "arguments",
    "parameters",
    "args",
    "input",
    "tool_input",
    "action_input",
];
/// Keys that say nothing and may stand beside name and arguments.
const ORNAMENTS: [&str; 4] = ["type", "id", "index", "tool_call_id"];

/// A call that was found in text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeakedCall {
    pub(crate) call: AskedCall,
    /// Something at its end is not the model's but was added.
    pub(crate) closed: bool,
}

impl LeakedCall {
    pub(super) fn new(name: &str, arguments: &Value, closed: bool) -> Self {
        let call = AskedCall {
            name: name.to_owned(),
            arguments: arguments.to_string(),
        };
        Self { call, closed }
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.call.name.len() + self.call.arguments.len()
    }
}

/// Which values are calls; whether their names are offered is for others to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// Tags say that it is a call.
    Tagged,
    /// It may be text: nothing may stand beside name and arguments.
    Alone,
}

/// The calls of a text that holds one value: an object, or a list of them. `None` where it holds something else.
pub(super) fn calls_of(text: &str, demand: Demand) -> Option<Vec<LeakedCall>> {
    let Some(parsed) = repair::parse(text) else {
        return unreadable(text, demand).map(|leaked| vec![leaked]);
    };
    let values = match parsed.value {
        Value::Array(values) => values,
        Value::Object(fields) => listed(fields),
        value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => vec![value],
    };
    let calls = values
        .iter()
        .map(|value| call_of(value.as_object()?, demand, parsed.closed));
    let calls = calls.collect::<Option<Vec<_>>>()?;
    (!calls.is_empty()).then_some(calls)
}

/// What an object holds that is nothing but a list of calls, else the object.
fn listed(mut fields: Map<String, Value>) -> Vec<Value> {
    let is_alone = fields.len() == 1;
    match fields.get_mut("tool_calls") {
        Some(Value::Array(calls)) if is_alone => std::mem::take(calls),
        Some(_) | None => vec![Value::Object(fields)],
    }
}

fn call_of(fields: &Map<String, Value>, demand: Demand, closed: bool) -> Option<LeakedCall> {
    if let Some(Value::Object(function)) = fields.get("function") {
        return call_of(function, demand, closed);
    }
    let name_key = NAMES
        .into_iter()
        .find(|key| fields.get(*key).is_some_and(Value::is_string))?;
    let name = fields[name_key].as_str()?.trim();
    let arguments_key = ARGUMENTS.into_iter().find(|key| fields.contains_key(*key));
    if arguments_key.is_none() && !NAMES[..3].contains(&name_key) {
        return None;
    }
    let mut beside = fields.clone();
    for key in [Some(name_key), arguments_key].into_iter().flatten() {
        beside.shift_remove(key);
    }
    beside.retain(|key, _| !ORNAMENTS.contains(&&**key));
    if demand == Demand::Alone && !beside.is_empty() {
        return None;
    }
    let arguments = match arguments_key {
        Some(key) => unwrapped(&fields[key]),
        // Some models leave the wrapper out and put the arguments beside the name.
        None => Value::Object(beside),
    };
    (!name.is_empty()).then(|| LeakedCall::new(name, &arguments, closed))
}

/// Arguments as an object, where they are one, or one in a string.
pub(super) fn unwrapped(arguments: &Value) -> Value {
    match arguments {
        Value::Null => Value::Object(Map::new()),
        Value::String(text) if text.trim().is_empty() => Value::Object(Map::new()),
        Value::String(text) => match repair::parse(text) {
            Some(parsed) if parsed.value.is_object() && !parsed.closed => parsed.value,
            Some(_) | None => arguments.clone(),
        },
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => arguments.clone(),
    }
}

/// A tagged call that cannot be read is still one, for the caller to refuse, if at least its name can be told.
fn unreadable(text: &str, demand: Demand) -> Option<LeakedCall> {
    if demand == Demand::Alone {
        return None;
    }
    let (_, after) = text.split_once("name")?;
    let value = after.trim_start_matches(|c: char| c.is_ascii_whitespace() || "\"':".contains(c));
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let end = value.find(|c| !is_part(c))?;
    let name = value[..end].to_owned();
    // No quote begins the value: before one there is a name.
    let is_quoted = value[end..].starts_with(['"', '\'']);
    let arguments = text.to_owned();
    is_quoted.then_some(LeakedCall {
        call: AskedCall { name, arguments },
        closed: true,
    })
}
