//! Calls of listed tools in whole runs.

use reqwest::Method;
use serde_json::json;
use tests::client::send;
use tests::script::{call, calls};

use crate::service::{Service, TOKEN};
use crate::stand::{Asked, Era, Reply, Stand, text, tool};

async fn scripted(script: fn(&Asked) -> Option<Reply>) -> Stand {
    Stand::scripted(Era::Old, json!([tool("walk"), tool("read")]), script).await
}

#[tokio::test]
async fn pictures_are_kept_as_files_of_the_run() {
    let stand = scripted(|asked| {
        let result = json!({"content": [{"type": "text", "text": "See."}, {"type": "image", "data": "AAEC", "mimeType": "image/png"}]});
        (asked.method == "tools/call").then_some(Reply::Result(result))
    });
    let stand = stand.await;
    let service = Service::start(&stand.url).await;
    let told = service.run(call("files_walk", json!({}))).await;
    let result = &told.of("tool_result")[0]["result"];
    assert_eq!(result["text"], "See.");
    let url = result["artifacts"][0]["url"].as_str().unwrap();
    let file = send(service.stack.client.request(Method::GET, url)).await;
    assert_eq!(file.headers()["content-type"], "image/png");
    assert_eq!(&*file.bytes().await.unwrap(), [0, 1, 2]);
}

#[tokio::test]
async fn a_call_that_broke_is_repeated_only_where_an_entry_says_so() {
    // The tool, how often the server is asked, and the code.
    for (name, asked, code) in [
        ("files_walk", 1, "outcome_unknown"),
        ("look", 2, "tool_unreachable"),
    ] {
        let stand = scripted(|asked| (asked.method == "tools/call").then_some(Reply::Breaks)).await;
        let service = Service::start(&stand.url).await;
        let told = service.run(call(name, json!({}))).await;
        let result = &told.of("tool_result")[0];
        assert_eq!(result["result"]["error"]["code"], code, "{name}");
        assert_eq!(stand.asked("tools/call").len(), asked, "{name}");
    }
}

#[tokio::test]
async fn a_failure_is_told_in_the_words_of_the_tool_and_without_our_secret() {
    let stand = scripted(|asked| {
        let said = format!("There is no Bernn. You sent {TOKEN}.");
        let mut result = text(&said);
        result["isError"] = json!(true);
        (asked.method == "tools/call").then_some(Reply::Result(result))
    });
    let stand = stand.await;
    let service = Service::start(&stand.url).await;
    let told = service.run(call("files_walk", json!({}))).await;
    let error = &told.of("tool_result")[0]["result"]["error"];
    assert_eq!(error["message"], "There is no Bernn. You sent [redacted].");
    assert_eq!(
        (&error["code"], &error["retryable"]),
        (&json!("tool_error"), &json!(false))
    );
    assert_eq!(stand.asked("tools/call")[0].headers["authorization"], TOKEN);
}

#[tokio::test]
async fn a_result_of_another_form_than_the_server_names_is_kept_with_a_note() {
    let walk = json!({
        "name": "walk", "inputSchema": {"type": "object"},
        "outputSchema": {"type": "object", "properties": {"km": {"type": "number"}}, "required": ["km"]},
    });
    let script = |asked: &Asked| {
        let result = json!({"content": [], "structuredContent": {"km": "far"}});
        (asked.method == "tools/call").then_some(Reply::Result(result))
    };
    let stand = Stand::scripted(Era::New, json!([walk, tool("read")]), script).await;
    let service = Service::start(&stand.url).await;
    let told = service.run(call("files_walk", json!({}))).await;
    let expected = json!({"km": "far", "note": "The result is not of the form that its server names, at /km."});
    assert_eq!(told.of("tool_result")[0]["result"], expected);
}

#[tokio::test]
async fn a_cancelled_run_cancels_its_calls() {
    let stand = scripted(|asked| (asked.method == "tools/call").then_some(Reply::Hangs)).await;
    let service = Service::start(&stand.url).await;
    service
        .models
        .orchestrator([calls([call("files_walk", json!({}))])]);
    let mut run = service
        .stack
        .client
        .start(&json!({"query": "How far?"}))
        .await;
    let started = run.next().await.unwrap();
    let id = started.data["run_id"].as_str().unwrap().to_owned();
    stand.has_been_asked("tools/call", 1).await;
    let cancel = service
        .stack
        .client
        .request(Method::POST, &format!("/api/runs/{id}/cancel"));
    assert_eq!(send(cancel).await.status(), 202);
    stand.has_been_asked("notifications/cancelled", 1).await;
    let told = &stand.asked("notifications/cancelled")[0].params;
    assert_eq!(told["requestId"], stand.asked("tools/call")[0].id);
}
