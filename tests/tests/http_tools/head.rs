//! What a server is sent.

use serde_json::json;

use crate::server::{ToolServer, succeeds};
use crate::service::{Service, TOKEN, asks, results, tool, with_token};

#[tokio::test]
async fn a_server_gets_our_json_with_what_helps_to_trace_it_and_to_answer_in_time() {
    let server = ToolServer::start(|_, _| succeeds(&json!({"n": 7}))).await;
    let url = format!("{}/tools/weather?units=si", server.address);
    let service = Service::start([tool("weather", &with_token(&url))]).await;
    let told = service
        .run([vec![asks("weather", "none"), asks("weather", "none")]])
        .await;
    assert_eq!(results(&told)[1]["n"], 7);
    let mut requests = server.requests();
    requests.sort_by_key(|request| request.body["call_id"].to_string());
    let [_, second] = &*requests else {
        panic!("two calls");
    };
    assert_eq!(second.line, "POST /tools/weather?units=si HTTP/1.1");
    let header = |name: &str| second.headers[name].as_str();
    let run = &told.run_id;
    assert_eq!(header("idempotency-key"), format!("{run}/1/2"));
    assert_eq!(header("authorization"), format!("Bearer {TOKEN}"));
    assert_eq!(
        (header("content-type"), header("accept")),
        ("application/json", "application/json")
    );
    assert!(header("user-agent").starts_with("serverless-llm/"));
    let left: u64 = header("x-request-timeout-ms").parse().unwrap();
    assert!((1..=60_000).contains(&left), "{left}");
    let [version, trace, parent, flags] = *header("traceparent").split('-').collect::<Vec<_>>()
    else {
        panic!("{}", header("traceparent"));
    };
    assert_eq!(
        (version, trace.len(), parent, flags),
        ("00", 32, "0000000100000002", "00")
    );
    let mut names: Vec<_> = second.headers.keys().map(String::as_str).collect();
    names.retain(|name| !matches!(*name, "accept-encoding" | "content-length" | "host"));
    assert_eq!(
        names,
        [
            "accept",
            "authorization",
            "content-type",
            "idempotency-key",
            "traceparent",
            "user-agent",
            "x-request-timeout-ms"
        ]
    );
    let mut body = second.body.clone();
    assert!(body["deadline_ms"].as_u64().unwrap() > 1_700_000_000_000);
    body["deadline_ms"] = json!(0);
    let expected = json!({
        "call_id": "r1.2", "idempotency_key": format!("{run}/1/2"), "tool": "weather", "arguments": {"fault": "none"},
        "deadline_ms": 0, "run_id": run, "round": 1, "files": [],
    });
    assert_eq!(body, expected);
}
