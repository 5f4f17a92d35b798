//! Lean servers on loopback that write down what they are sent, and what the model server says.

use std::collections::HashMap;
use std::fs;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use local::connections::{self, Limits};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Serves for as long as the process lives; gives the address.
pub async fn serve(router: Router) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(connections::serve(
        listener,
        router,
        Limits::of_page(),
        std::future::pending(),
    ));
    address
}

/// A runtime of its own, so that what its tasks take can be told from what all others do.
#[derive(Clone, Copy, Debug)]
pub struct Apart {
    runtime: &'static Runtime,
    name: &'static str,
}

impl Apart {
    /// Its threads bear the name, of 15 characters at most.
    pub fn new(name: &'static str) -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.thread_name(name).enable_all().build().unwrap();
        Self {
            runtime: Box::leak(Box::new(runtime)),
            name,
        }
    }

    pub async fn serve(&self, router: Router) -> String {
        self.runtime.spawn(serve(router)).await.unwrap()
    }

    /// Processor time of its threads so far.
    pub fn spent(&self) -> Duration {
        let threads = fs::read_dir("/proc/self/task").unwrap();
        let spent = threads.filter_map(|thread| {
            let path = thread.unwrap().path();
            let name = fs::read_to_string(path.join("comm")).ok()?;
            let spent = fs::read_to_string(path.join("schedstat")).ok()?;
            let nanos = spent.split(' ').next()?.parse().ok()?;
            (name.trim() == self.name).then(|| Duration::from_nanos(nanos))
        });
        spent.sum()
    }
}

/// One request that a server was sent.
#[derive(Debug)]
pub struct Seen {
    pub at: Instant,
    /// The operation of the table; empty elsewhere.
    pub operation: String,
    pub body: Bytes,
}

impl Seen {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Requests in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Record(Arc<Mutex<Vec<Seen>>>);

impl Record {
    /// What has come since the last time.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn recording(&self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self.clone(), record))
    }
}

async fn record(State(seen): State<Record>, request: Request, next: Next) -> Response {
    let at = Instant::now();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES).await.unwrap();
    let target = parts.headers.get("x-amz-target");
    let operation = target.and_then(|target| target.to_str().unwrap().rsplit_once('.'));
    let operation = operation.map_or(String::new(), |(_, name)| name.to_owned());
    let entry = Seen {
        at,
        operation,
        body: body.clone(),
    };
    seen.0.lock().unwrap().push(entry);
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// A model server that answers at once, with what `reply` makes of the request.
pub async fn model_server(reply: impl Fn(&[u8]) -> Body + Send + Sync + 'static) -> Spot {
    let reply = Arc::new(reply);
    let chat = post(move |body: Bytes| async move {
        let headers = [(header::CONTENT_TYPE, "text/event-stream")];
        (headers, reply(&body)).into_response()
    });
    let router = Router::new().route("/v1/chat/completions", chat);
    let router = router.layer(axum::extract::DefaultBodyLimit::max(MAX_BODY_BYTES));
    Spot::start(router).await
}

/// Calls a tool until `rounds` of its results stand in the request, then answers in text.
pub fn calling(tool: &str, arguments: &Value, rounds: usize) -> impl Fn(&[u8]) -> Body + use<> {
    let arguments = arguments.to_string();
    let function = json!({"name": tool, "arguments": arguments});
    let call =
        json!({"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": function}]});
    let call = Bytes::from(frame(&call) + &end("tool_calls"));
    let text = Bytes::from(frame(&json!({"content": "Done."})) + &end("stop"));
    move |body: &[u8]| {
        let results = std::str::from_utf8(body).unwrap();
        let results = results.matches(r#""role":"tool""#).count();
        Body::from(if results < rounds {
            call.clone()
        } else {
            text.clone()
        })
    }
}

/// One chunk of a reply, as model servers write it.
pub fn frame(delta: &Value) -> String {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": null});
    format!("data: {}\n\n", json!({"choices": [choice]}))
}

/// The last chunks of a reply.
pub fn end(reason: &str) -> String {
    let choice = json!({"index": 0, "delta": {}, "finish_reason": reason});
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5}});
    format!(
        "data: {}\n\ndata: {usage}\n\ndata: [DONE]\n\n",
        json!({"choices": [choice]})
    )
}

/// A server and what it was sent.
#[derive(Clone, Debug)]
pub struct Spot {
    pub address: String,
    pub record: Record,
}

impl Spot {
    pub async fn start(router: Router) -> Self {
        let record = Record::default();
        Self {
            address: serve(record.recording(router)).await,
            record,
        }
    }
}

/// A number that nothing else in this process has got.
pub fn fresh() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// An item of a recorded request as the SDK has it, under a partition of its own.
pub fn item(recorded: &Value, partition: &str) -> HashMap<String, AttributeValue> {
    let attributes = recorded.as_object().unwrap().iter();
    let plain = attributes.map(|(name, value)| {
        let text = |kind: &str| value.get(kind).and_then(Value::as_str).map(str::to_owned);
        let value = match (name.as_str(), text("S"), text("N")) {
            ("PK", ..) => AttributeValue::S(partition.to_owned()),
            (_, Some(text), _) => AttributeValue::S(text),
            (_, None, Some(number)) => AttributeValue::N(number),
            (name, None, None) => panic!("an attribute of a kind that no item has: {name}"),
        };
        (name.clone(), value)
    });
    plain.collect()
}
