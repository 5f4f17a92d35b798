//! Where a tool runs, as it is written. A kind is told by the field that has its name; its other fields stand beside that one.
//!
//! Adding a kind is a file here, a line in [`KINDS`] and a variant of [`Target`].

mod chain;
mod discuss;
mod http;
mod kind;
mod lambda;
mod mcp;
mod models;

use serde_json::{Map, Value};

use super::known_models::KnownModels;
use crate::config::{Target, Tenant};
use crate::config_error::ConfigError;
use kind::Kind;

const KINDS: [Kind; 6] = [
    models::KIND,
    lambda::KIND,
    http::KIND,
    mcp::KIND,
    discuss::KIND,
    chain::KIND,
];

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
        Target::Models(_)
        | Target::Http(_)
        | Target::Discuss(_)
        | Target::Chain(_)
        | Target::Mcp(_) => {
            check_no_tenant(path, tenant)?;
        }
    }
    Ok(target)
}

/// Only Lambda keeps the environments of tenants apart.
fn check_no_tenant(path: &str, tenant: Option<Tenant>) -> Result<(), ConfigError> {
    match tenant {
        None => Ok(()),
        Some(Tenant::Owner) => Err(ConfigError::at(
            format!("{path}.tenant"),
            "expected a tool that is a Lambda function: no other target is isolated by tenant",
        )),
    }
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
