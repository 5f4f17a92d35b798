//! A tool that is a discussion between models of the catalogue.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::kind::{Kind, fields};
use crate::config::{DiscussTarget, Target};
use crate::config_error::ConfigError;
use crate::parse::known_models::KnownModels;

/// Most models that take part: each is asked twice, and shown what all others wrote.
const MAX_MODELS: usize = 8;

pub(super) const KIND: Kind = Kind {
    fields: &["discuss"],
    form: r#"{"discuss": {"models": [ids], "writer": "id"}}"#,
    read,
};

#[derive(Deserialize)]
struct Raw {
    discuss: RawDiscussion,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDiscussion {
    models: Vec<String>,
    writer: String,
    default_to_question: Option<String>,
}

fn read(
    path: &str,
    written: Map<String, Value>,
    models: &KnownModels<'_>,
) -> Result<Target, ConfigError> {
    let Raw { discuss: raw } = fields(path, written)?;
    let path = format!("{path}.discuss");
    if !(1..=MAX_MODELS).contains(&raw.models.len()) {
        let problem = format!(
            "expected 1 to {MAX_MODELS} models, found {}",
            raw.models.len()
        );
        return Err(ConfigError::at(format!("{path}.models"), problem));
    }
    let mut taking_part = Vec::with_capacity(raw.models.len());
    for (index, id) in raw.models.iter().enumerate() {
        let path = format!("{path}.models[{index}]");
        let id = models.require(&path, id)?;
        if taking_part.contains(&id) {
            let problem = format!("expected each model once, found `{id}` again");
            return Err(ConfigError::at(path, problem));
        }
        taking_part.push(id);
    }
    Ok(Target::Discuss(DiscussTarget {
        models: taking_part,
        writer: models.require(&format!("{path}.writer"), &raw.writer)?,
        default_to_question: raw.default_to_question,
    }))
}
