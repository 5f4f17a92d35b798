//! A tool of a server that lists its tools, described by the catalogue instead of the server.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::kind::{Kind, fields};
use crate::config::Target;
use crate::config_error::ConfigError;
use crate::mcp::McpTarget;
use crate::parse::known_models::KnownModels;
use crate::parse::mcp_servers::check_tool_name;

pub(super) const KIND: Kind = Kind {
    fields: &["mcp"],
    form: r#"{"mcp": {"server": "a key of mcp_servers", "tool": "…"}}"#,
    read,
};

#[derive(Deserialize)]
struct Raw {
    mcp: RawTool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTool {
    server: String,
    tool: String,
}

fn read(
    path: &str,
    written: Map<String, Value>,
    _: &KnownModels<'_>,
) -> Result<Target, ConfigError> {
    let Raw { mcp } = fields(path, written)?;
    check_tool_name(&format!("{path}.mcp.tool"), &mcp.tool)?;
    Ok(Target::Mcp(McpTarget {
        server: mcp.server,
        tool: mcp.tool,
    }))
}
