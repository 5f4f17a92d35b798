//! Who may use the interface.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use orchestrator::Access;
use reqwest::{Method, Response};
use serde_json::{Map, Value, json};
use tests::client::send;
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, says};
use tests::stack::{Counted, Setup};
use tests::table::Item;

const KEY: &str = "open sesame";
/// SHA-256 of the key.
const DIGEST: &str = "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";
const RUN: &str = "/api/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV";

fn routes() -> [(Method, String); 11] {
    [
        (Method::POST, "/api/chat/orchestrator/stream".to_owned()),
        (Method::GET, "/api/runs".to_owned()),
        (Method::GET, RUN.to_owned()),
        (Method::DELETE, RUN.to_owned()),
        (Method::GET, format!("{RUN}/events")),
        (Method::POST, format!("{RUN}/cancel")),
        (Method::GET, format!("{RUN}/artifacts/a.png")),
        (Method::POST, format!("{RUN}/rating")),
        (Method::GET, "/api/stats".to_owned()),
        (Method::GET, "/api/config".to_owned()),
        (Method::POST, "/mcp".to_owned()),
    ]
}

async fn stack(variables: &[(&str, &str)]) -> (ModelServer, Counted) {
    let models = ModelServer::start().await;
    let setup = Setup::with_models(&models).access(variables, Access::CLOSED);
    (models, setup.start_counted().await)
}

async fn error_of(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["error"]["code"].clone())
}

#[tokio::test]
async fn without_the_key_every_route_of_the_interface_is_refused_and_nothing_is_written() {
    for variables in [&[("ACCESS_KEY_SHA256", DIGEST)][..], &[]] {
        let (_models, stack) = stack(variables).await;
        for (method, path) in routes() {
            for header in [None, Some("Bearer open sesam"), Some(DIGEST)] {
                let mut request = stack.client.request(method.clone(), &path);
                if let Some(value) = header {
                    request = request.header("authorization", value);
                }
                let response = send(request.json(&json!({"query": "x"}))).await;
                assert_eq!(
                    response.headers()["www-authenticate"],
                    "Bearer",
                    "{method} {path}"
                );
                assert_eq!(error_of(response).await, (401, json!("unauthorized")));
            }
        }
        assert_eq!(stack.table.items().await, []);
        for open in ["/health", "/", "/orchestrator"] {
            assert_eq!(stack.client.get(open).await.status(), 200, "{open}");
        }
    }
}

#[tokio::test]
async fn with_the_key_a_question_is_answered_and_its_run_can_be_read() {
    let (models, stack) = stack(&[("ACCESS_KEY_SHA256", DIGEST)]).await;
    models.orchestrator([says("Seven.")]);
    let with_key = |method, path: &str| stack.client.request(method, path).bearer_auth(KEY);
    let start = with_key(Method::POST, "/api/chat/orchestrator/stream");
    let response = send(start.json(&json!({"query": "How many?"}))).await;
    assert_eq!(response.status(), 200);
    let run_id = response.headers()["x-run-id"].to_str().unwrap().to_owned();
    assert!(response.text().await.unwrap().contains("Seven."));
    let path = format!("/api/runs/{run_id}");
    let snapshot: Value = send(with_key(Method::GET, &path))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(snapshot["answer"], "Seven.");
    assert_eq!(send(with_key(Method::DELETE, &path)).await.status(), 204);
}

#[tokio::test]
async fn what_passes_by_the_content_delivery_network_is_refused_even_with_the_key() {
    let variables = [
        ("ACCESS_KEY_SHA256", DIGEST),
        ("ORIGIN_SECRET_SHA256", DIGEST),
    ];
    let (_models, stack) = stack(&variables).await;
    for path in ["/api/config", "/health", "/"] {
        let direct = send(stack.client.request(Method::GET, path).bearer_auth(KEY)).await;
        assert_eq!(error_of(direct).await, (403, json!("forbidden")), "{path}");
        let request = stack.client.request(Method::GET, path).bearer_auth(KEY);
        let through = send(request.header("x-origin-secret", KEY)).await;
        assert_eq!(through.status(), 200, "{path}");
    }
}

/// Gives a run to somebody else, in its head and in its first event.
async fn give_away(stack: &Counted, run_id: &str) {
    let key = format!("RUN#{run_id}");
    let mut items = stack.table.items().await;
    items.retain(|item| item["PK"] == key);
    let given = |item: Item| -> Item {
        let text = serde_json::to_string(&item).unwrap();
        serde_json::from_str(&text.replace("anonymous", "somebody")).unwrap()
    };
    for item in items.into_iter().map(given) {
        stack.table.put(&item).await;
    }
}

#[tokio::test]
async fn a_run_of_somebody_else_is_none_for_whoever_asks() {
    let models = ModelServer::start().await;
    let draw = |_: tool::Request| tool::Response::Ok {
        result: Map::new(),
        artifacts: vec![tool::File {
            name: "a.png".to_owned(),
            media_type: "image/png".to_owned(),
            data: b"a picture".to_vec(),
        }],
    };
    let setup = Setup::with_models(&models).tool("code_interpreter", draw);
    let stack = setup.start_counted().await;
    models.orchestrator([
        calls([call("code_interpreter", json!({"code": "x"}))]),
        calls([answer("answer-1")]),
    ]);
    models.experts([says("Done.")]);
    let told = stack.client.question("Draw it.").await;
    let run = format!("/api/runs/{}", told.run_id);
    let reads = [
        run.clone(),
        format!("{run}/events"),
        format!("{run}/artifacts/a.png"),
    ];
    for path in &reads {
        assert_eq!(stack.client.get(path).await.status(), 200, "{path}");
    }

    give_away(&stack, &told.run_id).await;
    let before = stack.table.items().await;
    let follow_up = json!({"query": "And?", "previous_run_id": told.run_id});
    let mut requests = vec![
        stack.client.request(Method::POST, &format!("{run}/cancel")),
        stack.client.request(Method::DELETE, &run),
        stack.client.start_request(follow_up.to_string()),
    ];
    requests.extend(
        reads
            .iter()
            .map(|path| stack.client.request(Method::GET, path)),
    );
    for request in requests {
        let shown = format!("{request:?}");
        let refused = error_of(send(request).await).await;
        assert_eq!(refused, (404, json!("not_found")), "{shown}");
    }
    assert_eq!(stack.client.json("/api/runs").await["runs"], json!([]));
    assert_eq!(stack.table.items().await, before);
}
