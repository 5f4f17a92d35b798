//! The binary as Lambda runs it: started with the runtime's environment, it asks the Runtime API for events.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

/// A Runtime API with a list of events, and what the function answers to them.
#[derive(Clone)]
struct Runtime {
    events: Arc<Mutex<mpsc::Receiver<Value>>>,
    answers: mpsc::Sender<Value>,
}

async fn next(State(runtime): State<Runtime>) -> impl IntoResponse {
    let Some(event) = runtime.events.lock().await.recv().await else {
        return std::future::pending().await;
    };
    let headers = [
        (
            "lambda-runtime-aws-request-id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        ),
        ("lambda-runtime-deadline-ms", "1764000000000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:123456789012:function:read_url",
        ),
    ];
    (headers, Json(event))
}

async fn answered(
    State(runtime): State<Runtime>,
    Path((_, how)): Path<(String, String)>,
    body: Bytes,
) -> StatusCode {
    let answer: Value = serde_json::from_slice(&body).unwrap();
    let told = json!({"how": how, "answer": answer});
    runtime.answers.send(told).await.unwrap();
    StatusCode::ACCEPTED
}

/// A function's process; ended with the test.
struct Function(std::process::Child);

impl Drop for Function {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Takes connections and says nothing: whoever is asked here would have been reached.
async fn listens(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

fn event(url: &str) -> Value {
    json!({
        "call_id": "r1.1", "idempotency_key": "01ARZ3NDEKTSV4RRFFQ69G5FAV/1/1", "tool": "read_url",
        "arguments": {"url": url}, "deadline_ms": 9_999_999_999_999_u64,
        "run_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "round": 1,
    })
}

#[tokio::test]
async fn nothing_that_is_not_public_is_reached_whatever_its_environment_says() {
    let (send_event, events) = mpsc::channel(4);
    let (answers, mut told) = mpsc::channel(4);
    let runtime = Runtime {
        events: Arc::new(Mutex::new(events)),
        answers,
    };
    let app = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/{how}", post(answered))
        .with_state(runtime);
    let address = listens(app).await;
    let (reach, mut reached) = mpsc::channel::<()>(64);
    let inside = listens(Router::new().fallback(async move || reach.send(()).await.unwrap())).await;
    let port = inside.rsplit(':').next().unwrap();
    let proxy = format!("http://{inside}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_read_url"));
    for name in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ] {
        command.env(name, &proxy);
    }
    let _function = Function(
        command
            .env("AWS_LAMBDA_RUNTIME_API", &address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "read_url")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("NO_PROXY", "127.0.0.1")
            .env("READ_URL_PORTS", port)
            .env("READ_URL_ROBOTS", "ignore")
            .spawn()
            .unwrap(),
    );

    let refused = |code: &str| {
        json!({"how": "response", "answer": {"ok": false, "error": {
            "code": code,
            "message": "this address is not read: its host is not on the public internet",
            "retryable": false,
        }}})
    };
    let runtime_api = format!("http://{address}/2018-06-01/runtime/invocation/next");
    for url in [
        &format!("http://{inside}/"),
        &format!("http://localhost:{port}/"),
        &format!("http://[::ffff:127.0.0.1]:{port}/"),
        &format!("http://0x7f.1:{port}/"),
        &runtime_api,
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
        "http://[fd00:ec2::254]/latest/meta-data/",
    ] {
        send_event.send(event(url)).await.unwrap();
        assert_eq!(
            told.recv().await.unwrap(),
            refused("private_address"),
            "{url}"
        );
    }
    // A name that nobody has is asked of the resolver, which may be slow to say so, and of no proxy.
    let mut unknown = event("http://nowhere.invalid/");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    unknown["deadline_ms"] = json!(u64::try_from(now.as_millis()).unwrap() + 1_500);
    send_event.send(unknown).await.unwrap();
    assert_eq!(told.recv().await.unwrap()["answer"]["ok"], false);

    send_event
        .send(json!({"not": "a tool request"}))
        .await
        .unwrap();
    assert_eq!(
        told.recv().await.unwrap()["answer"]["error"]["code"],
        "invalid_request"
    );
    assert!(reached.try_recv().is_err());
}

#[test]
fn an_environment_that_says_nonsense_is_told_and_nothing_is_served() {
    let ended = Command::new(env!("CARGO_BIN_EXE_read_url"))
        .env("READ_URL_PORTS", "all")
        .output()
        .unwrap();
    assert!(!ended.status.success());
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(
        said.contains("READ_URL_PORTS must be at most 16 ports, like 8080,8443, got `all`"),
        "{said}"
    );
}
