//! What is wrong with the environment.

use model::BadAddress;
use run::ModelId;

/// Largest number that a variable may hold: no length of time here means anything beyond.
pub(crate) const MAX_NUMBER: u64 = 100_000;

/// What is wrong with the environment, and what was expected.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{variable}: expected a whole number from 1 to {MAX_NUMBER}, found `{found}`")]
    Number {
        variable: &'static str,
        found: String,
    },
    #[error("{variable}: expected `on` or `off`, found `{found}`")]
    Switch {
        variable: &'static str,
        found: String,
    },
    #[error("{variable}: expected US dollars, more than 0 and at most 1000, found `{found}`")]
    Dollars {
        variable: &'static str,
        found: String,
    },
    #[error(transparent)]
    Address(#[from] BadAddress),
    #[error("the catalogue's models.{model}.headers.{header}: {problem}")]
    Header {
        model: ModelId,
        header: String,
        problem: String,
    },
    #[error("TOOLS_CONFIG: the catalogue {path} cannot be read")]
    CatalogUnreadable {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("the catalogue {path} is wrong at {error}")]
    Catalog {
        path: String,
        error: catalog::ConfigError,
    },
}
