//! A start that is sent twice under one key: one run, whoever asks and however often.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tests::client::send;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{finish, gate, says, sse, text, usage};
use tests::stack::{Counted, Setup};
use tests::stream::Frame;
use tests::table::Operation;

/// Characters are those of UTF-8, of which HTTP allows any in a header.
const KEY: &str = "ключ of the client";

async fn service() -> (ModelServer, Counted) {
    let models = ModelServer::start().await;
    let service = Setup::with_models(&models).start_counted().await;
    (models, service)
}

fn start(service: &Counted, body: &str) -> RequestBuilder {
    let request = service.client.start_request(body.to_owned());
    request.header("idempotency-key", KEY.as_bytes())
}

/// Ids in the body of a finished stream.
async fn ids(request: RequestBuilder) -> (String, Vec<u64>) {
    let response = send(request).await;
    assert_eq!(response.status(), 200);
    let run_id = response.headers()["x-run-id"].to_str().unwrap().to_owned();
    let text = response.text().await.unwrap();
    let ids = text.lines().filter_map(|line| line.strip_prefix("id: "));
    (run_id, ids.map(|id| id.parse().unwrap()).collect())
}

#[tokio::test]
async fn the_same_start_again_attaches_to_the_same_run() {
    let (models, service) = service().await;
    models.orchestrator([says("Seven.")]);
    let (run_id, first) = ids(start(&service, r#"{"query": "How many?"}"#)).await;
    assert_eq!(first, [1, 2, 3, 4, 5, 6]);
    // Equal is what was meant, not how it was written.
    for again in [
        r#"{"query": "How many?"}"#,
        r#"{"max_rounds": 5, "query": "How\u0020many?", "preferences": {}}"#,
        "\u{feff}{\"query\": \"How many?\"}",
    ] {
        assert_eq!(
            ids(start(&service, again)).await,
            (run_id.clone(), first.clone()),
            "{again}"
        );
    }
    models.assert_spent();
    let operations = service.table.until(Operation::ends_run).await;
    let starts: Vec<usize> = operations
        .iter()
        .filter(|it| it.name == "TransactWriteItems")
        .map(|it| it.body["TransactItems"].as_array().unwrap().len())
        .collect();
    assert_eq!(starts[0], 3, "head, first batch and key");
    let heads = service.table.items().await;
    assert_eq!(heads.iter().filter(|item| item["SK"] == "HEAD").count(), 1);
}

#[tokio::test]
async fn another_start_under_the_same_key_is_a_conflict() {
    let (models, service) = service().await;
    models.orchestrator([says("Seven.")]);
    ids(start(&service, r#"{"query": "How many?"}"#)).await;
    for other in [
        r#"{"query": "How few?"}"#,
        r#"{"query": "How many?", "max_rounds": 4}"#,
        r#"{"query": "How many?", "preferences": {"priority": "cost"}}"#,
    ] {
        let response = send(start(&service, other)).await;
        assert_eq!(response.status(), 409, "{other}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], "conflict");
    }
    models.assert_spent();
}

#[tokio::test]
async fn a_start_goes_on_after_the_last_event_that_the_client_has_seen() {
    let (models, service) = service().await;
    models.orchestrator([says("Seven.")]);
    let body = r#"{"query": "How many?"}"#;
    let (run_id, _) = ids(start(&service, body)).await;
    let resumed = start(&service, body).header("last-event-id", 4);
    assert_eq!(ids(resumed).await, (run_id, vec![5, 6]));
    let over = send(start(&service, body).header("last-event-id", 6)).await;
    assert_eq!(over.status(), 204);
    let beyond = send(start(&service, body).header("last-event-id", 7)).await;
    assert_eq!(beyond.status(), 400);
    models.assert_spent();
}

#[tokio::test]
async fn starts_at_the_same_time_are_one_run_and_all_are_told_it() {
    let (models, service) = service().await;
    let held = Gate::shut();
    models.orchestrator([sse([
        gate(&held),
        text("Seven."),
        finish("stop"),
        usage(10, 5),
    ])]);
    let body = json!({"query": "How many?"}).to_string();
    let starts =
        futures_util::future::join_all([(); 5].map(|()| send(start(&service, &body)))).await;
    held.open();
    let mut told = Vec::new();
    for response in starts {
        assert_eq!(response.status(), 200);
        let run_id = response.headers()["x-run-id"].to_str().unwrap().to_owned();
        let text = response.text().await.unwrap();
        assert!(text.contains("\"final_answer\":\"Seven.\""), "{text}");
        told.push(run_id);
    }
    told.dedup();
    assert_eq!(told.len(), 1);
    let replayed: Vec<Frame> = service.client.events(&told[0], 0).await.told().await.frames;
    assert_eq!(replayed.len(), 6);
    models.assert_spent();
}
