//! An OpenAI-compatible model server that says what the test has written down for it.
//!
//! The orchestrator's requests are those with `tools` or the schema of a decision, all others the experts'. Refuses, and remembers, requests that a
//! strict server would refuse: tool calls and tool messages that do not pair, a user's message behind a tool's, a
//! blank text, no stream asked for.

use std::collections::{BTreeSet, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::loopback::Served;
use crate::script::{Script, Step};
use crate::wait::within;

/// Between two pings.
const PING_EVERY: Duration = Duration::from_millis(100);

/// The key that callers of this server carry.
pub const KEY: &str = "sk-0123456789-of-the-test";

/// Serves until it is dropped.
#[derive(Debug)]
pub struct ModelServer {
    served: Served,
    book: Arc<Mutex<Book>>,
    requests: watch::Sender<usize>,
}

/// What is to be said, and what was heard.
#[derive(Debug, Default)]
struct Book {
    orchestrator: VecDeque<Script>,
    experts: Vec<Expected>,
    /// To whoever asks when nothing else is written down.
    always: Option<Script>,
    asked_of_orchestrator: Vec<Value>,
    /// The same as they came.
    bodies_of_orchestrator: Vec<String>,
    asked_of_experts: Vec<Value>,
    faults: Vec<String>,
}

#[derive(Debug)]
struct Expected {
    /// Text that the request must hold.
    needle: String,
    script: Script,
}

#[derive(Clone)]
struct Desk {
    book: Arc<Mutex<Book>>,
    requests: watch::Sender<usize>,
}

impl ModelServer {
    pub async fn start() -> Self {
        let book = Arc::<Mutex<Book>>::default();
        let requests = watch::Sender::new(0);
        let desk = Desk {
            book: Arc::clone(&book),
            requests: requests.clone(),
        };
        let router = Router::new()
            .route("/v1/models", get(list))
            .route("/v1/chat/completions", post(chat))
            .with_state(desk);
        Self {
            served: Served::start(router).await,
            book,
            requests,
        }
    }

    pub fn address(&self) -> &str {
        &self.served.address
    }

    /// What to say to the next requests of the orchestrator, in order.
    pub fn orchestrator(&self, scripts: impl IntoIterator<Item = Script>) {
        self.book().orchestrator.extend(scripts);
    }

    /// What to say to the next requests of experts, in order.
    pub fn experts(&self, scripts: impl IntoIterator<Item = Script>) {
        for script in scripts {
            self.expert("", script);
        }
    }

    /// What to say to the next request of an expert that holds `needle`.
    pub fn expert(&self, needle: &str, script: Script) {
        self.book().experts.push(Expected {
            needle: needle.to_owned(),
            script,
        });
    }

    /// What to say to every request for which nothing else is written down.
    pub fn always(&self, script: Script) {
        self.book().always = Some(script);
    }

    /// Bodies of the orchestrator's requests so far.
    pub fn asked_of_orchestrator(&self) -> Vec<Value> {
        self.book().asked_of_orchestrator.clone()
    }

    /// The same, byte for byte.
    pub fn bodies_of_orchestrator(&self) -> Vec<String> {
        self.book().bodies_of_orchestrator.clone()
    }

    /// Bodies of the experts' requests so far.
    pub fn asked_of_experts(&self) -> Vec<Value> {
        self.book().asked_of_experts.clone()
    }

    /// Waits until so many requests have come.
    pub async fn received(&self, count: usize) {
        let mut requests = self.requests.subscribe();
        within("requests to reach the model server", async {
            requests.wait_for(|seen| *seen >= count).await.unwrap();
        })
        .await;
    }

    /// What was wrong with requests, and how many scripts were never asked for.
    pub fn problems(&self) -> Vec<String> {
        let book = self.book();
        let left = book.orchestrator.len() + book.experts.len();
        let left = (left > 0).then(|| format!("{left} scripts were never asked for"));
        book.faults.iter().cloned().chain(left).collect()
    }

    /// Fails if a request was wrong, or a script was never asked for.
    pub fn assert_spent(&self) {
        let book = self.book();
        assert_eq!(book.faults, Vec::<String>::new());
        assert_eq!(book.orchestrator.len() + book.experts.len(), 0, "{book:?}");
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }
}

impl Book {
    fn reply(&mut self, body: &str) -> Result<Script, String> {
        let request: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
        let has = |field: &str| request.get(field).is_some();
        let answers_by_schema = request["response_format"]["json_schema"]["name"] == "answer";
        let by_orchestrator = has("tools") || has("response_format") && !answers_by_schema;
        let checked = check(&request);
        let text = request["messages"].to_string();
        let asked = if by_orchestrator {
            self.bodies_of_orchestrator.push(body.to_owned());
            &mut self.asked_of_orchestrator
        } else {
            &mut self.asked_of_experts
        };
        asked.push(request);
        checked?;
        let script = if by_orchestrator {
            self.orchestrator.pop_front()
        } else {
            let at = self.experts.iter().position(|it| text.contains(&it.needle));
            at.map(|at| self.experts.remove(at).script)
        };
        let role = if by_orchestrator {
            "the orchestrator"
        } else {
            "an expert"
        };
        let script = script.or_else(|| self.always.clone());
        script.ok_or_else(|| format!("nothing is written down for this request of {role}"))
    }
}

async fn list() -> Json<Value> {
    Json(json!({"object": "list", "data": [{"id": "scripted", "object": "model"}]}))
}

async fn chat(State(desk): State<Desk>, headers: HeaderMap, body: String) -> Response {
    let key = headers.get("authorization").map(|it| it.to_str().unwrap());
    let reply = {
        let mut book = desk.book.lock().unwrap();
        let reply = if key == Some(&format!("Bearer {KEY}")) {
            book.reply(&body)
        } else {
            Err(format!("the request came with the key {key:?}"))
        };
        if let Err(fault) = &reply {
            book.faults.push(fault.clone());
        }
        reply
    };
    desk.requests.send_modify(|seen| *seen += 1);
    match reply {
        Ok(script) => perform(script).await,
        Err(message) => {
            let body = Json(json!({"error": {"message": message}}));
            (StatusCode::BAD_REQUEST, body).into_response()
        }
    }
}

/// Says what is written down.
pub async fn perform(script: Script) -> Response {
    match script {
        Script::Late(gate, script) => {
            gate.pass().await;
            Box::pin(perform(*script)).await
        }
        Script::Plain {
            status,
            headers,
            body,
        } => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(Body::from(body)).unwrap()
        }
        Script::Stream(steps) => {
            let bytes = stream::unfold(steps.into_iter(), async |mut steps| {
                loop {
                    if let [Step::Pings, ..] = steps.as_slice() {
                        tokio::time::sleep(PING_EVERY).await;
                        return Some((Ok(b": ping\n\n".to_vec()), steps));
                    }
                    match steps.next()? {
                        Step::Bytes(bytes) => return Some((Ok(bytes), steps)),
                        Step::Gate(gate) => gate.pass().await,
                        Step::Break => return Some((Err("the connection breaks"), steps)),
                        Step::Pings | Step::Silence => std::future::pending().await,
                    }
                }
            });
            let headers = [("content-type", "text/event-stream")];
            (headers, Body::from_stream(bytes)).into_response()
        }
        Script::Silence => std::future::pending::<Infallible>().await.into_response(),
    }
}

/// What a strict server asks of a request.
fn check(request: &Value) -> Result<(), String> {
    if request["stream"] != true || request["stream_options"] != json!({"include_usage": true}) {
        return Err(format!("no stream with usage is asked for: {request}"));
    }
    if request["tools"].as_array().is_some_and(Vec::is_empty) {
        return Err("`tools` is empty".to_owned());
    }
    if request.get("tools").is_some() && request.get("response_format").is_some() {
        return Err("tools and a schema in one request".to_owned());
    }
    let messages = request["messages"].as_array().ok_or("no messages")?;
    let mut open = BTreeSet::new();
    for pair in messages.windows(2) {
        if pair[0]["role"] == "tool" && pair[1]["role"] == "user" {
            return Err(format!("a user's message behind a tool's: {}", pair[1]));
        }
    }
    for message in messages {
        let text = message.get("content");
        let is_blank = text.is_some_and(|text| text.as_str().is_none_or(|it| it.trim().is_empty()));
        if is_blank || (text.is_none() && message.get("tool_calls").is_none()) {
            return Err(format!("a message has no text: {message}"));
        }
        if message["role"] == "tool" {
            let id = message["tool_call_id"].as_str().unwrap_or_default();
            if !open.remove(id) {
                return Err(format!("a tool message answers no open call: {message}"));
            }
            continue;
        }
        if !open.is_empty() {
            return Err(format!("calls without a tool message: {open:?}"));
        }
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
            let parsed = serde_json::from_str::<Value>(arguments);
            if !parsed.is_ok_and(|arguments| arguments.is_object()) {
                return Err(format!("arguments are no JSON object: {call}"));
            }
            let id = call["id"].as_str().unwrap_or_default();
            if id.is_empty() || !open.insert(id) {
                return Err(format!("a call has no id of its own: {call}"));
            }
        }
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(format!("calls without a tool message: {open:?}"))
    }
}
