//! Servers that list their tools, as they are written, and what tools say of them.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{headers, server_url};
use crate::config::{Target, Tool};
use crate::config_error::ConfigError;
use crate::listed::offered_name;
use crate::mcp::{McpServer, McpTarget, McpTool};

/// Most servers, and tools that one of them is asked for.
const MAX_SERVERS: usize = 16;
const MAX_TOOLS: usize = 64;
/// Longest key of a server, and name of a tool, in bytes.
const MAX_KEY_BYTES: usize = 32;
const MAX_TOOL_BYTES: usize = 128;
/// Headers that the protocol has by itself, beside those of every connection.
const OURS: &[&str] = &[
    "last-event-id",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "mcp-session-id",
    "traceparent",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    url: String,
    #[serde(default)]
    headers: Map<String, Value>,
    tools: Option<Vec<String>>,
}

/// The servers of a catalogue.
#[derive(Debug)]
pub(super) struct McpServers {
    servers: Vec<McpServer>,
    /// Of each, the tools that are allowed; `None` where entries alone tell them.
    allowed: Vec<Option<Vec<String>>>,
}

impl McpServers {
    pub(super) fn read(written: Map<String, Value>) -> Result<Self, ConfigError> {
        let mut read = Self {
            servers: Vec::new(),
            allowed: Vec::new(),
        };
        if written.len() > MAX_SERVERS {
            let found = written.len();
            let problem = format!("expected at most {MAX_SERVERS} servers, found {found}");
            return Err(ConfigError::at("mcp_servers", problem));
        }
        for (key, server) in written {
            let path = format!("mcp_servers.{key}");
            check_key(&path, &key)?;
            let raw: Raw = serde_path_to_error::deserialize(server).map_err(|error| {
                let at = match error.path().to_string().as_str() {
                    "." => path.clone(),
                    field => format!("{path}.{field}"),
                };
                ConfigError::at(at, error.inner().to_string())
            })?;
            if let Some(tools) = &raw.tools {
                check_tools(&format!("{path}.tools"), tools)?;
            }
            read.servers.push(McpServer {
                url: server_url::url(&format!("{path}.url"), &raw.url)?,
                headers: headers::headers(&format!("{path}.headers"), raw.headers, OURS)?,
                offered: Vec::new(),
                key,
            });
            read.allowed.push(raw.tools);
        }
        Ok(read)
    }

    /// Checks what tools say of the servers; what is allowed and has no entry of its own is offered as its server describes it.
    pub(super) fn with_tools(mut self, tools: &[Tool]) -> Result<Vec<McpServer>, ConfigError> {
        for (index, tool) in tools.iter().enumerate() {
            if let Target::Mcp(target) = &tool.target {
                self.check_target(&format!("tools[{index}].target.mcp"), target)?;
            }
        }
        let mut names: Vec<(String, String)> = Vec::new();
        for (server, allowed) in self.servers.iter_mut().zip(&self.allowed) {
            let has_entry = |wanted: &str| {
                tools.iter().any(|tool| match &tool.target {
                    Target::Mcp(target) => target.server == server.key && target.tool == wanted,
                    Target::Models(_)
                    | Target::Lambda(_)
                    | Target::Http(_)
                    | Target::Chain(_)
                    | Target::Discuss(_) => false,
                })
            };
            if allowed.is_none() && !tools.iter().any(|tool| is_of(tool, &server.key)) {
                let problem = "expected the names of its tools that may be used, or an entry of `tools` for one of them";
                let path = format!("mcp_servers.{}.tools", server.key);
                return Err(ConfigError::at(path, problem));
            }
            for (place, wanted) in allowed.iter().flatten().enumerate() {
                if has_entry(wanted) {
                    continue;
                }
                let path = format!("mcp_servers.{}.tools[{place}]", server.key);
                let name = offered_name(&server.key, wanted);
                check_free(&path, &name, tools, &names)?;
                names.push((name.clone(), format!("`{wanted}` of `{}`", server.key)));
                server.offered.push(McpTool {
                    tool: wanted.clone(),
                    name,
                });
            }
        }
        Ok(self.servers)
    }

    fn check_target(&self, path: &str, target: &McpTarget) -> Result<(), ConfigError> {
        let mut known = self.servers.iter().zip(&self.allowed);
        let Some((_, allowed)) = known.find(|(server, _)| server.key == target.server) else {
            let keys: Vec<_> = self.servers.iter().map(|it| it.key.as_str()).collect();
            let problem = format!(
                "expected a key of `mcp_servers` ({}), found `{}`",
                keys.join(", "),
                target.server
            );
            return Err(ConfigError::at(format!("{path}.server"), problem));
        };
        match allowed {
            Some(allowed) if !allowed.contains(&target.tool) => {
                let problem = format!(
                    "expected one of `mcp_servers.{}.tools` ({}), found `{}`",
                    target.server,
                    allowed.join(", "),
                    target.tool
                );
                Err(ConfigError::at(format!("{path}.tool"), problem))
            }
            Some(_) | None => Ok(()),
        }
    }
}

fn is_of(tool: &Tool, key: &str) -> bool {
    match &tool.target {
        Target::Mcp(target) => target.server == key,
        Target::Models(_)
        | Target::Lambda(_)
        | Target::Http(_)
        | Target::Discuss(_)
        | Target::Chain(_) => false,
    }
}

/// A name of a tool is nobody else's, in whatever letters.
fn check_free(
    path: &str,
    name: &str,
    tools: &[Tool],
    others: &[(String, String)],
) -> Result<(), ConfigError> {
    let is_same = |other: &str| other.eq_ignore_ascii_case(name);
    let remedy = "give it an entry of its own under `tools`, with another name";
    let named = |tool: &&Tool| {
        is_same(tool.name.as_str()) || tool.aliases.iter().any(|alias| is_same(alias))
    };
    let taken = tools
        .iter()
        .find(named)
        .map(|tool| format!("`{}`", tool.name));
    let offered = others.iter().find(|(other, _)| is_same(other));
    match taken.or_else(|| offered.map(|(_, whose)| whose.clone())) {
        None => Ok(()),
        Some(whose) => {
            let problem =
                format!("it would be offered as `{name}`, which names {whose} already: {remedy}");
            Err(ConfigError::at(path, problem))
        }
    }
}

fn check_key(path: &str, key: &str) -> Result<(), ConfigError> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=MAX_KEY_BYTES).contains(&key.len()) && key.bytes().all(is_allowed) {
        return Ok(());
    }
    let problem = format!(
        "expected a key of 1 to {MAX_KEY_BYTES} letters, digits, `_` or `-`: the names of its tools begin with it"
    );
    Err(ConfigError::at(path, problem))
}

fn check_tools(path: &str, tools: &[String]) -> Result<(), ConfigError> {
    if !(1..=MAX_TOOLS).contains(&tools.len()) {
        let problem = format!(
            "expected the names of 1 to {MAX_TOOLS} tools, found {}",
            tools.len()
        );
        return Err(ConfigError::at(path, problem));
    }
    for (place, tool) in tools.iter().enumerate() {
        let path = format!("{path}[{place}]");
        check_tool_name(&path, tool)?;
        if tools[..place].contains(tool) {
            let problem = format!("`{tool}` stands here already");
            return Err(ConfigError::at(path, problem));
        }
    }
    Ok(())
}

/// Checks what a server calls a tool.
pub(super) fn check_tool_name(path: &str, name: &str) -> Result<(), ConfigError> {
    if (1..=MAX_TOOL_BYTES).contains(&name.len()) && !name.contains(char::is_control) {
        return Ok(());
    }
    let problem =
        format!("expected the name of a tool as its server lists it: 1 to {MAX_TOOL_BYTES} bytes");
    Err(ConfigError::at(path, problem))
}
