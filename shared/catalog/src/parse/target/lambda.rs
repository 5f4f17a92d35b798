//! A tool that is a Lambda function.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::kind::{Kind, fields};
use crate::config::{LambdaTarget, Target};
use crate::config_error::ConfigError;
use crate::parse::known_models::KnownModels;
use crate::parse::server_url;

pub(super) const KIND: Kind = Kind {
    fields: &["lambda", "endpoint"],
    form: r#"{"lambda": "name or ARN"}"#,
    read,
};

#[derive(Deserialize)]
struct Raw {
    lambda: String,
    endpoint: Option<String>,
}

fn read(
    path: &str,
    written: Map<String, Value>,
    _: &KnownModels<'_>,
) -> Result<Target, ConfigError> {
    let Raw {
        lambda: function,
        endpoint,
    } = fields(path, written)?;
    let at = |field: &str| format!("{path}.{field}");
    if function.trim().is_empty() {
        let problem = "expected the name or the ARN of a function, found an empty one";
        return Err(ConfigError::at(at("lambda"), problem));
    }
    let endpoint = endpoint.map(|endpoint| server_url::endpoint(&at("endpoint"), &endpoint));
    Ok(Target::Lambda(LambdaTarget {
        function,
        endpoint: endpoint.transpose()?,
        tenant: None,
    }))
}
