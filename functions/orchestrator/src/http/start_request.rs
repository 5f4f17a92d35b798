//! The body of a start, parsed once into types; what does not fit is refused by the dotted path of its field.

use std::collections::BTreeSet;

use catalog::Catalog;
use run::{Cost, Mode, ModelId, Preferences, Priority, Request, RunId, ToolFilter, ToolName};
use serde_json::{Map, Value};

use super::ApiError;
use super::error::quoted;

/// Longest question, in Unicode scalar values.
pub(crate) const MAX_QUERY_CHARS: usize = 32_000;
/// Longest instructions, in Unicode scalar values.
pub(crate) const MAX_INSTRUCTIONS_CHARS: usize = 4_000;
pub(crate) const MAX_ROUNDS: u64 = 50;
pub(crate) const MAX_TOKENS: u64 = 32_768;
pub(super) const MODE: &str = "mode";
pub(super) const MAX_COST: &str = "max_cost_usd";
/// Most that a run may be allowed to cost, in dollars.
const MAX_COST_USD: f64 = 1_000.0;
const DEFAULT_ROUNDS: u64 = 5;
const DEFAULT_TOKENS: u64 = 512;
const DEFAULT_TEMPERATURE: f64 = 0.7;
const MAX_TEMPERATURE: f64 = 2.0;

/// Reads a start.
pub(super) fn parse(body: Map<String, Value>, catalog: &Catalog) -> Result<Request, ApiError> {
    let mut fields = Fields::new("", body);
    let request = Request {
        query: fields
            .text("query", MAX_QUERY_CHARS)?
            .ok_or_else(|| ApiError::invalid_field("query", "query is required"))?,
        max_rounds: fields.whole("max_rounds", MAX_ROUNDS, DEFAULT_ROUNDS)?,
        temperature: fields.temperature("temperature")?,
        max_tokens: fields.whole("max_tokens", MAX_TOKENS, DEFAULT_TOKENS)?,
        preferences: match fields.object("preferences")? {
            Some(preferences) => parse_preferences(preferences, catalog)?,
            None => Preferences::default(),
        },
        previous_run_id: fields.run("previous_run_id")?,
    };
    fields.finish()?;
    Ok(request)
}

fn parse_preferences(mut fields: Fields, catalog: &Catalog) -> Result<Preferences, ApiError> {
    let models = fields.names("models")?;
    if let Some(names) = &models {
        let path = fields.path("models");
        if names.is_empty() {
            return Err(ApiError::invalid_field(
                &path,
                format!("{path} must name at least one model"),
            ));
        }
        let known: Vec<_> = catalog
            .models
            .iter()
            .map(|model| model.id.as_str())
            .collect();
        require_known(&path, names, &known, "model")?;
    }
    let preferences = Preferences {
        priority: parse_priority(&mut fields)?,
        models: models.map(|names| names.into_iter().map(ModelId::new).collect()),
        tools: match fields.object("tools")? {
            Some(tools) => parse_tools(tools, catalog)?,
            None => ToolFilter::All,
        },
        instructions: fields.text("instructions", MAX_INSTRUCTIONS_CHARS)?,
        mode: parse_mode(&mut fields)?,
        max_cost: fields.dollars(MAX_COST, MAX_COST_USD)?,
    };
    fields.finish()?;
    Ok(preferences)
}

fn parse_priority(fields: &mut Fields) -> Result<Priority, ApiError> {
    let path = fields.path("priority");
    let Some(value) = fields.take("priority") else {
        return Ok(Priority::default());
    };
    serde_json::from_value(value).map_err(|_| {
        ApiError::invalid_field(
            &path,
            format!("{path} must be one of balanced, quality, cost, latency"),
        )
    })
}

fn parse_mode(fields: &mut Fields) -> Result<Mode, ApiError> {
    let path = fields.path(MODE);
    let Some(value) = fields.take(MODE) else {
        return Ok(Mode::default());
    };
    serde_json::from_value(value).map_err(|_| {
        ApiError::invalid_field(&path, format!("{path} must be one of auto, discussion"))
    })
}

fn parse_tools(mut fields: Fields, catalog: &Catalog) -> Result<ToolFilter, ApiError> {
    let servers = catalog.mcp_servers.iter();
    // Also while their server is down: what a person wishes does not change with that.
    let described = servers.flat_map(|server| &server.offered);
    let known: Vec<_> = catalog
        .tools
        .iter()
        .filter(|tool| tool.is_offered)
        .map(|tool| tool.name.as_str())
        .chain(described.map(|tool| tool.name.as_str()))
        .collect();
    let path = fields.at.clone();
    let allow = fields.names("allow")?;
    let deny = fields.names("deny")?;
    for (field, names) in [("allow", &allow), ("deny", &deny)] {
        if let Some(names) = names {
            require_known(&fields.path(field), names, &known, "tool")?;
        }
    }
    fields.finish()?;
    let tools = |names: Vec<String>| names.into_iter().map(ToolName::new).collect();
    match (allow, deny) {
        (Some(names), None) => Ok(ToolFilter::Allow(tools(names))),
        (None, Some(names)) => Ok(ToolFilter::Deny(tools(names))),
        (None, None) => Ok(ToolFilter::All),
        (Some(_), Some(_)) => Err(ApiError::invalid_field(
            &path,
            format!("{path} takes either allow or deny, not both"),
        )),
    }
}

fn require_known(path: &str, names: &[String], known: &[&str], kind: &str) -> Result<(), ApiError> {
    match names.iter().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(ApiError::invalid_field(
            path,
            format!(
                "{path} names `{}`, which is no {kind}; there are: {}",
                quoted(name),
                known.join(", ")
            ),
        )),
    }
}

/// The fields of an object, taken one by one; what is left over at the end is unknown.
pub(super) struct Fields {
    /// Dotted path of the object; empty for the body itself.
    at: String,
    values: Map<String, Value>,
}

impl Fields {
    pub(super) fn new(at: impl Into<String>, values: Map<String, Value>) -> Self {
        Self {
            at: at.into(),
            values,
        }
    }

    fn path(&self, name: &str) -> String {
        if self.at.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.at)
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.values.remove(name)
    }

    fn wrong(&self, name: &str, expected: &str, got: &Value) -> ApiError {
        let path = self.path(name);
        let message = format!("{path} must be {expected}, got {}", shown(got));
        ApiError::invalid_field(path, message)
    }

    pub(super) fn text(&mut self, name: &str, most: usize) -> Result<Option<String>, ApiError> {
        let expected = format!("a text of 1 to {most} characters");
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => {
                let chars = text.chars().count();
                let path = self.path(name);
                if text.trim().is_empty() {
                    let message = format!("{path} must not be empty or blank");
                    return Err(ApiError::invalid_field(path, message));
                }
                if chars > most {
                    let message = format!("{path} must be {expected}, got {chars}");
                    return Err(ApiError::invalid_field(path, message));
                }
                Ok(Some(text))
            }
            Some(other) => Err(self.wrong(name, &expected, &other)),
        }
    }

    fn whole(&mut self, name: &str, most: u64, default: u64) -> Result<u32, ApiError> {
        let value = self.take(name).unwrap_or_else(|| Value::from(default));
        let fits = value.as_u64().filter(|number| (1..=most).contains(number));
        match fits.and_then(|number| u32::try_from(number).ok()) {
            Some(number) => Ok(number),
            None if value.is_i64() || value.is_u64() => {
                Err(self.wrong(name, &format!("between 1 and {most}"), &value))
            }
            None => Err(self.wrong(
                name,
                &format!("a whole number between 1 and {most}"),
                &value,
            )),
        }
    }

    fn temperature(&mut self, name: &str) -> Result<f64, ApiError> {
        match self.take(name) {
            None => Ok(DEFAULT_TEMPERATURE),
            Some(value) => value
                .as_f64()
                .filter(|number| (0.0..=MAX_TEMPERATURE).contains(number))
                .ok_or_else(|| self.wrong(name, "a number between 0 and 2", &value)),
        }
    }

    /// An amount of dollars above 0.
    fn dollars(&mut self, name: &str, most: f64) -> Result<Option<Cost>, ApiError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let fits = value.as_f64().filter(|usd| *usd > 0.0 && *usd <= most);
        let Some(usd) = fits else {
            let expected = format!("a number above 0 and at most {most}");
            return Err(self.wrong(name, &expected, &value));
        };
        Ok(Some(Cost::of_usd(usd)))
    }

    /// A run's id. A malformed one is a run that does not exist.
    fn run(&mut self, name: &str) -> Result<Option<RunId>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => match text.parse() {
                Ok(run_id) => Ok(Some(run_id)),
                Err(_) => Err(ApiError::no_such_run().about(&self.path(name))),
            },
            Some(other) => Err(self.wrong(name, "the id of a run", &other)),
        }
    }

    fn object(&mut self, name: &str) -> Result<Option<Self>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(values)) => Ok(Some(Self::new(self.path(name), values))),
            Some(other) => Err(self.wrong(name, "an object", &other)),
        }
    }

    fn names(&mut self, name: &str) -> Result<Option<Vec<String>>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => serde_json::from_value::<Vec<String>>(value.clone())
                .map(|names| Some(each_once(names)))
                .map_err(|_| self.wrong(name, "a list of names", &value)),
        }
    }

    pub(super) fn finish(self) -> Result<(), ApiError> {
        match self.values.keys().next() {
            None => Ok(()),
            Some(unknown) => {
                let path = self.path(&quoted(unknown));
                let message = format!("{path} is no field of this request");
                Err(ApiError::invalid_field(path, message))
            }
        }
    }
}

/// The names in their order, without repetitions.
fn each_once(names: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names
        .into_iter()
        .filter(|name| seen.insert(name.clone()))
        .collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => quoted(&value.to_string()).into_owned(),
        Value::String(_) => "a text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
