//! Clients for tools that are reached otherwise than all functions.

use std::collections::BTreeMap;

use aws_sdk_lambda::config::Credentials;
use catalog::Retry;
use drive::{Config, Connect, Tools};
use host::Authorities;
use host::http::{self, ClientError};
use reqwest::Url;

use crate::clients::lambda_config;

/// What reaches the tools of a catalogue. A catalogue that has none but models and functions of the one Invoke API needs no client.
pub(crate) fn tools(config: &Config, further: Authorities) -> Result<Tools, ClientError> {
    let mut clients = Clients {
        servers: BTreeMap::new(),
        further,
    };
    Tools::new(&config.catalog, &config.header_values, &mut clients)
}

/// One client of each kind for all tools of a process.
struct Clients {
    /// By whether they are for this machine, and whether connections are kept.
    servers: BTreeMap<(bool, bool), reqwest::Client>,
    /// Whom servers are trusted by beside the bundled authorities.
    further: Authorities,
}

impl Connect for Clients {
    type Error = ClientError;

    fn server(&mut self, url: &Url, retry: Retry) -> Result<reqwest::Client, ClientError> {
        let keeps_connections = match retry {
            Retry::Safe => true,
            Retry::Never => false,
        };
        let kind = (http::is_loopback(url), keeps_connections);
        if let Some(known) = self.servers.get(&kind) {
            return Ok(known.clone());
        }
        let client = http::tool_client(url, keeps_connections, &self.further)?;
        self.servers.insert(kind, client.clone());
        Ok(client)
    }

    /// Signed with the environment's credentials, never with those of a service that is embedded in this process. Where the environment has
    /// none, with some that open nothing: emulators take any, and the SDK sends nothing without.
    fn invoker(&mut self, endpoint: &Url) -> Result<aws_sdk_lambda::Client, ClientError> {
        let aws = host::aws::config()?;
        let mut config = lambda_config(&aws).endpoint_url(endpoint.as_str());
        if aws.credentials_provider().is_none() {
            let none = Credentials::new("none", "none", None, None, "placeholder");
            config = config.credentials_provider(none);
        }
        Ok(aws_sdk_lambda::Client::from_conf(config.build()))
    }
}
