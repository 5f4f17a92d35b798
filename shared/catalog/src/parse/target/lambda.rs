//! A tool that is a Lambda function.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Kind, fields};
use crate::ConfigError;
use crate::config::{LambdaTarget, Target};
use crate::parse::KnownModels;

pub(super) const KIND: Kind = Kind {
    fields: &["lambda"],
    form: r#"{"lambda": "name or ARN"}"#,
    read,
};

#[derive(Deserialize)]
struct Raw {
    lambda: String,
}

fn read(
    path: &str,
    written: Map<String, Value>,
    _: &KnownModels<'_>,
) -> Result<Target, ConfigError> {
    let Raw { lambda: function } = fields(path, written)?;
    if function.is_empty() {
        let problem = "expected the name or the ARN of a function, found an empty one";
        return Err(ConfigError::at(format!("{path}.lambda"), problem));
    }
    Ok(Target::Lambda(LambdaTarget {
        function,
        tenant: None,
    }))
}
