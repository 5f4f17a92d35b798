//! A newer version reads what an older one has written and goes on with it; an older one refuses what a newer one has written,
//! and leaves it untouched.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use orchestrator::now_ms;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::model_server::ModelServer;
use tests::script::says;
use tests::stack::{Counted, Setup};
use tests::table::Item;

/// One finished run each, as a version has left it in the table.
const LOGS: [&str; 2] = [
    include_str!("../fixtures/logs/schema-1-before-owners.json"),
    include_str!("../fixtures/logs/schema-1.json"),
];
const RUN: &str = "/api/runs/01M82B6WK1K9R53M1PQBKJS5QP";
const EVENTS: [&str; 17] = [
    "start",
    "round_start",
    "delta",
    "orchestrator_thinking",
    "orchestrator_thinking",
    "round_decided",
    "tool_call",
    "tool_call",
    "tool_result",
    "tool_result",
    "round_start",
    "round_decided",
    "tool_call",
    "delta",
    "tool_result",
    "final_answer",
    "complete",
];

fn read(log: &str) -> Vec<Item> {
    serde_json::from_str(log).unwrap()
}

/// A stack that finds these items in its table.
async fn stack_with(items: &[Item]) -> (ModelServer, Counted) {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start_counted().await;
    for item in items {
        stack.table.put(item).await;
    }
    (models, stack)
}

#[tokio::test]
async fn every_older_log_is_read() {
    for log in LOGS {
        let (_models, stack) = stack_with(&read(log)).await;
        let snapshot = stack.client.json(RUN).await;
        assert_eq!(snapshot["status"], "completed");
        assert_eq!(snapshot["answer"], "It is 42.");
        assert_eq!(
            snapshot["rounds"][0]["calls"][0]["result"]["stdout"],
            "42\n"
        );
        let mut events = stack.client.events("01M82B6WK1K9R53M1PQBKJS5QP", 0).await;
        for (id, expected) in (1..).zip(EVENTS) {
            let frame = events.next().await.unwrap();
            assert_eq!((frame.id, frame.event()), (Some(id), expected));
        }
        assert!(events.next().await.is_none());
        let listed = stack.client.json("/api/runs").await;
        assert_eq!(listed["runs"][0]["status"], "completed");
        let deleted = send(stack.client.request(Method::DELETE, RUN)).await;
        assert_eq!(deleted.status(), 204);
        assert_eq!(stack.table.items().await, []);
    }
}

/// When the runs of the logs were created, in milliseconds since 1970.
const CREATED_AT_MS: &str = "1795375198817";

/// A run of just now whose driver has left it before its last round. One of an hour ago would be ended, not finished.
fn unfinished(log: &str) -> Vec<Item> {
    let mut items = read(&log.replace(CREATED_AT_MS, &now_ms().to_string()));
    items.retain(|item| item["SK"] != "EV#000000000012" && item["SK"] != "EV#000000000014");
    let head = items.iter_mut().find(|item| item["SK"] == "HEAD").unwrap();
    head.insert("status".to_owned(), json!("running"));
    head.insert("open".to_owned(), json!("OPEN#0"));
    head.insert("lease_until".to_owned(), json!(0));
    items
}

#[tokio::test]
async fn a_run_that_an_older_version_began_is_finished() {
    for log in LOGS {
        let (models, stack) = stack_with(&unfinished(log)).await;
        models.orchestrator([says("It is 42, still.")]);
        let mut events = stack.client.events("01M82B6WK1K9R53M1PQBKJS5QP", 11).await;
        let mut last = None;
        while let Some(frame) = events.next().await {
            last = Some(frame);
        }
        let summary = &last.unwrap().data["summary"];
        assert_eq!(summary["final_answer"], "It is 42, still.");
        assert_eq!(summary["tools_used"], json!(["code_interpreter"]));
    }
}

#[tokio::test]
async fn what_a_newer_version_has_written_is_refused_and_left_untouched() {
    for newer in ["HEAD", "EV#000000000010"] {
        let mut items = unfinished(LOGS[1]);
        let item = items.iter_mut().find(|item| item["SK"] == newer).unwrap();
        item.insert("schema".to_owned(), json!(2));
        let (_models, stack) = stack_with(&items).await;
        let before = stack.table.items().await;
        for (method, path) in [
            (Method::GET, RUN.to_owned()),
            (Method::GET, format!("{RUN}/events")),
            (Method::POST, format!("{RUN}/cancel")),
        ] {
            if newer == "HEAD" && method == Method::GET {
                // What it says so far can be read: every item of it is known.
                continue;
            }
            let refused = send(stack.client.request(method, &path)).await;
            assert_eq!(refused.status(), 503, "{newer}: {path}");
            let body: Value = refused.json().await.unwrap();
            let message = body["error"]["message"].as_str().unwrap();
            assert!(
                message.contains("cannot be read by this version"),
                "{message}"
            );
        }
        let deleted = send(stack.client.request(Method::DELETE, RUN)).await;
        assert!(!deleted.status().is_success(), "{newer}");
        assert_eq!(stack.table.items().await, before, "{newer}");
    }
}
