//! The catalogue's tools as this process reaches them: servers with what they are sent, functions at endpoints of their own, and
//! which tools are left out, each with the reason.

mod header_values;
mod http_server;
mod mcp_servers;
mod probe;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_lambda::Client as Invoker;
use catalog::{Catalog, HttpTarget, Retry, Target};
use reqwest::{Client, Url};
use run::{ListedTool, ToolName};

pub use header_values::HeaderValues;
pub(crate) use http_server::HttpServer;
use mcp_servers::McpServers;
pub use probe::Probe;
pub(crate) use probe::cause;

/// What reaches the tools of a catalogue.
#[derive(Debug, Default)]
pub struct Tools {
    servers: BTreeMap<ToolName, HttpServer>,
    /// Clients of Invoke endpoints that entries of the catalogue name.
    invokers: BTreeMap<Url, Invoker>,
    mcp: McpServers,
    /// Tools that are left out, each with one sentence that says why.
    absent: BTreeMap<ToolName, String>,
}

/// Makes the clients that tools are reached by.
pub trait Connect {
    type Error;

    /// A client for the server of a tool. One whose calls may not be repeated takes no connection that has stood idle: of a call that meets
    /// its end, nobody knows whether it was made.
    fn server(&mut self, url: &Url, retry: Retry) -> Result<Client, Self::Error>;

    /// A client of the Invoke endpoint at an address.
    fn invoker(&mut self, endpoint: &Url) -> Result<Invoker, Self::Error>;
}

impl Tools {
    /// What reaches the tools of a catalogue. One whose server cannot be sent what it asks for is left out.
    ///
    /// # Errors
    /// A client cannot be made.
    pub fn new<C: Connect>(
        catalog: &Catalog,
        values: &HeaderValues,
        connect: &mut C,
    ) -> Result<Self, C::Error> {
        let mut tools = Self::default();
        for tool in &catalog.tools {
            match &tool.target {
                Target::Models(_) | Target::Mcp(_) | Target::Discuss(_) | Target::Chain(_) => {}
                Target::Lambda(lambda) => {
                    if let Some(endpoint) = &lambda.endpoint {
                        let invoker = connect.invoker(endpoint)?;
                        tools.invokers.entry(endpoint.clone()).or_insert(invoker);
                    }
                }
                Target::Http(HttpTarget { url, headers }) => match values.headers(headers) {
                    Ok(headers) => {
                        let client = connect.server(url, tool.retry)?;
                        let server = HttpServer::new(client, url.clone(), headers);
                        tools.servers.insert(tool.name.clone(), server);
                    }
                    Err(problem) => {
                        tools.absent.insert(tool.name.clone(), problem);
                    }
                },
            }
        }
        for server in &catalog.mcp_servers {
            let reached = match values.headers(&server.headers) {
                Ok(headers) => Ok(mcp::Server::new(mcp::Address {
                    url: server.url.clone(),
                    headers,
                    client: connect.server(&server.url, Retry::Never)?,
                })),
                Err(problem) => Err(problem),
            };
            tools.mcp.add(&server.key, reached);
        }
        Ok(tools)
    }

    /// Asks the servers that list their tools, side by side, and waits for them no longer than this.
    pub async fn list(&self, catalog: &Arc<Catalog>, limit: Duration) {
        self.mcp.list_all(catalog, limit).await;
    }

    /// What servers have listed so far. Those that are to be asked again are asked in the background.
    pub fn listed(&self, catalog: &Arc<Catalog>) -> Vec<ListedTool> {
        self.mcp.listed(catalog)
    }

    /// What servers have listed, without asking any of them again.
    pub fn known(&self) -> Vec<ListedTool> {
        self.mcp.known()
    }

    /// What the server of a tool says of it.
    pub(crate) fn description(&self, tool: &ToolName) -> Option<String> {
        self.mcp.description(tool)
    }

    /// Why a tool of a server is not offered to a run that begins now, in one sentence.
    pub(crate) fn problem_of_listed(&self, server: &str, tool: &ToolName) -> Option<String> {
        self.mcp.problem(server, tool)
    }

    /// A server that lists its tools, or why it cannot be asked.
    pub(crate) fn mcp_server(&self, key: &str) -> Result<&Arc<mcp::Server>, String> {
        self.mcp.server(key)
    }

    /// Why a tool is left out, in one sentence; `None` where it is not.
    pub fn problem(&self, tool: &ToolName) -> Option<&str> {
        self.absent.get(tool).map(String::as_str)
    }

    /// The tools that are left out, each with the reason.
    pub fn absent(&self) -> impl Iterator<Item = (&ToolName, &str)> {
        self.absent.iter().map(|(tool, why)| (tool, why.as_str()))
    }

    /// The server of a tool that is there.
    pub(crate) fn server(&self, tool: &ToolName) -> Option<&HttpServer> {
        self.servers.get(tool)
    }

    /// The client of an endpoint that an entry of the catalogue names.
    pub fn invoker(&self, endpoint: &Url) -> Option<&Invoker> {
        self.invokers.get(endpoint)
    }
}
