//! A tool that is a server of the operator's: our JSON by POST, secrets by the names of variables.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::kind::{Kind, fields};
use crate::config::{HttpTarget, Target};
use crate::config_error::ConfigError;
use crate::parse::known_models::KnownModels;
use crate::parse::{headers, server_url};

pub(super) const KIND: Kind = Kind {
    fields: &["http"],
    form: r#"{"http": {"url": "https://…"}}"#,
    read,
};

/// Headers that each request has by itself, beside those of every connection.
const OURS: &[&str] = &["idempotency-key", "traceparent", "x-request-timeout-ms"];

#[derive(Deserialize)]
struct Raw {
    http: RawServer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawServer {
    url: String,
    #[serde(default)]
    headers: Map<String, Value>,
}

fn read(
    path: &str,
    written: Map<String, Value>,
    _: &KnownModels<'_>,
) -> Result<Target, ConfigError> {
    let Raw { http } = fields(path, written)?;
    let at = |field: &str| format!("{path}.http.{field}");
    Ok(Target::Http(HttpTarget {
        url: server_url::url(&at("url"), &http.url)?,
        headers: headers::headers(&at("headers"), http.headers, OURS)?,
    }))
}
