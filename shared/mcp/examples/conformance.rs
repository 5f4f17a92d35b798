//! The client as the protocol's conformance suite drives it: `conformance URL`, with the scenario's name in `MCP_CONFORMANCE_SCENARIO`.
//!
//! `tests/mcp/conformance` runs it.

use std::sync::Arc;
use std::time::Duration;

use mcp::{Address, Limits, Server};
use reqwest::Client;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args()
        .nth(1)
        .ok_or("expected the address of a server")?;
    let scenario = std::env::var("MCP_CONFORMANCE_SCENARIO").unwrap_or_default();
    let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .pool_max_idle_per_host(0)
        .build()?;
    let server = Server::new(Address {
        url: url.parse()?,
        headers: HeaderMap::new(),
        client,
    });
    for tool in server.list(&["every tool"], LIMIT).await? {
        println!("{}: {}", tool.name, tool.description);
    }
    let (tool, arguments) = match scenario.as_str() {
        "tools_call" => ("add_numbers", json!({"a": 5, "b": 3})),
        "elicitation-sep1034-client-defaults" => ("test_client_elicitation_defaults", json!({})),
        "sse-retry" => ("test_reconnection", json!({})),
        _ => return Ok(()),
    };
    let Value::Object(arguments) = arguments else {
        return Err("expected an object".into());
    };
    let limits = Limits {
        silence: LIMIT,
        whole: LIMIT,
    };
    println!("{:?}", server.call(tool, arguments, false, limits).await?);
    Ok(())
}
