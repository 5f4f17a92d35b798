//! What is wrong with a catalogue, where, and what was expected.

/// A mistake in `tools_config.json`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct ConfigError {
    /// Dotted path of the field, such as `tools[2].target`.
    pub path: String,
    pub problem: String,
}

impl ConfigError {
    pub(crate) fn at(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            problem: problem.into(),
        }
    }
}
