//! A server that lists its tools, on a port of its own: in both eras, with one thing wrong at a time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// What the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// 2025-06-18, with a session.
    Old,
    /// 2026-07-28.
    New,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub http: Method,
    /// The method of the protocol; empty where the body names none.
    pub method: String,
    pub id: Value,
    pub params: Value,
    pub headers: HeaderMap,
    /// How many requests of this method came before it.
    pub earlier: usize,
}

/// How it is answered.
pub enum Reply {
    /// A result, as JSON.
    Result(Value),
    /// A result at the end of a stream of events, behind these messages.
    Stream(Vec<Value>, Value),
    /// An error of the protocol.
    Error(i64, &'static str),
    /// These bytes, with a status and a media type.
    Raw(u16, &'static str, String),
    /// A status and a header, and nothing else.
    Head(u16, &'static str, String),
    /// A stream that ends without the answer.
    Ends,
    /// Progress and nothing else, for ever.
    Progress,
    /// Nothing at all.
    Hangs,
    /// The connection ends.
    Breaks,
}

type Script = dyn Fn(&Asked) -> Option<Reply> + Send + Sync;

struct Desk {
    era: Era,
    tools: Value,
    script: Box<Script>,
    asked: Mutex<Vec<Asked>>,
}

/// The server; it ends with this value.
pub struct Stand {
    pub url: String,
    desk: Arc<Desk>,
    task: JoinHandle<()>,
}

/// A tool that takes anything.
pub fn tool(name: &str) -> Value {
    json!({"name": name, "description": format!("Does {name}."), "inputSchema": {"type": "object"}})
}

/// A text as the content of a result.
pub fn text(text: &str) -> Value {
    json!({"content": [{"type": "text", "text": text}]})
}

impl Stand {
    /// One that behaves.
    pub async fn start(era: Era, tools: Value) -> Self {
        Self::scripted(era, tools, |_| None).await
    }

    /// One that behaves, but for what the script says.
    pub async fn scripted(
        era: Era,
        tools: Value,
        script: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let desk = Arc::new(Desk {
            era,
            tools,
            script: Box::new(script),
            asked: Mutex::default(),
        });
        let app = Router::new().fallback(answer).with_state(Arc::clone(&desk));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, desk, task }
    }

    /// The requests of a method so far.
    pub fn asked(&self, method: &str) -> Vec<Asked> {
        let asked = self.desk.asked.lock().unwrap();
        asked
            .iter()
            .filter(|it| it.method == method)
            .cloned()
            .collect()
    }

    /// Waits until a method has been asked for so many times.
    pub async fn has_been_asked(&self, method: &str, times: usize) {
        let asked = async {
            while self.asked(method).len() < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(20), asked).await;
        assert!(in_time.is_ok(), "{method} was not asked for");
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    State(desk): State<Arc<Desk>>,
    http: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let message: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let method = message["method"].as_str().unwrap_or_default().to_owned();
    let asked = {
        let mut before = desk.asked.lock().unwrap();
        let asked = Asked {
            earlier: before
                .iter()
                .filter(|it| it.method == method && it.http == http)
                .count(),
            http,
            method,
            id: message["id"].clone(),
            params: message["params"].clone(),
            headers,
        };
        before.push(asked.clone());
        asked
    };
    match (desk.script)(&asked) {
        Some(reply) => reply.respond(&asked),
        None => desk.behave(&asked),
    }
}

impl Desk {
    fn behave(&self, asked: &Asked) -> Response {
        let is_old = self.era == Era::Old;
        match (asked.http.as_str(), asked.method.as_str()) {
            ("GET", _) => StatusCode::METHOD_NOT_ALLOWED.into_response(),
            ("DELETE", _) => StatusCode::NO_CONTENT.into_response(),
            (_, "initialize") if is_old => {
                let result = json!({
                    "protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
                    "serverInfo": {"name": "stand", "version": "1"},
                });
                let mut response = Reply::Result(result).respond(asked);
                response
                    .headers_mut()
                    .insert("mcp-session-id", "s-1".parse().unwrap());
                response
            }
            (_, "server/discover") if !is_old => Reply::Result(json!({
                "resultType": "complete", "supportedVersions": ["2026-07-28"],
                "capabilities": {"tools": {}}, "ttlMs": 0, "cacheScope": "private",
            }))
            .respond(asked),
            (_, "tools/list") => {
                Reply::Result(json!({"tools": self.tools, "ttlMs": 0, "cacheScope": "private"}))
                    .respond(asked)
            }
            (_, "tools/call") => {
                Reply::Result(text(&asked.params["arguments"].to_string())).respond(asked)
            }
            (_, method) if method.starts_with("notifications/") => {
                StatusCode::ACCEPTED.into_response()
            }
            (_, _) => Reply::Error(-32601, "There is no such method.").respond(asked),
        }
    }
}

impl Reply {
    fn respond(self, asked: &Asked) -> Response {
        let result = |result: &Value| json!({"jsonrpc": "2.0", "id": asked.id, "result": result});
        match self {
            Self::Result(value) => json_of(200, &result(&value)),
            Self::Error(code, message) => {
                let error = json!({"jsonrpc": "2.0", "id": asked.id, "error": {"code": code, "message": message}});
                json_of(if code == -32601 { 404 } else { 200 }, &error)
            }
            Self::Stream(before, last) => {
                let messages = before.iter().chain([&last]);
                let messages = messages.map(|message| match message.get("method") {
                    Some(_) => message.clone(),
                    None => result(message),
                });
                events(
                    messages
                        .map(|message| {
                            format!(
                                "data: {message}

"
                            )
                        })
                        .collect::<Vec<_>>()
                        .concat(),
                )
            }
            Self::Raw(status, kind, body) => {
                respond(status, "content-type", kind, Body::from(body))
            }
            Self::Head(status, name, value) => respond(status, name, &value, Body::empty()),
            Self::Ends => events(": nothing\n\n".to_owned()),
            Self::Progress => progress(asked),
            Self::Hangs => {
                let (kept, never) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
                let body = Body::from_stream(Open { never, _kept: kept });
                respond(200, "content-type", "text/event-stream", body)
            }
            Self::Breaks => {
                let (broken, body) = mpsc::channel(1);
                let gone = std::io::Error::other("gone");
                broken.try_send(Err::<Bytes, _>(gone)).unwrap();
                let body = Body::from_stream(Open {
                    never: body,
                    _kept: broken,
                });
                respond(200, "content-type", "application/json", body)
            }
        }
    }
}

/// A body that stays open.
struct Open {
    never: mpsc::Receiver<Result<Bytes, std::io::Error>>,
    _kept: mpsc::Sender<Result<Bytes, std::io::Error>>,
}

impl futures_util::Stream for Open {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.never.poll_recv(context)
    }
}

/// Progress every few milliseconds.
fn progress(asked: &Asked) -> Response {
    let token = asked.params["_meta"]["progressToken"].clone();
    let (sender, never) = mpsc::channel(1);
    let kept = sender.clone();
    tokio::spawn(async move {
        for step in 0.. {
            let note = json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": token, "progress": step}});
            let event = Bytes::from(format!("data: {note}\n\n"));
            if sender.send(Ok(event)).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    respond(
        200,
        "content-type",
        "text/event-stream",
        Body::from_stream(Open { never, _kept: kept }),
    )
}

fn json_of(status: u16, value: &Value) -> Response {
    respond(
        status,
        "content-type",
        "application/json",
        Body::from(value.to_string()),
    )
}

fn events(text: String) -> Response {
    respond(200, "content-type", "text/event-stream", Body::from(text))
}

fn respond(status: u16, name: &'static str, value: &str, body: Body) -> Response {
    Response::builder()
        .status(status)
        .header(name, value)
        .body(body)
        .unwrap()
}
