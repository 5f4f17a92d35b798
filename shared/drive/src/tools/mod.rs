//! The catalogue's tools as this process reaches them: servers with what they are sent, functions at endpoints of their own, and
//! which tools are left out, each with the reason.

mod header_values;
mod http_server;
mod probe;

use std::collections::BTreeMap;

use aws_sdk_lambda::Client as Invoker;
use catalog::{Catalog, HttpTarget, Retry, Target};
use reqwest::{Client, Url};
use run::ToolName;

pub use header_values::HeaderValues;
pub(crate) use http_server::HttpServer;
pub use probe::Probe;
pub(crate) use probe::cause;

/// What reaches the tools of a catalogue.
#[derive(Debug, Default)]
pub struct Tools {
    servers: BTreeMap<ToolName, HttpServer>,
    /// Clients of Invoke endpoints that entries of the catalogue name.
    invokers: BTreeMap<Url, Invoker>,
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
                Target::Models(_) => {}
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
        Ok(tools)
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
