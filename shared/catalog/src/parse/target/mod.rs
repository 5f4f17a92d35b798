//! Where a tool runs, as it is written. A kind is told by the field that has its name; its other fields stand beside that one.
//!
//! Adding a kind is a file here, a line in [`KINDS`] and a variant of [`Target`].

mod lambda;
mod models;

use serde_json::{Map, Value};

use super::KnownModels;
use crate::ConfigError;
use crate::config::{Target, Tenant};

/// A kind of target.
struct Kind {
    /// Its fields; the first is the one that tells it.
    fields: &'static [&'static str],
    /// How it is written, for people.
    form: &'static str,
    read: fn(&str, Map<String, Value>, &KnownModels<'_>) -> Result<Target, ConfigError>,
}

const KINDS: [Kind; 2] = [models::KIND, lambda::KIND];

/// Reads the target of the tool at `path`.
pub(super) fn check(
    path: &str,
    written: Map<String, Value>,
    tenant: Option<Tenant>,
    models: &KnownModels<'_>,
) -> Result<Target, ConfigError> {
    let kind = kind_of(&format!("{path}.target"), &written)?;
    let mut target = (kind.read)(&format!("{path}.target"), written, models)?;
    match &mut target {
        Target::Lambda(lambda) => lambda.tenant = tenant,
        // A model's server knows no tenants.
        Target::Models(_) => {}
    }
    Ok(target)
}

fn kind_of(path: &str, written: &Map<String, Value>) -> Result<&'static Kind, ConfigError> {
    let is_known = |name: &&String| {
        let mut fields = KINDS.iter().flat_map(|kind| kind.fields);
        fields.any(|field| field == name)
    };
    let forms = || KINDS.map(|kind| kind.form).join(" or ");
    if let Some(unknown) = written.keys().find(|name| !is_known(name)) {
        let problem = format!("unknown field `{unknown}`, expected {}", forms());
        return Err(ConfigError::at(format!("{path}.{unknown}"), problem));
    }
    let is_of = |kind: &&Kind| {
        written.contains_key(kind.fields[0])
            && written
                .keys()
                .all(|name| kind.fields.contains(&name.as_str()))
    };
    KINDS
        .iter()
        .find(is_of)
        .ok_or_else(|| ConfigError::at(path, format!("expected either {}", forms())))
}

/// Reads the fields of a target that is a structure of its own.
fn fields<T: serde::de::DeserializeOwned>(
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
