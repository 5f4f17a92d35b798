//! Two connections that start one run at once, many times over. The rest of the contract of keys is in `idempotency.rs`.

use reqwest::Response;
use serde_json::{Value, json};
use tests::client::send;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{finish, gate, sse, text, usage};
use tests::stack::{Counted, Setup};
use tests::table::Operation;

const REPEATS: usize = 20;

async fn service() -> (ModelServer, Counted) {
    let models = ModelServer::start().await;
    let service = Setup::with_models(&models).start_counted().await;
    (models, service)
}

async fn start(service: &Counted, key: Option<&str>, last: Option<&str>, query: &str) -> Response {
    let body = json!({"query": query}).to_string();
    let mut request = service.client.start_request(body);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_starts_at_once_are_one_run_every_time() {
    let (models, service) = service().await;
    for repeat in 0..REPEATS {
        let held = Gate::shut();
        let reply = [gate(&held), text("Seven."), finish("stop"), usage(10, 5)];
        models.orchestrator([sse(reply)]);
        let key = format!("key {repeat}");
        let one = start(&service, Some(&key), None, "How many?");
        let other = start(&service, Some(&key), None, "How many?");
        let both: [Response; 2] = tokio::join!(one, other).into();
        held.reached().await;
        held.open();
        let mut told = Vec::new();
        for response in both {
            assert_eq!(response.status(), 200, "repeat {repeat}");
            let run_id = response.headers()["x-run-id"].to_str().unwrap().to_owned();
            let text = response.text().await.unwrap();
            let ids: Vec<String> = text
                .lines()
                .filter_map(|line| line.strip_prefix("id: "))
                .map(str::to_owned)
                .collect();
            assert!(text.contains(&run_id));
            told.push((run_id, ids));
        }
        assert_eq!(told[0], told[1], "repeat {repeat}");
    }
    models.assert_spent();
    service.table.until(Operation::ends_run).await;
    let items = service.table.items().await;
    let heads = items.iter().filter(|item| item["SK"] == "HEAD").count();
    assert_eq!(heads, REPEATS);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_different_starts_at_once_under_one_key_are_one_run_and_one_conflict() {
    let (models, service) = service().await;
    for repeat in 0..REPEATS {
        let reply = [text("Seven."), finish("stop"), usage(10, 5)];
        models.orchestrator([sse(reply)]);
        let key = format!("key {repeat}");
        let one = start(&service, Some(&key), None, "How many?");
        let other = start(&service, Some(&key), None, "How few?");
        let both: [Response; 2] = tokio::join!(one, other).into();
        let mut statuses: Vec<u16> = both.iter().map(|it| it.status().as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "repeat {repeat}");
        for response in both {
            response.text().await.unwrap();
        }
    }
    models.assert_spent();
}

#[tokio::test]
async fn a_position_without_a_key_or_under_an_unknown_key_is_refused_and_starts_nothing() {
    let (_models, service) = service().await;
    for (key, last, field) in [
        (None, "0", "Last-Event-ID"),
        (None, "3", "Last-Event-ID"),
        (Some("a key"), "x", "Last-Event-ID"),
        (Some("a key"), "-1", "Last-Event-ID"),
        (Some("never used"), "3", "Idempotency-Key"),
        (Some(""), "3", "Idempotency-Key"),
    ] {
        let response = start(&service, key, Some(last), "How many?").await;
        assert_eq!(response.status(), 400, "{key:?} {last}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], "invalid_request");
        assert_eq!(body["error"]["field"], field, "{key:?} {last}");
    }
    let runs = service.client.json("/api/runs").await;
    assert_eq!(runs, json!({"runs": [], "cursor": null}));
}
