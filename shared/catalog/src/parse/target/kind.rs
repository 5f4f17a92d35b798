//! What a kind of target has in common with the others.

use serde_json::{Map, Value};

use crate::config::Target;
use crate::config_error::ConfigError;
use crate::parse::known_models::KnownModels;

/// Reads the target at a path.
type Read = fn(&str, Map<String, Value>, &KnownModels<'_>) -> Result<Target, ConfigError>;

/// A kind of target.
pub(super) struct Kind {
    /// Its fields; the first is the one that tells it.
    pub(super) fields: &'static [&'static str],
    /// How it is written, for people.
    pub(super) form: &'static str,
    pub(super) read: Read,
}

/// Reads the fields of a target that is a structure of its own.
pub(super) fn fields<T: serde::de::DeserializeOwned>(
    path: &str,
    written: Map<String, Value>,
) -> Result<T, ConfigError> {
    serde_path_to_error::deserialize(Value::Object(written)).map_err(|error| {
        let at = match error.path().to_string().as_str() {
            "." => path.to_owned(),
            field => format!("{path}.{field}"),
        };
        ConfigError::at(at, error.inner().to_string())
    })
}
