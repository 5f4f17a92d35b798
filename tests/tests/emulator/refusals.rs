//! Bad input through the function URL: the same refusals as over plain HTTP.

use reqwest::Method;
use serde_json::json;
use tests::client::send;
use tests::emulator::Setup;

use crate::START;
use crate::case::Case;

const UNKNOWN_RUN: &str = "/api/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV";

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn what_is_wrong_is_refused_in_the_same_words_and_nothing_of_it_is_stored() {
    let stage = Setup::new().start().await;
    let _orchestrator = stage.run("orchestrator");
    let start = r#"{"query": "Go"}"#;
    let mut too_large = start.as_bytes().to_vec();
    too_large.resize(1_048_577, b' ');
    let cases = [
        Case::start("").says(["no JSON"]),
        Case::start("{").says(["no JSON"]),
        Case::start(r#"{"query": 'Go'}"#).says(["no JSON"]),
        Case::start("null").says(["JSON object"]),
        Case::start("{}").field("query").says(["query is required"]),
        Case::start(r#"{"query": "Go", "max_rounds": 0}"#)
            .field("max_rounds")
            .says(["max_rounds must be between 1 and 50, got 0"]),
        Case::start(r#"{"query": "Go", "surprise": 1}"#).field("surprise"),
        Case::start(r#"{"query": "Go", "preferences": {"tools": {"refuse": ["search"]}}}"#)
            .field("preferences.tools.refuse"),
        Case::start(start)
            .header("last-event-id", "4")
            .field("Last-Event-ID"),
        Case::start(start)
            .header("content-type", "text/plain")
            .refused_as(415, "unsupported_media_type")
            .field("content-type"),
        Case::start(start)
            .header("content-type", "application/octet-stream")
            .refused_as(415, "unsupported_media_type")
            .field("content-type"),
        Case::start(too_large)
            .refused_as(413, "too_large")
            .says(["1048576"]),
        Case::not_found("/nothing"),
        Case::not_found(UNKNOWN_RUN),
        Case::not_found("/api/runs/x/events"),
        Case::new(Method::DELETE, UNKNOWN_RUN, (404, "not_found")),
        Case::new(Method::GET, START, (405, "method_not_allowed")),
        Case::new(Method::GET, "/api/runs?limit=101", (400, "invalid_request")).field("limit"),
    ];
    let mut faults = Vec::new();
    for case in cases {
        faults.extend(case.fault(&stage.client).await);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let wrong_method = send(stage.client.request(Method::GET, START)).await;
    assert_eq!(wrong_method.headers()["allow"], "POST");
    let runs = stage.client.json("/api/runs").await;
    assert_eq!(runs, json!({"runs": [], "cursor": null}));
}
