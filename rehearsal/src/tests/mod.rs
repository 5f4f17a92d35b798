//! Questions in, turns out; the programs run in the Python of this machine.

mod answers;
mod discussions;
mod experts;
mod flows;
mod programs;
mod two_messages;
mod wire;

use std::io::Write as _;
use std::process::{Command, Stdio};

use axum::body::to_bytes;
use axum::http::Request as HttpRequest;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;

const TOOLS: [&str; 4] = ["enhance_reasoning", "answer", "search", "code_interpreter"];

/// Runs a program as the sandbox would, without the sandbox.
fn python(program: &str) -> Result<String, String> {
    let mut child = Command::new("python3")
        .args(["-I", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(program.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8(output.stderr).unwrap())
    }
}

fn server() -> Router {
    let run: Python = Arc::new(|program| Box::pin(async move { python(&program) }));
    router(run, Duration::ZERO)
}

async fn post_text(body: String, kind: &str) -> (StatusCode, String) {
    let request = HttpRequest::post("/v1/chat/completions").header("content-type", kind);
    let response = server()
        .oneshot(request.body(Body::from(body)).unwrap())
        .await
        .unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn ask(body: &Value) -> Value {
    let (status, text) = post_text(body.to_string(), "application/json").await;
    assert_eq!(status, StatusCode::OK, "{text}");
    serde_json::from_str(&text).unwrap()
}

fn offer(names: &[&str]) -> Value {
    let tool = |name: &&str| {
        let models: Vec<_> = match *name {
            "answer" => vec!["answer-1", "answer-2"],
            "enhance_reasoning" => vec!["reasoner-1"],
            _ => Vec::new(),
        };
        json!({"type": "function", "function": {"name": name, "description": "d",
            "parameters": {"type": "object", "properties": {"model": {"enum": models}}}}})
    };
    names.iter().map(tool).collect()
}
