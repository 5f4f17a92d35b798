//! Headers that an operator sends to a server of a tool: each has the name of the variable that holds its value.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::config_error::ConfigError;
use crate::variable_header::VariableHeader;

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

/// A secret is named, never written down.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    env: String,
}

/// Reads the headers at a path; those of `ours` are sent by the service itself.
pub(super) fn headers(
    path: &str,
    written: Map<String, Value>,
    ours: &[&str],
) -> Result<Vec<VariableHeader>, ConfigError> {
    if written.len() > MAX_HEADERS {
        let found = written.len();
        let problem = format!("expected at most {MAX_HEADERS} headers, found {found}");
        return Err(ConfigError::at(path, problem));
    }
    let mut names = BTreeSet::new();
    let mut headers = Vec::with_capacity(written.len());
    for (name, value) in written {
        let path = format!("{path}.{name}");
        let lower = check_name(&path, &name, ours)?;
        if !names.insert(lower.clone()) {
            let problem = format!("`{lower}` stands here already, in other letters");
            return Err(ConfigError::at(path, problem));
        }
        headers.push(VariableHeader {
            variable: variable(&path, value)?,
            name: lower,
        });
    }
    Ok(headers)
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
    let form = r#"expected {"env": "NAME_OF_A_VARIABLE"}"#;
    if !value.is_object() {
        let problem = format!("{form}: a value is never written down in the catalogue");
        return Err(ConfigError::at(path, problem));
    }
    let Raw { env } = serde_path_to_error::deserialize(value).map_err(|error| {
        let at = match error.path().to_string().as_str() {
            "." => path.to_owned(),
            field => format!("{path}.{field}"),
        };
        ConfigError::at(at, form)
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
