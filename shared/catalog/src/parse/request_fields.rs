//! Fields that an operator has sent with each question to a model, in place of the service's own or beside them.
//!
//! They say how a model answers. What is asked, what it may answer with and how long, is the run's: no field says that in another way.

use serde_json::{Map, Value};

use crate::config_error::ConfigError;

/// Most bytes of JSON.
const MAX_BYTES: usize = 16 * 1024;
/// Longest name of a field, in bytes.
const MAX_NAME_BYTES: usize = 64;
/// Highest temperature, as requests to the service have it.
const MAX_TEMPERATURE: f64 = 2.0;

const TEMPERATURE: &str = "temperature";
/// Where client libraries take further fields. Gemini alone reads a field of this name.
const EXTRA: &str = "extra_body";
/// Both names of the longest reply, in tokens.
const REPLY: [&str; 2] = ["max_tokens", "max_completion_tokens"];
/// Further names of it, of single servers.
const OTHER_REPLY: &[&str] = &[
    "max_new_tokens",
    "max_output_tokens",
    "n_predict",
    "num_predict",
];

/// Fields that say what is asked, each with what says it here.
const OURS: &[(&str, &str)] = &[
    (
        "model",
        "`model` beside `request`, or the variable that ends in `_MODEL`",
    ),
    ("messages", "the service, from the run"),
    ("prompt", "the service, from the run"),
    ("tools", "`tools` of the catalogue"),
    ("tool_choice", "the service"),
    ("functions", "`tools` of the catalogue"),
    ("function_call", "the service"),
    (
        "stream",
        "the service, which finds out whether a server can stream",
    ),
    ("stream_options", "the service"),
    ("response_format", "`orchestrator.calls`"),
    ("n", "the service, which reads one answer"),
    ("best_of", "the service, which pays for one answer"),
];

/// Servers' own names for a form that a reply must have: with tools beside it, servers forget one of the two.
const FORMS: &[&str] = &[
    "ebnf",
    "format",
    "grammar",
    "guided_choice",
    "guided_grammar",
    "guided_json",
    "guided_regex",
    "json_schema",
    "regex",
    "structured_outputs",
];

/// Checks the fields at a path.
pub(super) fn checked(
    path: &str,
    written: Map<String, Value>,
) -> Result<Map<String, Value>, ConfigError> {
    let bytes = Value::Object(written.clone()).to_string().len();
    if bytes > MAX_BYTES {
        let problem = format!("expected at most {MAX_BYTES} bytes of JSON, found {bytes}");
        return Err(ConfigError::at(path, problem));
    }
    for (name, value) in &written {
        check(name, value).map_err(|problem| ConfigError::at(format!("{path}.{name}"), problem))?;
    }
    if REPLY.iter().all(|name| written.contains_key(*name)) {
        let problem = format!(
            "expected one of `{}` and `{}` at most: a reply without a limit has no bound of cost",
            REPLY[0], REPLY[1]
        );
        return Err(ConfigError::at(path, problem));
    }
    Ok(written)
}

fn check(name: &str, value: &Value) -> Result<(), String> {
    if !(1..=MAX_NAME_BYTES).contains(&name.len()) || name.contains(char::is_control) {
        return Err(format!("expected a name of 1 to {MAX_NAME_BYTES} bytes"));
    }
    if let Some((_, says)) = OURS.iter().find(|(ours, _)| *ours == name) {
        return Err(format!(
            "expected a field of your own: this one is said by {says}"
        ));
    }
    if FORMS.contains(&name) {
        return Err(
            "expected a field of your own: the form of a reply is said by `orchestrator.calls`"
                .to_owned(),
        );
    }
    if REPLY.contains(&name) && !value.is_null() {
        return Err(format!(
            "expected null: the run says how long a reply may be, and null sends that as `{}`",
            REPLY
                .iter()
                .find(|other| **other != name)
                .unwrap_or(&REPLY[0])
        ));
    }
    if OTHER_REPLY.contains(&name) {
        return Err(format!(
            "expected a field of your own: the run says how long a reply may be, as `{}`",
            REPLY[0]
        ));
    }
    if name == EXTRA && !value.as_object().is_some_and(is_of_gemini) {
        return Err(
            "expected its fields here themselves: client libraries take this one apart, and servers pass it by"
                .to_owned(),
        );
    }
    if name == TEMPERATURE {
        return match value {
            Value::Null => Ok(()),
            other => match other.as_f64() {
                Some(asked) if (0.0..=MAX_TEMPERATURE).contains(&asked) => Ok(()),
                Some(_) | None => Err(format!(
                    "expected a number from 0 to {MAX_TEMPERATURE}, or null to leave it out"
                )),
            },
        };
    }
    if value.is_null() && !REPLY.contains(&name) {
        return Err(format!(
            "expected a value: null leaves out what the service sends itself, which is `{TEMPERATURE}`, `{}` or `{}`",
            REPLY[0], REPLY[1]
        ));
    }
    Ok(())
}

fn is_of_gemini(fields: &Map<String, Value>) -> bool {
    fields.len() == 1 && fields.contains_key("google")
}
