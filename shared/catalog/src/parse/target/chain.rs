//! A tool that is a model of the catalogue and a tool of the catalogue that gets what the model writes. What of it depends on other tools
//! is checked once all are read.

use run::{Otherwise, Take, ToolName};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::kind::{Kind, fields};
use super::models::named;
use crate::config::{ChainTarget, Target};
use crate::config_error::ConfigError;
use crate::parse::bounds::check_range;
use crate::parse::known_models::KnownModels;

pub(super) const KIND: Kind = Kind {
    fields: &["chain"],
    form: r#"{"chain": {"models": {…}, "ask": "…", "take": {"tag": "…"}, "otherwise": "problem", "then": {"tool": "…", "arguments": {…}}}}"#,
    read,
};

/// Stands for what was taken.
const TAKEN: &str = "{taken}";
/// Largest `max_chars`; what models write is no longer.
const MAX_CHARS: u64 = 262_144;
/// Longest name of a tag and of a language.
const MAX_NAME_CHARS: usize = 40;

#[derive(Deserialize)]
struct Raw {
    chain: RawChain,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawChain {
    models: Map<String, Value>,
    ask: String,
    take: Take,
    max_chars: Option<u64>,
    otherwise: Otherwise,
    then: RawThen,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawThen {
    tool: String,
    arguments: Map<String, Value>,
}

fn read(
    path: &str,
    written: Map<String, Value>,
    models: &KnownModels<'_>,
) -> Result<Target, ConfigError> {
    let Raw { chain: raw } = fields(path, written)?;
    let path = format!("{path}.chain");
    if raw.ask.trim().is_empty() {
        let problem = "expected what the model is told to write, found nothing";
        return Err(ConfigError::at(format!("{path}.ask"), problem));
    }
    check_take(&format!("{path}.take"), &raw.take)?;
    let most = raw.max_chars.unwrap_or(MAX_CHARS);
    check_range(&format!("{path}.max_chars"), most, MAX_CHARS)?;
    let arguments = format!("{path}.then.arguments");
    let (argument, arguments) = apart(&arguments, raw.then.arguments)?;
    Ok(Target::Chain(ChainTarget {
        models: named(&format!("{path}.models"), raw.models, models)?,
        ask: raw.ask,
        take: raw.take,
        max_chars: raw.max_chars.and_then(|most| usize::try_from(most).ok()),
        otherwise: raw.otherwise,
        then: ToolName::new(raw.then.tool),
        argument,
        arguments,
    }))
}

fn check_take(path: &str, take: &Take) -> Result<(), ConfigError> {
    let (field, name) = match take {
        Take::Tag(name) => ("tag", name),
        Take::Fence(name) => ("fence", name),
    };
    let is_kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '#');
    if (1..=MAX_NAME_CHARS).contains(&name.len()) && name.chars().all(is_kept) {
        return Ok(());
    }
    let problem =
        format!("expected 1 to {MAX_NAME_CHARS} letters, digits, `_` or `-`, found `{name}`");
    Err(ConfigError::at(format!("{path}.{field}"), problem))
}

/// The argument that is what was taken, and the others.
fn apart(
    path: &str,
    mut arguments: Map<String, Value>,
) -> Result<(String, Map<String, Value>), ConfigError> {
    let is_taken = |value: &Value| value.as_str() == Some(TAKEN);
    let taking = arguments.iter().find(|(_, value)| is_taken(value));
    let Some(name) = taking.map(|(name, _)| name.clone()) else {
        let problem = format!("expected one argument that is `{TAKEN}`, found none");
        return Err(ConfigError::at(path, problem));
    };
    arguments.shift_remove(&name);
    if let Some((other, _)) = arguments.iter().find(|(_, value)| mentions(value)) {
        let problem = format!("expected `{TAKEN}` as the whole of one argument, which is `{name}`");
        return Err(ConfigError::at(format!("{path}.{other}"), problem));
    }
    Ok((name, arguments))
}

fn mentions(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(TAKEN),
        Value::Array(values) => values.iter().any(mentions),
        Value::Object(fields) => fields.values().any(mentions),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
