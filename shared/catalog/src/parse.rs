//! From JSON text to a checked catalogue. Every mistake is found here, before anything depends on it.

mod aliases;
mod raw;

use std::collections::BTreeMap;

use run::{ModelId, ToolName};
use serde_json::{Map, Value};

use crate::ConfigError;
use crate::config::{
    Catalog, Model, ModelAliases, Orchestrator, Prices, Target, Tool, VariableNames,
};
use crate::schema::Schema;
use raw::{RawCatalog, RawModel, RawTarget, RawTool, RawToolType};

/// Largest `max_result_bytes`: one event stays below the 200 KB at which items are cut.
const MAX_RESULT_BYTES: u64 = 128 * 1024;
/// Largest `timeout_ms`: a Lambda function lives 15 minutes.
const MAX_TIMEOUT_MS: u64 = 15 * 60 * 1000;

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
        Ok(())
    }
}

impl RawCatalog {
    fn check(self) -> Result<Catalog, ConfigError> {
        let models = self
            .models
            .into_iter()
            .map(|(id, model)| check_model(&id, model))
            .collect::<Result<Vec<_>, _>>()?;
        let known: BTreeMap<&str, &Model> = models
            .iter()
            .map(|model| (model.id.as_str(), model))
            .collect();
        let require_model = |path: &str, id: &str| {
            if known.contains_key(id) {
                return Ok(ModelId::new(id));
            }
            let names: Vec<_> = known.keys().copied().collect();
            Err(ConfigError::at(
                path,
                format!(
                    "expected a model of `models` ({}), found `{id}`",
                    names.join(", ")
                ),
            ))
        };
        let orchestrator = Orchestrator {
            model: require_model("orchestrator.model", &self.orchestrator.model)?,
            prompt: self.orchestrator.prompt,
        };
        let mut tools: Vec<Tool> = Vec::with_capacity(self.tools.len());
        for (index, tool) in self.tools.into_iter().enumerate() {
            let path = format!("tools[{index}]");
            let tool = tool.check(&path, &require_model)?;
            if tools.iter().any(|other| other.name == tool.name) {
                return Err(ConfigError::at(
                    format!("{path}.function.name"),
                    format!("`{}` names another tool already", tool.name),
                ));
            }
            tools.push(tool);
        }
        aliases::check(&tools)?;
        Ok(Catalog {
            orchestrator,
            models,
            tools,
        })
    }
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
    let Prices { input, output } = raw.usd_per_million;
    if !(input >= 0.0 && output >= 0.0) {
        return Err(ConfigError::at(
            format!("{path}.usd_per_million"),
            "expected prices of 0 or more",
        ));
    }
    Ok(Model {
        id: ModelId::new(id),
        name: raw.name,
        description: raw.description,
        served_as: raw.model,
        context_tokens: raw.context_tokens,
        thinks_first: raw.thinks_first,
        prices: raw.usd_per_million,
        variables,
    })
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

impl RawTool {
    fn check(
        self,
        path: &str,
        require_model: &impl Fn(&str, &str) -> Result<ModelId, ConfigError>,
    ) -> Result<Tool, ConfigError> {
        let RawToolType::Function = self.r#type;
        check_name(&format!("{path}.function.name"), &self.function.name)?;
        check_range(
            &format!("{path}.timeout_ms"),
            self.timeout_ms,
            MAX_TIMEOUT_MS,
        )?;
        check_range(
            &format!("{path}.max_result_bytes"),
            self.max_result_bytes,
            MAX_RESULT_BYTES,
        )?;
        let schema = Value::Object(self.function.parameters.clone());
        let arguments = Schema::new(schema.clone());
        let target = self
            .target
            .check(&format!("{path}.target"), require_model)?;
        let function = Map::from_iter([
            ("name".to_owned(), Value::from(self.function.name.clone())),
            (
                "description".to_owned(),
                Value::from(self.function.description),
            ),
            ("parameters".to_owned(), schema),
        ]);
        Ok(Tool {
            name: ToolName::new(self.function.name),
            aliases: self.aliases,
            function,
            target,
            timeout_ms: self.timeout_ms,
            retry: self.retry,
            tenant: self.tenant,
            max_result_bytes: usize::try_from(self.max_result_bytes).unwrap_or(usize::MAX),
            arguments,
        })
    }
}

impl RawTarget {
    fn check(
        self,
        path: &str,
        require_model: &impl Fn(&str, &str) -> Result<ModelId, ConfigError>,
    ) -> Result<Target, ConfigError> {
        match (self.models, self.system, self.lambda) {
            (Some(roles), Some(system), None) if !roles.is_empty() => {
                let models = roles
                    .into_iter()
                    .map(|(role, id)| {
                        let path = format!("{path}.models.{role}");
                        let id = id
                            .as_str()
                            .ok_or_else(|| ConfigError::at(&path, "expected the id of a model"))?;
                        Ok((role.clone(), require_model(&path, id)?))
                    })
                    .collect::<Result<_, _>>()?;
                Ok(Target::Models(ModelAliases { models, system }))
            }
            (None, None, Some(lambda)) if !lambda.is_empty() => Ok(Target::Lambda(lambda)),
            _ => Err(ConfigError::at(
                path,
                "expected either {\"models\": {…}, \"system\": \"…\"} or {\"lambda\": \"name or ARN\"}",
            )),
        }
    }
}

/// The rule of OpenAI's function names: 1 to 64 of letters, digits, `_` and `-`.
fn check_name(path: &str, name: &str) -> Result<(), ConfigError> {
    let fits = (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if fits {
        return Ok(());
    }
    Err(ConfigError::at(
        path,
        format!("expected 1 to 64 letters, digits, `_` or `-`, found `{name}`"),
    ))
}

fn check_range(path: &str, value: u64, most: u64) -> Result<(), ConfigError> {
    if (1..=most).contains(&value) {
        return Ok(());
    }
    Err(ConfigError::at(
        path,
        format!("expected 1 to {most}, found {value}"),
    ))
}
