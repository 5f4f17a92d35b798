//! Requests that are refused: each with its status, its code, the field at fault and words that help; nothing is stored.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod addresses;
mod case;
mod repeated;
mod starts;

use reqwest::Method;
use tests::client::send;
use tests::stack::Setup;
use tests::table::Operation;

const START: &str = "/api/chat/orchestrator/stream";
const UNKNOWN_RUN: &str = "/api/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV";

#[tokio::test]
async fn what_is_wrong_is_refused_by_name_and_nothing_of_it_is_stored() {
    let service = Setup::new().start_counted().await;
    let cases = [
        starts::bodies_that_are_no_start(),
        starts::questions(),
        starts::numbers(),
        starts::unknown_fields(),
        starts::follow_ups(),
        starts::preferences(),
        addresses::lists(),
        starts::headers_of_a_start(),
        addresses::addresses(),
        addresses::positions(),
    ];
    let mut faults = Vec::new();
    for case in cases.iter().flatten() {
        faults.extend(case.fault(&service.client).await);
    }
    assert_eq!(service.table.items().await, []);
    let scan = service
        .table
        .until(|operation| operation.name == "Scan")
        .await;
    let writes: Vec<_> = scan.into_iter().filter(Operation::is_write).collect();
    assert!(writes.is_empty(), "{writes:#?}");
    assert!(
        faults.is_empty(),
        "{} of the requests:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[tokio::test]
async fn a_wrong_method_is_told_which_ones_there_are() {
    let service = Setup::new().start_counted().await;
    for (method, path, allowed) in [
        (Method::GET, START, "POST"),
        (Method::POST, UNKNOWN_RUN, "GET,HEAD,PATCH,DELETE"),
        (Method::GET, "/api/runs/x/cancel", "POST"),
        (Method::POST, "/health", "GET,HEAD"),
        (Method::DELETE, "/", "GET,HEAD"),
    ] {
        let response = send(service.client.request(method, path)).await;
        assert_eq!(response.status(), 405, "{path}");
        let allow = response.headers()["allow"]
            .to_str()
            .unwrap()
            .replace(' ', "");
        assert_eq!(allow, allowed, "{path}");
    }
}

#[tokio::test]
async fn a_preflight_of_another_page_finds_no_permission() {
    let service = Setup::new().start_counted().await;
    let request = service
        .client
        .request(Method::OPTIONS, START)
        .header("origin", "https://example.org")
        .header("access-control-request-method", "POST");
    let response = send(request).await;
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers().get("access-control-allow-origin"), None);
}

/// Clients that cut a text in the middle of a character send half of it.
#[tokio::test]
async fn half_a_character_is_a_mark_wherever_a_body_is_read() {
    let service = Setup::new().start_counted().await;
    let asked = |name: &str| format!(r#""{name} \ud83d, \uDE00, \ud83d\ude00, \\ud83d?""#);
    let message = format!(r#"[{{"role":"user","content":{}}}]"#, asked("chat"));
    let mut expected = Vec::new();
    for (name, path, body) in [
        ("api", START, format!(r#"{{"query":{}}}"#, asked("api"))),
        (
            "chat",
            "/v1/chat/completions",
            format!(r#"{{"model":"orchestrator","messages":{message}}}"#),
        ),
        (
            "responses",
            "/v1/responses",
            format!(
                r#"{{"model":"orchestrator","input":{}}}"#,
                asked("responses")
            ),
        ),
        (
            "mcp",
            "/mcp",
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"ask","arguments":{{"query":{}}}}}}}"#,
                asked("mcp")
            ),
        ),
    ] {
        let request = service.client.request(Method::POST, path);
        let request = request.header("content-type", "application/json");
        let response = send(request.body(body)).await;
        // There is no model here, so that its run fails.
        assert_ne!(response.status(), 400, "{name}");
        response.bytes().await.unwrap();
        expected.push(format!("{name} \u{fffd}, \u{fffd}, 😀, \\ud83d?"));
    }
    let runs = service.client.json("/api/runs").await;
    let mut titles: Vec<_> = runs["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["title"].as_str().unwrap())
        .collect();
    titles.reverse();
    assert_eq!(titles, expected);
}
