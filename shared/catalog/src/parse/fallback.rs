//! The models that are asked in the place of another one.

use run::ModelId;

use super::known_models::KnownModels;
use crate::config_error::ConfigError;

/// Most models that are named for one that cannot answer.
const MOST: usize = 5;

/// Checks what stands at `path`: who is asked in the place of `model`.
pub(super) fn check(
    path: &str,
    model: &ModelId,
    fallback: &[ModelId],
    known: &KnownModels<'_>,
) -> Result<(), ConfigError> {
    if fallback.len() > MOST {
        let problem = format!("expected at most {MOST} models, found {}", fallback.len());
        return Err(ConfigError::at(path, problem));
    }
    for (index, id) in fallback.iter().enumerate() {
        let path = format!("{path}[{index}]");
        known.require(&path, id.as_str())?;
        if id == model {
            let problem = format!("expected another model than `{id}` itself");
            return Err(ConfigError::at(path, problem));
        }
        if fallback[..index].contains(id) {
            return Err(ConfigError::at(path, format!("`{id}` is named already")));
        }
    }
    Ok(())
}
