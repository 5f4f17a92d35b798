//! The body of a start, parsed once into types; what does not fit is refused by the dotted path of its field.

use catalog::Catalog;
use run::{Mode, ModelId, Preferences, Priority, Request, ToolFilter, ToolName};
use serde_json::{Map, Value};

use super::ApiError;
use super::answer_schema::{self, ANSWER_SCHEMA};
use super::error::quoted;
use super::fields::Fields;

/// Longest question, in Unicode scalar values.
pub(crate) const MAX_QUERY_CHARS: usize = 32_000;
/// Longest instructions, in Unicode scalar values.
pub(crate) const MAX_INSTRUCTIONS_CHARS: usize = 4_000;
pub(crate) const MAX_ROUNDS: u64 = 50;
pub(crate) const MAX_TOKENS: u64 = 32_768;
pub(super) const MODE: &str = "mode";
pub(super) const MAX_COST: &str = "max_cost_usd";
/// Most that a run may be allowed to cost, in dollars.
pub(super) const MAX_COST_USD: f64 = 1_000.0;
pub(super) const DEFAULT_ROUNDS: u64 = 5;
const DEFAULT_TOKENS: u64 = 512;
pub(super) const DEFAULT_TEMPERATURE: f64 = 0.7;

/// Reads a start.
pub(super) fn parse(body: Map<String, Value>, catalog: &Catalog) -> Result<Request, ApiError> {
    let mut fields = Fields::new("", body);
    let request = Request {
        query: fields
            .text("query", MAX_QUERY_CHARS)?
            .ok_or_else(|| ApiError::invalid_field("query", "query is required"))?,
        max_rounds: fields.whole("max_rounds", MAX_ROUNDS, DEFAULT_ROUNDS)?,
        temperature: fields.temperature("temperature", DEFAULT_TEMPERATURE)?,
        max_tokens: fields.whole("max_tokens", MAX_TOKENS, DEFAULT_TOKENS)?,
        preferences: match fields.object("preferences")? {
            Some(preferences) => parse_preferences(preferences, catalog)?,
            None => Preferences::default(),
        },
        previous_run_id: fields.run("previous_run_id")?,
        answer_schema: match fields.take(ANSWER_SCHEMA) {
            Some(schema) => Some(answer_schema::read(ANSWER_SCHEMA, schema, false)?),
            None => None,
        },
        echo: None,
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
