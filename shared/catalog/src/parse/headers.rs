//! Headers that an operator sends to a server of a tool or a model: each has the name of the variable that holds its value.
//!
//! To a model's server also what is no secret is sent, and may be written down.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::config_error::ConfigError;
use crate::variable_header::{HeaderText, ModelHeader, VariableHeader};

/// Most headers for one server.
const MAX_HEADERS: usize = 32;
/// Longest name of a header and of a variable, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// Headers of a connection and of the form of a body: who sends a request sets them.
const RESERVED: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Those of each request to a model's server.
const OF_MODELS: &[&str] = &["traceparent", "tracestate"];

/// How a secret is named.
const FORM: &str = r#"{"env": "NAME_OF_A_VARIABLE"}"#;

/// A secret is named, never written down.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    env: String,
}

/// Names of headers that show who asks, in full or as a part between hyphens.
const SECRET: &[&str] = &[
    "auth",
    "authorization",
    "cookie",
    "credential",
    "credentials",
    "key",
    "password",
    "secret",
    "token",
];
/// Longest value that is written down, in bytes.
const MAX_VALUE_BYTES: usize = 1024;

/// Reads the headers at a path; those of `ours` are sent by the service itself.
pub(super) fn headers(
    path: &str,
    written: Map<String, Value>,
    ours: &[&str],
) -> Result<Vec<VariableHeader>, ConfigError> {
    let read = |Named { path, name, value }| {
        let variable = variable(&path, value)?;
        Ok(VariableHeader { name, variable })
    };
    named(path, written, ours)?.into_iter().map(read).collect()
}

/// Reads the headers of a model's server at a path: a text that is no secret, or the name of a variable.
pub(super) fn of_model(
    path: &str,
    written: Map<String, Value>,
) -> Result<Vec<ModelHeader>, ConfigError> {
    let read = |Named { path, name, value }| {
        let value = match value {
            Value::String(text) => HeaderText::Written(written_value(&path, &name, text)?),
            other => HeaderText::Variable(variable(&path, other)?),
        };
        Ok(ModelHeader { name, value })
    };
    let headers = named(path, written, OF_MODELS)?;
    headers.into_iter().map(read).collect()
}

/// A header with the path of its field, its name in lower case.
struct Named {
    path: String,
    name: String,
    value: Value,
}

fn named(
    path: &str,
    written: Map<String, Value>,
    ours: &[&str],
) -> Result<Vec<Named>, ConfigError> {
    if written.len() > MAX_HEADERS {
        let found = written.len();
        let problem = format!("expected at most {MAX_HEADERS} headers, found {found}");
        return Err(ConfigError::at(path, problem));
    }
    let mut headers: Vec<Named> = Vec::with_capacity(written.len());
    for (name, value) in written {
        let path = format!("{path}.{name}");
        let name = check_name(&path, &name, ours)?;
        if headers.iter().any(|other| other.name == name) {
            let problem = format!("`{name}` stands here already, in other letters");
            return Err(ConfigError::at(path, problem));
        }
        headers.push(Named { path, name, value });
    }
    Ok(headers)
}

/// A value that may stand in a file. What is refused is not repeated: it may be a secret.
fn written_value(path: &str, name: &str, text: String) -> Result<String, ConfigError> {
    if name.split('-').any(|part| SECRET.contains(&part)) {
        let problem = format!("expected {FORM}: what shows who asks is never written down");
        return Err(ConfigError::at(path, problem));
    }
    let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if is_plain && text.trim() == text && (1..=MAX_VALUE_BYTES).contains(&text.len()) {
        return Ok(text);
    }
    let problem = format!(
        "expected 1 to {MAX_VALUE_BYTES} characters of ASCII, without blanks at their ends"
    );
    Err(ConfigError::at(path, problem))
}

/// A token, as HTTP takes it for a name, in lower case.
fn check_name(path: &str, name: &str, ours: &[&str]) -> Result<String, ConfigError> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !(1..=MAX_NAME_BYTES).contains(&name.len()) || !name.bytes().all(is_token) {
        let problem = format!(
            "expected the name of a header: 1 to {MAX_NAME_BYTES} letters, digits and `-` or `_`"
        );
        return Err(ConfigError::at(path, problem));
    }
    let lower = name.to_ascii_lowercase();
    if RESERVED.contains(&&*lower) || ours.contains(&&*lower) {
        let problem =
            format!("expected a header of your own, found `{lower}`, which the service sets");
        return Err(ConfigError::at(path, problem));
    }
    Ok(lower)
}

/// The name of the variable that holds a header's value. What stands there instead is not repeated: it may be the secret itself.
fn variable(path: &str, value: Value) -> Result<String, ConfigError> {
    let form = format!("expected {FORM}");
    if !value.is_object() {
        let problem = format!("{form}: a value is never written down in the catalogue");
        return Err(ConfigError::at(path, problem));
    }
    let Raw { env } = serde_path_to_error::deserialize(value).map_err(|error| {
        let at = match error.path().to_string().as_str() {
            "." => path.to_owned(),
            field => format!("{path}.{field}"),
        };
        ConfigError::at(at, form.clone())
    })?;
    let is_name = (1..=MAX_NAME_BYTES).contains(&env.len())
        && env
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !env.as_bytes()[0].is_ascii_digit();
    if is_name {
        return Ok(env);
    }
    let problem = format!(
        "expected the name of a variable: 1 to {MAX_NAME_BYTES} letters, digits and `_`, no digit first"
    );
    Err(ConfigError::at(format!("{path}.env"), problem))
}
