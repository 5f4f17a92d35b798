//! A tool that is a model of the catalogue.

use run::ModelId;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::kind::{Kind, fields};
use crate::config::{ModelAliases, Target};
use crate::config_error::ConfigError;
use crate::parse::known_models::KnownModels;

pub(super) const KIND: Kind = Kind {
    fields: &["models", "system", "default_to_question", "focus"],
    form: r#"{"models": {…}, "system": "…"}"#,
    read,
};

#[derive(Deserialize)]
struct Raw {
    models: Map<String, Value>,
    system: String,
    default_to_question: Option<String>,
    focus: Option<String>,
}

fn read(
    path: &str,
    written: Map<String, Value>,
    models: &KnownModels<'_>,
) -> Result<Target, ConfigError> {
    let raw: Raw = fields(path, written)?;
    let path = format!("{path}.models");
    Ok(Target::Models(ModelAliases {
        models: named(&path, raw.models, models)?,
        system: raw.system,
        default_to_question: raw.default_to_question,
        focus: raw.focus,
    }))
}

/// The models of a tool by the names that it has for them.
pub(super) fn named(
    path: &str,
    written: Map<String, Value>,
    models: &KnownModels<'_>,
) -> Result<Vec<(String, ModelId)>, ConfigError> {
    if written.is_empty() {
        return Err(ConfigError::at(path, "expected at least one model"));
    }
    let one = |(name, id): (String, Value)| {
        let path = format!("{path}.{name}");
        let id = id
            .as_str()
            .ok_or_else(|| ConfigError::at(&*path, "expected the id of a model"))?;
        let id = models.require(&path, id)?;
        Ok((name, id))
    };
    written.into_iter().map(one).collect()
}
