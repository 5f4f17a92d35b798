//! The JSON Schema of a tool's arguments.
//!
//! It is compiled when it is first needed: the first one of a process builds the validator of JSON Schema itself, which took
//! three quarters of all that a function did before it was ready.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

/// Mistakes in arguments that a model is told of at once.
const MAX_TOLD_MISTAKES: usize = 5;

#[derive(Debug)]
pub(crate) struct Schema {
    text: Value,
    compiled: OnceLock<Result<Validator, String>>,
}

impl Schema {
    pub(crate) const fn new(text: Value) -> Self {
        Self {
            text,
            compiled: OnceLock::new(),
        }
    }

    /// Compiles it, once. Fails with what was expected, where it is no JSON Schema.
    pub(crate) fn compile(&self) -> Result<&Validator, String> {
        let compile = || {
            jsonschema::validator_for(&self.text)
                .map_err(|error| format!("expected a JSON Schema: {error}"))
        };
        let compiled = self.compiled.get_or_init(compile);
        compiled.as_ref().map_err(Clone::clone)
    }

    /// Says what does not fit, each mistake with its path, or that nothing can be checked.
    pub(crate) fn check(&self, arguments: &Value) -> Result<(), String> {
        let mistakes: Vec<_> = self
            .compile()?
            .iter_errors(arguments)
            .take(MAX_TOLD_MISTAKES)
            .map(|error| match error.instance_path().as_str() {
                "" => error.to_string(),
                path => {
                    let path = path.trim_start_matches('/').replace('/', ".");
                    format!("{path}: {error}")
                }
            })
            .collect();
        if mistakes.is_empty() {
            Ok(())
        } else {
            Err(mistakes.join("; "))
        }
    }
}
