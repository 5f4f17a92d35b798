//! A service whose catalogue has tools that are servers.

use serde_json::{Value, json};
use tests::model_server::ModelServer;
use tests::script::{Part, call, calls, says};
use tests::stack::{Counted, Setup};
use tests::story::Told;

/// What the tool that has a secret is sent.
pub const TOKEN: &str = "s3cr3t-0123456789-of-the-tool";
pub const VARIABLE: &str = "WEATHER_TOKEN";

/// An entry of a catalogue: a tool that takes anything.
pub fn tool(name: &str, target: &Value) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": name, "description": "Does what it is told.",
            "parameters": {"type": "object", "properties": {"fault": {"type": "string"}}},
        },
        "target": target, "timeout_ms": 60_000, "retry": "safe",
    })
}

/// The entry with a field set.
pub fn with(mut tool: Value, field: &str, value: impl Into<Value>) -> Value {
    tool[field] = value.into();
    tool
}

pub fn at(url: &str) -> Value {
    json!({"http": {"url": url}})
}

pub fn with_token(url: &str) -> Value {
    json!({"http": {"url": url, "headers": {"authorization": {"env": VARIABLE}}}})
}

/// The shipped catalogue with these tools beside its own.
pub fn catalogue(tools: impl IntoIterator<Item = Value>) -> Value {
    let shipped = include_str!("../../../tools_config.json");
    let mut catalogue: Value = serde_json::from_str(shipped).unwrap();
    catalogue["tools"].as_array_mut().unwrap().extend(tools);
    catalogue
}

/// A service, and the models that it asks.
pub struct Service {
    pub stack: Counted,
    pub models: ModelServer,
}

impl Service {
    pub async fn start(tools: impl IntoIterator<Item = Value>) -> Self {
        let bearer = format!("Bearer {TOKEN}");
        Self::with_variables(tools, &[(VARIABLE, &bearer)]).await
    }

    pub async fn with_variables(
        tools: impl IntoIterator<Item = Value>,
        variables: &[(&str, &str)],
    ) -> Self {
        let models = ModelServer::start().await;
        let setup = Setup::with_catalog(&catalogue(tools)).models(&models);
        let stack = setup.header_variables(variables).start_counted().await;
        Self { stack, models }
    }

    /// One run that makes these calls, a list a round.
    pub async fn run(&self, rounds: impl IntoIterator<Item = Vec<Part>>) -> Told {
        let rounds: Vec<_> = rounds.into_iter().map(calls).collect();
        let most = rounds.len() + 1;
        self.models
            .orchestrator(rounds.into_iter().chain([says("Done.")]));
        let told = self
            .stack
            .client
            .ask(&json!({"query": "How many?", "max_rounds": most}))
            .await;
        assert_eq!(told.status(), "completed");
        told
    }
}

/// A call of a tool that is to go wrong so.
pub fn asks(tool: &str, fault: &str) -> Part {
    call(tool, json!({"fault": fault}))
}

/// What each call of a run came to, in the order in which they were asked for.
pub fn results(told: &Told) -> Vec<Value> {
    let mut events = told.of("tool_result");
    let place = |event: &Value| {
        let id = event["call_id"].as_str().unwrap();
        let (round, index) = id.trim_start_matches('r').split_once('.').unwrap();
        (round.parse::<u32>().unwrap(), index.parse::<u32>().unwrap())
    };
    events.sort_by_key(place);
    events
        .into_iter()
        .map(|event| event["result"].clone())
        .collect()
}
