//! The client against servers that others have written.
//!
//! Ignored where nobody asks for them, because they have to be fetched from `PyPI` and npm once:
//! `cargo test -p mcp --test real -- --ignored`. Needs Python 3.10 and npm.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../wire/client.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod client;
mod program;

use std::time::Duration;

use mcp::{Answered, Limits};
use serde_json::{Value, json};

use client::{PATIENT, server, shown};
use program::Program;

const LIMIT: Duration = Duration::from_secs(20);

/// Calls a tool of a running server.
async fn called(program: &Program, tool: &str, arguments: Value) -> String {
    let arguments = arguments.as_object().unwrap().clone();
    shown(
        &server(&program.url)
            .call(tool, arguments, false, PATIENT)
            .await,
    )
}

async fn names(program: &Program) -> Vec<String> {
    let tools = server(&program.url)
        .list(&["every tool"], LIMIT)
        .await
        .unwrap();
    tools.into_iter().map(|tool| tool.name).collect()
}

#[tokio::test]
#[ignore = "fetches servers from PyPI and npm"]
async fn a_small_server_of_each_era() {
    for environment in ["both-eras", "old-era"] {
        let program = Program::python(environment, "small.py").await;
        assert_eq!(names(&program).await, ["add", "fail"], "{environment}");
        assert_eq!(
            called(&program, "add", json!({"a": 2, "b": 3})).await,
            r#"{"result":5}"#,
            "{environment}"
        );
        let failed = called(&program, "fail", json!({})).await;
        assert!(
            failed.starts_with("failed tool_error: Error executing tool fail"),
            "{environment}: {failed}"
        );
        let wrong = called(&program, "add", json!({"a": "x"})).await;
        assert!(
            wrong.starts_with("failed tool_error:") || wrong.starts_with("tool_error:"),
            "{environment}: {wrong}"
        );
        let unknown = called(&program, "divide", json!({})).await;
        assert!(unknown.contains("divide"), "{environment}: {unknown}");
    }
}

#[tokio::test]
#[ignore = "fetches servers from PyPI and npm"]
async fn fastmcp_and_what_it_wraps() {
    let program = Program::python("fastmcp", "wrapped.py").await;
    assert_eq!(names(&program).await, ["names", "person", "slow"]);
    assert_eq!(
        called(&program, "names", json!({"count": 2})).await,
        r#"{"result":["name-0","name-1"]}"#
    );
    assert_eq!(
        called(&program, "person", json!({"name": "Ada"})).await,
        r#"{"name":"Ada","age":7}"#
    );
    assert_eq!(
        called(&program, "slow", json!({"steps": 3})).await,
        r#"{"result":"done"}"#
    );
}

#[tokio::test]
#[ignore = "fetches servers from PyPI and npm"]
async fn server_everything() {
    let program = Program::everything().await;
    let tools = names(&program).await;
    assert!(tools.contains(&"echo".to_owned()), "{tools:?}");
    assert_eq!(
        called(&program, "echo", json!({"message": "hello"})).await,
        r#"{"text":"Echo: hello"}"#
    );
    let picture = called(&program, "get-tiny-image", json!({})).await;
    assert!(picture.contains(" + image-1.png image/png"), "{picture}");
    let links = called(&program, "get-resource-links", json!({"count": 2})).await;
    assert!(links.contains(r#""links":[{"uri":"#), "{links}");
    let structured = called(
        &program,
        "get-structured-content",
        json!({"location": "Chicago"}),
    )
    .await;
    assert!(
        structured.contains(r#""temperature""#) && !structured.contains(r#""text""#),
        "{structured}"
    );
    // Progress every half second keeps a call alive that may be silent for one.
    let patient = Limits {
        silence: Duration::from_secs(1),
        whole: LIMIT,
    };
    let arguments = json!({"duration": 3, "steps": 6})
        .as_object()
        .unwrap()
        .clone();
    let long = server(&program.url)
        .call("trigger-long-running-operation", arguments, false, patient)
        .await;
    assert!(matches!(long, Ok(Answered::Done(_))), "{long:?}");
}
