//! Servers that list their tools (Model Context Protocol), and a tool of one.

use url::Url;

use crate::variable_header::VariableHeader;

/// A server that lists its tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct McpServer {
    /// What the file calls it, and what the names of its tools begin with.
    pub key: String,
    pub url: Url,
    pub headers: Vec<VariableHeader>,
    /// Those of its tools that are offered as the server describes them; in the order of the file.
    pub offered: Vec<McpTool>,
}

/// A tool as the server describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct McpTool {
    /// What its server calls it.
    pub tool: String,
    /// What it is offered as.
    pub name: String,
}

/// A tool of a server that lists its tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct McpTarget {
    /// The key of the server.
    pub server: String,
    /// What the server calls it.
    pub tool: String,
}
