//! The catalogue as it is written, before anything in it is checked.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::bounds;
use crate::config::{Calls, Prompt, Retry, Tenant};
use crate::prices::Prices;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCatalog {
    pub(super) orchestrator: RawOrchestrator,
    pub(super) models: Map<String, Value>,
    pub(super) tools: Vec<RawTool>,
    #[serde(default)]
    pub(super) mcp_servers: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOrchestrator {
    pub(super) model: String,
    pub(super) prompt: Prompt,
    #[serde(default)]
    pub(super) fallback: Vec<String>,
    #[serde(default)]
    pub(super) calls: Calls,
    pub(super) tools_a_round: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawModel {
    pub(super) name: String,
    pub(super) url_env: String,
    pub(super) model: String,
    pub(super) context_tokens: u32,
    #[serde(default)]
    pub(super) thinks_first: bool,
    /// Without it the model has no known price, which is not a price of nothing.
    pub(super) usd_per_million: Option<Prices>,
    pub(super) typical_ms: Option<u64>,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) fallback: Vec<String>,
    #[serde(default)]
    pub(super) headers: Map<String, Value>,
    #[serde(default)]
    pub(super) request: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTool {
    pub(super) r#type: RawToolType,
    pub(super) function: RawFunction,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    pub(super) target: Map<String, Value>,
    #[serde(default = "is_offered")]
    pub(super) offered: bool,
    /// `None` where it is not declared: see `undeclared`.
    pub(super) ends_run: Option<bool>,
    pub(super) program: Option<String>,
    pub(super) sources: Option<String>,
    pub(super) timeout_ms: u64,
    pub(super) retry: Retry,
    #[serde(default = "bounds::default_result_bytes")]
    pub(super) max_result_bytes: u64,
    pub(super) tenant: Option<Tenant>,
    pub(super) usd_per_call: Option<f64>,
    pub(super) usd_per_second: Option<f64>,
}

const fn is_offered() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawToolType {
    Function,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFunction {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) parameters: Map<String, Value>,
}
