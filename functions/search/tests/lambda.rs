//! The binary as Lambda runs it: started with the runtime's environment, it asks the Runtime API for events.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;
use std::sync::Arc;

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
            "arn:aws:lambda:eu-central-1:123456789012:function:search",
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

#[tokio::test]
async fn events_are_answered_one_after_another_and_a_malformed_one_ends_nothing() {
    let (send_event, events) = mpsc::channel(4);
    let (answers, mut told) = mpsc::channel(4);
    let runtime = Runtime {
        events: Arc::new(Mutex::new(events)),
        answers,
    };
    let app = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/{how}", post(answered))
        .route("/search/", get(async || r#"{"Answer": "42"}"#))
        .route(
            "/search/html/",
            post(async || include_str!("web/duckduckgo-empty.html")),
        )
        .with_state(runtime);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let _function = Function(
        Command::new(env!("CARGO_BIN_EXE_search"))
            .env("AWS_LAMBDA_RUNTIME_API", &address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "search")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("DUCKDUCKGO_URL", format!("http://{address}/search"))
            .env("SEARCH_PROVIDERS", "duckduckgo")
            .spawn()
            .unwrap(),
    );

    send_event
        .send(json!({"not": "a tool request"}))
        .await
        .unwrap();
    let refused = json!({"how": "response", "answer": {"ok": false, "error": {
        "code": "invalid_request",
        "message": "the event is not a tool request: missing field `call_id`",
        "retryable": false,
    }}});
    assert_eq!(told.recv().await.unwrap(), refused);

    let event = json!({
        "call_id": "r1.1", "idempotency_key": "01ARZ3NDEKTSV4RRFFQ69G5FAV/1/1", "tool": "search",
        "arguments": {"query": "6 * 7"}, "deadline_ms": 9_999_999_999_999_u64,
        "run_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "round": 1,
    });
    send_event.send(event).await.unwrap();
    let found = json!({"how": "response", "answer": {"ok": true, "result": {
        "query": "6 * 7",
        "num_results": 1,
        "results": [{"title": "6 * 7", "snippet": "42", "url": "https://duckduckgo.com/?q=6+*+7"}],
        "provider": "duckduckgo",
        "tried": [],
    }}});
    assert_eq!(told.recv().await.unwrap(), found);
}
