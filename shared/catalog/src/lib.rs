//! The catalogue: which models and tools there are, how each is reached, and what may be offered to whom.
//!
//! PURE: it parses and checks `tools_config.json` and answers questions about it. It reads no file and no environment.

mod coerce;
mod config;
mod mistake;
mod offer;
mod parse;
mod refusal;
mod schema;
mod weight;

pub use config::{
    Catalog, Model, ModelRoles, Orchestrator, Prices, Prompt, Retry, Target, Tenant, Tool,
    VariableNames,
};
pub use mistake::Mistake;
pub use offer::{Asked, Offer};
