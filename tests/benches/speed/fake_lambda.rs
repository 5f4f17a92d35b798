//! The Runtime API of Lambda, as far as one function needs it for its first request.
//!
//! One for each process: what one that was killed has left on its connections would take the request of the next.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::StreamExt as _;
use local::connections::{self, Limits};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// What separates the head of a streamed response from its body.
const END_OF_HEAD: [u8; 8] = [0; 8];

/// The digest of the key in the request that is offered.
pub const ACCESS_KEY_SHA256: &str =
    "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";

/// What a function did.
#[derive(Debug)]
pub enum Did {
    Poll {
        at: Instant,
        /// Has the request given to it.
        give: oneshot::Sender<()>,
    },
    /// The first bytes of the body.
    Answer(Instant),
    /// The response has come to its end.
    End,
}

/// A Runtime API that gives one request to the process that is started on it; ends with this value.
pub struct FakeLambda {
    /// Host and port.
    pub address: String,
    pub did: mpsc::UnboundedReceiver<Did>,
    task: JoinHandle<()>,
}

impl Drop for FakeLambda {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Desk {
    event: Arc<Mutex<Option<String>>>,
    tell: mpsc::UnboundedSender<Did>,
}

impl FakeLambda {
    /// Has a request of a function URL for the process.
    pub async fn start(path: &str, body: &Value) -> Self {
        let (tell, did) = mpsc::unbounded_channel();
        let event = Arc::new(Mutex::new(Some(event(path, body))));
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(respond),
            )
            .route("/2020-01-01/extension/register", post(register))
            .route(
                "/2020-01-01/extension/event/next",
                get(std::future::pending::<()>),
            )
            .with_state(Desk { event, tell });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        Self {
            address: listener.local_addr().unwrap().to_string(),
            did,
            task: tokio::spawn(connections::serve(
                listener,
                router,
                Limits::of_page(),
                std::future::pending(),
            )),
        }
    }
}

fn event(path: &str, body: &Value) -> String {
    let event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": {"host": "bench.lambda-url.local", "content-type": "application/json", "authorization": "Bearer open sesame"},
        "requestContext": {
            "accountId": "anonymous", "apiId": "bench", "domainName": "bench.lambda-url.local", "domainPrefix": "bench",
            "http": {"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "bench"},
            "requestId": "1", "routeKey": "$default", "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000", "timeEpoch": 1_795_348_800_000_u64,
        },
        "body": body.to_string(), "isBase64Encoded": false,
    });
    event.to_string()
}

async fn next(State(desk): State<Desk>) -> Response {
    let event = desk.event.lock().unwrap().take();
    let Some(event) = event else {
        return std::future::pending().await;
    };
    let at = Instant::now();
    let (give, given) = oneshot::channel();
    desk.tell.send(Did::Poll { at, give }).unwrap();
    given.await.unwrap();
    let headers = [
        ("lambda-runtime-aws-request-id", "1"),
        // In 2100.
        ("lambda-runtime-deadline-ms", "4102444800000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:000000000000:function:bench",
        ),
    ];
    (headers, event).into_response()
}

async fn respond(State(desk): State<Desk>, body: Body) -> StatusCode {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut has_body = false;
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk.unwrap());
        let head = bytes
            .windows(END_OF_HEAD.len())
            .position(|it| it == END_OF_HEAD);
        if !has_body && head.is_some_and(|head| bytes.len() > head + END_OF_HEAD.len()) {
            has_body = true;
            desk.tell.send(Did::Answer(Instant::now())).unwrap();
        }
    }
    assert!(has_body, "{}", String::from_utf8_lossy(&bytes));
    desk.tell.send(Did::End).unwrap();
    StatusCode::ACCEPTED
}

/// The word that a function is to be stopped comes only to one with an extension.
async fn register() -> impl IntoResponse {
    let registered =
        json!({"functionName": "bench", "functionVersion": "$LATEST", "handler": "bootstrap"});
    ([("lambda-extension-identifier", "1")], Json(registered))
}
