//! A service whose catalogue names a server that lists its tools.

use serde_json::{Value, json};
use tests::model_server::ModelServer;
use tests::script::{Part, calls, says};
use tests::stack::{Counted, Setup};
use tests::story::Told;

/// What the server is sent, and the variable that holds it.
pub const TOKEN: &str = "Bearer s3cr3t-0123456789-of-the-server";
pub const VARIABLE: &str = "FILES_TOKEN";

/// The shipped catalogue, and a server of which `walk` and `read` are used; `read` has an entry of its own, `look`, and may be repeated.
pub fn catalogue(url: &str) -> Value {
    let shipped = include_str!("../../../tools_config.json");
    let mut catalogue: Value = serde_json::from_str(shipped).unwrap();
    catalogue["mcp_servers"] = json!({"files": {
        "url": url, "headers": {"authorization": {"env": VARIABLE}}, "tools": ["walk", "read"],
    }});
    catalogue["tools"].as_array_mut().unwrap().push(json!({
        "type": "function",
        "function": {"name": "look", "description": "Looks.", "parameters": {"type": "object"}},
        "target": {"mcp": {"server": "files", "tool": "read"}}, "timeout_ms": 60_000, "retry": "safe",
    }));
    catalogue
}

pub fn setup(url: &str, models: &ModelServer) -> Setup {
    let setup = Setup::with_catalog(&catalogue(url)).models(models);
    setup.header_variables(&[(VARIABLE, TOKEN)])
}

pub struct Service {
    pub stack: Counted,
    pub models: ModelServer,
}

impl Service {
    pub async fn start(url: &str) -> Self {
        let models = ModelServer::start().await;
        let stack = setup(url, &models).start_counted().await;
        Self { stack, models }
    }

    /// One run that makes this call and then answers.
    pub async fn run(&self, call: Part) -> Told {
        self.models.orchestrator([calls([call]), says("Done.")]);
        let told = self
            .stack
            .client
            .ask(&json!({"query": "How far?", "max_rounds": 2}))
            .await;
        assert_eq!(told.status(), "completed");
        told
    }
}

/// The names of the tools that a request to a model offers.
pub fn offered(request: &Value) -> Vec<&str> {
    let tools = request["tools"].as_array().unwrap();
    tools
        .iter()
        .map(|tool| tool["function"]["name"].as_str().unwrap())
        .collect()
}

/// The tool of this name as a request to a model offers it.
pub fn function<'a>(request: &'a Value, name: &str) -> &'a Value {
    let tools = request["tools"].as_array().unwrap();
    let found = tools.iter().find(|tool| tool["function"]["name"] == name);
    &found.unwrap()["function"]
}
