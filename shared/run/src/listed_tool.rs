//! A tool that a server told of, as a run keeps it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ToolName;

/// A tool of a server that lists its tools, as it was when the run began. Whoever drives the run offers it so, and checks its calls so, whatever
/// the server says by then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListedTool {
    /// What it is offered as.
    pub name: ToolName,
    /// The key of its server in the catalogue.
    pub server: String,
    /// What its server calls it.
    pub tool: String,
    /// What the server says of it; absent where the catalogue has an entry of its own for it, which says it instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<ToldOfTool>,
    /// The JSON Schema of its structured results, where the server gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<Map<String, Value>>,
}

/// What a server says of a tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToldOfTool {
    pub description: String,
    /// The JSON Schema of its arguments.
    pub parameters: Map<String, Value>,
}
