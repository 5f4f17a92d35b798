//! Where the commands are given: a folder with a catalogue, models, and the servers of tools.

use std::fs;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::{any, post};
use axum::{Json, Router};
use local::invoke::{self, Functions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::command_line::{CommandLine, Ended};
use tests::loopback::{ClosedPort, Served};
use tests::model_server::{KEY, ModelServer};

/// What the tool `weather` is sent.
pub const TOKEN: &str = "s3cr3t-0123456789-of-the-tool";

pub struct Desk {
    pub commands: CommandLine,
    pub models: ModelServer,
    pub closed: ClosedPort,
    pub data_dir: TempDir,
    servers: [Served; 2],
}

/// An entry of a catalogue that takes a city.
pub fn tool(name: &str, target: &Value) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": name, "description": "Does what it is told.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false},
        },
        "target": target, "timeout_ms": 60_000, "retry": "safe",
    })
}

/// A tool's server: `/weather` answers, and every other path is what it says.
fn server() -> Router {
    let weather = async |headers: HeaderMap, body: Bytes| {
        let asked: Value = serde_json::from_slice(&body).unwrap();
        let sent = headers["authorization"].to_str().unwrap();
        let file = json!({"name": "map.svg", "media_type": "image/svg+xml", "data": "PHN2Zy8+"});
        let result = json!({"city": asked["arguments"]["city"], "sent": sent});
        Json(json!({"ok": true, "result": result, "artifacts": [file]}))
    };
    let says = |status: u16| any(move || async move { StatusCode::from_u16(status).unwrap() });
    Router::new()
        .route("/weather", post(weather))
        .route("/refuses", says(401))
        .route("/fails", says(500))
        .route("/gateway", says(502))
        .route(
            "/moved",
            any(async || {
                let to = [("location", "https://example.org/?key=1")];
                (StatusCode::PERMANENT_REDIRECT, to).into_response()
            }),
        )
}

impl Desk {
    /// A catalogue with these tools beside the shipped ones; each is given the address of the server, the function's endpoint, and one where
    /// nothing listens.
    pub async fn with(tools: impl Fn(&str, &str, &str) -> Vec<Value>) -> Self {
        let functions = Functions::default().with_tool("forecast", async |_| tool::Response::Ok {
            result: json!({"n": 7}).as_object().unwrap().clone(),
            artifacts: Vec::new(),
        });
        let servers = [
            Served::start(server()).await,
            Served::start(invoke::router(functions)).await,
        ];
        let [server, endpoint] = &servers;
        let closed = ClosedPort::take();
        let models = ModelServer::start().await;
        let shipped = include_str!("../../../tools_config.json");
        let mut catalogue: Value = serde_json::from_str(shipped).unwrap();
        let list = catalogue["tools"].as_array_mut().unwrap();
        list.extend(tools(&server.address, &endpoint.address, &closed.address));
        let data_dir = tempfile::tempdir().unwrap();
        let path = data_dir.path().join("catalogue.json");
        fs::write(&path, catalogue.to_string()).unwrap();
        let commands = CommandLine::on_data_dir(data_dir.path())
            .with("TOOLS_CONFIG", path.to_str().unwrap())
            .with("WEATHER_TOKEN", &format!("Bearer {TOKEN}"));
        let commands = ["QWEN_API_URL", "PHI_API_URL", "LLAMA_API_URL"]
            .into_iter()
            .fold(commands, |commands, name| {
                commands.with(name, models.address())
            })
            .with("QWEN_API_KEY", KEY)
            .with("PHI_API_KEY", KEY);
        Self {
            commands,
            models,
            closed,
            data_dir,
            servers,
        }
    }

    pub fn server(&self) -> &str {
        &self.servers[0].address
    }

    /// One call; what it prints, and its end.
    pub async fn call(&self, arguments: &[&str]) -> (Value, Ended) {
        let arguments: Vec<_> = ["tools", "call"].iter().chain(arguments).copied().collect();
        let ended = self.commands.run(&arguments).await;
        let printed = serde_json::from_str(&ended.out);
        (
            printed.unwrap_or_else(|error| panic!("{error}: {ended:?}")),
            ended,
        )
    }

    /// What stands in the data directory.
    pub fn stored(&self) -> Vec<String> {
        let entries = fs::read_dir(self.data_dir.path()).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}
