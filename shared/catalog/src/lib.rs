//! The catalogue: which models and tools there are, how each is reached, and what may be offered to whom.
//!
//! PURE: it parses and checks `tools_config.json` and answers questions about it. It reads no file and no environment.

mod alternatives;
mod answer_schema;
mod check_cost;
mod coerce;
mod config;
mod config_error;
mod grammar;
mod listed;
mod mcp;
mod parse;
mod price_table;
mod prices;
mod refusal;
mod schema;
mod schema_cost;
mod tool_set;
mod variable_header;

pub use answer_schema::{check_answer, check_answer_schema};
pub use config::{
    Calls, Catalog, ChainTarget, DiscussTarget, HttpTarget, LambdaTarget, Model, ModelAliases,
    Orchestrator, Prompt, Retry, Target, Tenant, Tool, VariableNames,
};
pub use config_error::ConfigError;
pub use grammar::grammar;
pub use listed::{DescribedTool, Listing, Note};
pub use mcp::{McpServer, McpTarget, McpTool};
pub use prices::{Prices, ToolPrices};
pub use tool_set::{RequestedCall, ToolSet};
pub use variable_header::{HeaderText, ModelHeader, VariableHeader};
