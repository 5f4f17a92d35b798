//! Titles, pins and searches, as a client asks for them.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{finish, gate, says, sse, text, usage};
use tests::stack::{Counted, Setup};
use tests::table::Operation;

async fn service() -> (ModelServer, Counted) {
    let models = ModelServer::start().await;
    let service = Setup::with_models(&models).start_counted().await;
    (models, service)
}

async fn change(service: &Counted, run_id: &str, body: &Value) -> (u16, Value) {
    let path = format!("/api/runs/{run_id}");
    let response = send(service.client.request(Method::PATCH, &path).json(body)).await;
    let status = response.status().as_u16();
    (status, response.json().await.unwrap())
}

/// Without their order: runs may have begun in one millisecond.
async fn titles(service: &Counted, parameters: &str) -> BTreeSet<String> {
    let page = service
        .client
        .json(&format!("/api/runs?{parameters}"))
        .await;
    let runs = page["runs"].as_array().unwrap();
    let title = |run: &Value| run["title"].as_str().unwrap().to_owned();
    runs.iter().map(title).collect()
}

#[tokio::test]
async fn a_run_is_renamed_and_pinned_while_it_goes_on_and_tells_its_line_of_the_list() {
    let (models, service) = service().await;
    let held = Gate::shut();
    models.orchestrator([sse([
        gate(&held),
        text("Seven."),
        finish("stop"),
        usage(10, 5),
    ])]);
    let events = service.client.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    let line = async || service.client.json("/api/runs").await["runs"][0].take();
    for (body, title, pinned) in [
        (json!({}), "How many?", false),
        (
            json!({"title": "Crowds\nof Tokyo"}),
            "Crowds of Tokyo",
            false,
        ),
        (json!({"pinned": true}), "Crowds of Tokyo", true),
        (json!({"pinned": true, "title": "Tokyo"}), "Tokyo", true),
        (json!({"title": "<b>Tokyo</b>"}), "<b>Tokyo</b>", true),
        (json!({"pinned": false}), "<b>Tokyo</b>", false),
        (json!({"pinned": true}), "<b>Tokyo</b>", true),
    ] {
        let (status, told) = change(&service, &run_id, &body).await;
        assert_eq!(status, 200, "{body}: {told}");
        assert_eq!(
            (&told["title"], &told["pinned"]),
            (&json!(title), &json!(pinned))
        );
        assert_eq!(told, line().await, "{body}");
    }
    held.open();
    let told = events.told().await;
    assert_eq!(told.summary()["status"], "completed");
    service.table.until(Operation::ends_run).await;
    let ended = line().await;
    assert_eq!(
        (&ended["title"], &ended["pinned"], &ended["status"]),
        (&json!("<b>Tokyo</b>"), &json!(true), &json!("completed"))
    );
    // What was asked stays what it was.
    let snapshot = service.client.json(&format!("/api/runs/{run_id}")).await;
    assert_eq!(snapshot["request"]["query"], "How many?");
    let deleted = service
        .client
        .request(Method::DELETE, &format!("/api/runs/{run_id}"));
    assert_eq!(send(deleted).await.status(), 204);
    let (status, told) = change(&service, &run_id, &json!({"pinned": true})).await;
    assert_eq!((status, &told["error"]["code"]), (404, &json!("not_found")));
    assert!(titles(&service, "pinned=true").await.is_empty());
}

#[tokio::test]
async fn a_change_that_cannot_be_made_names_the_field_and_changes_nothing() {
    let (models, service) = service().await;
    models.orchestrator([says("Seven.")]);
    let run_id = service.client.question("How many?").await.run_id;
    let before = service.client.json("/api/runs").await;
    for (body, field) in [
        (json!({"title": ""}), "title"),
        (json!({"title": " \n\u{3000}"}), "title"),
        (json!({"title": "x".repeat(121)}), "title"),
        (json!({"title": 7}), "title"),
        (json!({"title": null}), "title"),
        (json!({"title": "Tokyo", "pinned": "yes"}), "pinned"),
        (json!({"title": "Tokyo", "pinned": null}), "pinned"),
        (json!({"title": "Tokyo", "pinned": 1}), "pinned"),
        (json!({"title": "Tokyo", "status": "failed"}), "status"),
    ] {
        let (status, told) = change(&service, &run_id, &body).await;
        let error = &told["error"];
        assert_eq!(
            (status, &error["code"]),
            (400, &json!("invalid_request")),
            "{body}"
        );
        assert_eq!(error["field"], field, "{body}: {told}");
    }
    for id in ["01HF7YAT000000000000000001", "nothing"] {
        let (status, told) = change(&service, id, &json!({"pinned": true})).await;
        assert_eq!((status, &told["error"]["code"]), (404, &json!("not_found")));
    }
    assert_eq!(service.client.json("/api/runs").await, before);
}

#[tokio::test]
async fn runs_are_found_by_the_words_of_their_titles_and_by_their_pins() {
    let (models, service) = service().await;
    let mut ids = Vec::new();
    for query in [
        "How crowded is Tokyo?",
        "Is Kyoto older than Tokyo?",
        "6 times 7?",
    ] {
        models.orchestrator([says("Yes.")]);
        ids.push(service.client.question(query).await.run_id);
    }
    assert_eq!(
        change(&service, &ids[0], &json!({"pinned": true})).await.0,
        200
    );
    let [crowded, older, times] = [
        "How crowded is Tokyo?",
        "Is Kyoto older than Tokyo?",
        "6 times 7?",
    ];
    for (parameters, found) in [
        ("q=tokyo", vec![older, crowded]),
        ("q=TOKYO%20older", vec![older]),
        ("q=%3F", vec![times, older, crowded]),
        ("q=nothing", vec![]),
        ("q=", vec![times, older, crowded]),
        ("q=%20", vec![times, older, crowded]),
        ("pinned=true", vec![crowded]),
        ("pinned=true&q=kyoto", vec![]),
        ("pinned=true&q=tokyo", vec![crowded]),
        ("pinned=false", vec![times, older, crowded]),
    ] {
        let found = found.into_iter().map(str::to_owned).collect();
        assert_eq!(titles(&service, parameters).await, found, "{parameters}");
    }
    let long = format!("q={}", "x".repeat(121));
    for (parameters, field) in [(&*long, "q"), ("pinned=yes", "pinned"), ("q=a&q=b", "q")] {
        let request = service
            .client
            .request(Method::GET, &format!("/api/runs?{parameters}"));
        let response = send(request).await;
        assert_eq!(response.status(), 400, "{parameters}");
        let told: Value = response.json().await.unwrap();
        assert_eq!(told["error"]["field"], field, "{told}");
    }
}
