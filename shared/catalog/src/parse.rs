//! From JSON text to a checked catalogue. Every mistake is found here, before anything depends on it.

mod aliases;
mod bounds;
mod chains;
mod fallback;
mod headers;
mod known_models;
mod mcp_servers;
mod raw;
mod request_fields;
mod server_url;
mod target;
mod tool;
mod undeclared;

use run::{MAX_CALLS_PER_ROUND, ModelId};
use serde_json::Value;

use crate::config::{Catalog, Model, Orchestrator, Tool, VariableNames};
use crate::config_error::ConfigError;
use known_models::KnownModels;
use mcp_servers::McpServers;
use raw::{RawCatalog, RawModel};
use undeclared::Unsaid;

impl Catalog {
    /// Reads a catalogue.
    ///
    /// # Errors
    /// The first mistake, with the path of its field and what was expected.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let catalog = Self::parse_before_schemas(text)?;
        catalog.check_schemas()?;
        Ok(catalog)
    }

    /// Reads a catalogue and leaves [`Self::check_schemas`] to the caller, as the one check that takes milliseconds.
    pub fn parse_before_schemas(text: &str) -> Result<Self, ConfigError> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let raw: RawCatalog =
            serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
                ConfigError::at(error.path().to_string(), error.inner().to_string())
            })?;
        deserializer
            .end()
            .map_err(|error| ConfigError::at(".", error.to_string()))?;
        raw.check()
    }

    /// Compiles the schemas of all tools, of which the first takes milliseconds. What has not been compiled by then is
    /// compiled when a call needs it.
    pub fn check_schemas(&self) -> Result<(), ConfigError> {
        for (index, tool) in self.tools.iter().enumerate() {
            tool.arguments.compile().map_err(|problem| {
                ConfigError::at(format!("tools[{index}].function.parameters"), problem)
            })?;
        }
        chains::check_arguments(&self.tools)
    }
}

impl RawCatalog {
    fn check(mut self) -> Result<Catalog, ConfigError> {
        let models = self
            .models
            .into_iter()
            .map(|(id, model)| check_model(&id, model))
            .collect::<Result<Vec<_>, _>>()?;
        let known = KnownModels(&models);
        for model in &models {
            let path = format!("models.{}.fallback", model.id);
            fallback::check(&path, &model.id, &model.fallback, &known)?;
        }
        let orchestrator = Orchestrator {
            model: known.require("orchestrator.model", &self.orchestrator.model)?,
            fallback: ids(self.orchestrator.fallback),
            prompt: self.orchestrator.prompt,
            calls: self.orchestrator.calls,
            tools_a_round: tools_a_round(self.orchestrator.tools_a_round)?,
        };
        let path = "orchestrator.fallback";
        fallback::check(path, &orchestrator.model, &orchestrator.fallback, &known)?;
        let (names_tell_roles, unsaid) = match undeclared::fill_in(&mut self.tools) {
            Unsaid::Everything => (true, Vec::new()),
            Unsaid::Fields(fields) => (false, fields),
        };
        let mut tools: Vec<Tool> = Vec::with_capacity(self.tools.len());
        for (index, tool) in self.tools.into_iter().enumerate() {
            let path = format!("tools[{index}]");
            let tool = tool.check(&path, &known)?;
            if tools.iter().any(|other| other.name == tool.name) {
                return Err(ConfigError::at(
                    format!("{path}.function.name"),
                    format!("`{}` names another tool already", tool.name),
                ));
            }
            tools.push(tool);
        }
        aliases::check(&tools)?;
        chains::check(&tools)?;
        let mcp_servers = McpServers::read(self.mcp_servers)?.with_tools(&tools)?;
        Ok(Catalog {
            orchestrator,
            models,
            tools,
            mcp_servers,
            names_tell_roles,
            unsaid,
        })
    }
}

fn tools_a_round(written: Option<u64>) -> Result<usize, ConfigError> {
    let most = MAX_CALLS_PER_ROUND as u64;
    let calls = written.unwrap_or(most);
    bounds::check_range("orchestrator.tools_a_round", calls, most)?;
    Ok(usize::try_from(calls).unwrap_or(MAX_CALLS_PER_ROUND))
}

fn check_model(id: &str, raw: Value) -> Result<Model, ConfigError> {
    let path = format!("models.{id}");
    let raw: RawModel = serde_path_to_error::deserialize(raw).map_err(|error| {
        ConfigError::at(
            format!("{path}.{}", error.path()),
            error.inner().to_string(),
        )
    })?;
    let variables = VariableNames::beside(&raw.url_env).ok_or_else(|| {
        ConfigError::at(
            format!("{path}.url_env"),
            format!(
                "expected the name of a variable that ends in `_API_URL`, found `{}`",
                raw.url_env
            ),
        )
    })?;
    if raw.context_tokens == 0 {
        return Err(ConfigError::at(
            format!("{path}.context_tokens"),
            "expected at least 1, found 0",
        ));
    }
    if let Some(prices) = raw.usd_per_million {
        prices.check(&format!("{path}.usd_per_million"))?;
    }
    if let Some(typical_ms) = raw.typical_ms {
        let path = format!("{path}.typical_ms");
        bounds::check_range(&path, typical_ms, bounds::MAX_TIMEOUT_MS)?;
    }
    Ok(Model {
        id: ModelId::new(id),
        name: raw.name,
        description: raw.description,
        served_as: raw.model,
        context_tokens: raw.context_tokens,
        thinks_first: raw.thinks_first,
        prices: raw.usd_per_million,
        typical_ms: raw.typical_ms,
        fallback: ids(raw.fallback),
        variables,
        headers: headers::of_model(&format!("{path}.headers"), raw.headers)?,
        request: request_fields::checked(&format!("{path}.request"), raw.request)?,
    })
}

fn ids(written: Vec<String>) -> Vec<ModelId> {
    written.into_iter().map(ModelId::new).collect()
}

impl VariableNames {
    fn beside(url: &str) -> Option<Self> {
        let prefix = url.strip_suffix("_API_URL")?;
        Some(Self {
            url: url.to_owned(),
            key: format!("{prefix}_API_KEY"),
            model: format!("{prefix}_MODEL"),
        })
    }
}
