//! The process under abuse, with an honest model server that also holds a crowd, hostile ones, and hostile tools.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::future::join_all;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

use super::super::{streams, tools};
use super::figures::Times;
use crate::client::{Client, send};
use crate::gate::Gate;
use crate::loopback::Served;
use crate::model_server::perform;
use crate::process::StackProcess;
use crate::script::{Script, finish, says, sse, text, usage};
use crate::wait::within;

/// What honest people are told.
pub(super) const ANSWER: &str = "It is forty-two.";
/// In questions of honest runs, and of those of a crowd.
pub(super) const HONEST: &str = "HONEST";
const CROWD: &str = "CROWD";
/// The access key, and its SHA-256.
pub(super) const KEY: &str = "a key for tests alone";
const DIGEST: &str = "76281d09a1011d3ab7a49db23f2609e08a43c3e973248ad02508a7f72e8f61f7";
/// Hostile runs at once.
const HOSTILE_AT_ONCE: usize = 3;

/// All that there is.
pub(super) struct World {
    pub(super) process: StackProcess,
    pub(super) client: Client,
    /// Holds the crowd's answers.
    pub(super) gate: Gate,
    case: AtomicU64,
    _data_dir: TempDir,
    _servers: [Served; 3],
}

impl World {
    pub(super) async fn start(seed: u64) -> Self {
        let gate = Gate::shut();
        let honest = Router::new()
            .route(
                "/v1/models",
                get(async || Json(json!({"data": [{"id": "m"}]}))),
            )
            .route("/v1/chat/completions", post(chat))
            .with_state(gate.clone());
        let honest = Served::start(honest).await;
        let models = Served::start(streams::server(seed)).await;
        let functions = Served::start(tools::server(seed)).await;
        let data_dir = tempfile::tempdir().unwrap();
        let variables = [
            ("QWEN_API_URL", &*honest.address),
            ("PHI_API_URL", &models.address),
            ("LLAMA_API_URL", &models.address),
            ("AWS_ENDPOINT_URL_LAMBDA", &functions.address),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("ACCESS_KEY_SHA256", DIGEST),
            ("MAX_RUNS", "1000"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let catalog = serde_json::from_str(include_str!("../../../../tools_config.json")).unwrap();
        let process = StackProcess::start_with(data_dir.path(), &catalog, &variables).await;
        Self {
            client: process.client.clone().with_key(KEY),
            process,
            gate,
            case: AtomicU64::new(0),
            _data_dir: data_dir,
            _servers: [honest, models, functions],
        }
    }

    /// Host and port.
    pub(super) fn host(&self) -> &str {
        self.client.address.trim_start_matches("http://")
    }

    pub(super) fn question(&self, query: &str) -> RequestBuilder {
        let body = json!({"query": query, "max_rounds": 2}).to_string();
        self.client.start_request(body)
    }

    /// So many runs that begin at once and end when the gate is open; gives how long their first events took.
    pub(super) async fn crowd(&self, count: usize) -> Times {
        let runs = (0..count).map(|_| async {
            let began = Instant::now();
            let mut response = send(self.question(CROWD)).await;
            assert_eq!(response.status(), 200);
            let first = within("a first event of a crowd", response.chunk()).await;
            first.unwrap().unwrap();
            let took = began.elapsed();
            let rest = response.text();
            let rest = tokio::time::timeout(CROWD_WAITS, rest)
                .await
                .unwrap()
                .unwrap();
            assert!(rest.contains(r#""status":"completed""#), "{rest}");
            took
        });
        let mut times = join_all(runs).await;
        times.sort();
        Times(times)
    }

    /// Runs whose tools and models are hostile, until it is over; gives how many.
    pub(super) async fn hostile_runs(&self, over: watch::Receiver<bool>) -> u64 {
        let loops = (0..HOSTILE_AT_ONCE).map(|_| async {
            while !*over.borrow() {
                let case = self.case.fetch_add(1, Ordering::Relaxed);
                let query = format!("{}{case}", streams::CASE);
                let body = json!({"query": query, "max_rounds": 2});
                let told = self.client.ask(&body);
                assert_eq!(told.await.status(), "completed", "case {case}");
            }
        });
        join_all(loops).await;
        self.case.load(Ordering::Relaxed)
    }
}

/// As long as a whole abuse may take.
const CROWD_WAITS: Duration = Duration::from_mins(30);

/// Honest and crowded questions are answered; of the others every second one has hostile experts asked, and every other one hostile tools.
async fn chat(State(gate): State<Gate>, Json(request): Json<Value>) -> Response {
    let messages = request["messages"].to_string();
    let script = if messages.contains(HONEST) {
        says(ANSWER)
    } else if messages.contains(CROWD) {
        let held = crate::script::gate(&gate);
        sse([text("Soon"), held, text("."), finish("stop"), usage(10, 5)])
    } else {
        hostile(&request, &messages)
    };
    perform(script).await
}

fn hostile(request: &Value, messages: &str) -> Script {
    let case = messages
        .split_once(streams::CASE)
        .map_or("", |(_, rest)| rest);
    let digits: String = case.chars().take_while(char::is_ascii_digit).collect();
    let is_odd = digits.ends_with(['1', '3', '5', '7', '9']);
    if is_odd && request.get("tools").is_some() {
        tools::orchestrator(request)
    } else {
        streams::orchestrator(request)
    }
}
