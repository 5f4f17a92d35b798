//! What is no schema of an answer.

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::stack::Setup;

async fn refused(path: &str, body: &Value) -> Value {
    let stack = Setup::new().start().await;
    let request = stack.client.request(Method::POST, path).json(body);
    let response = send(request).await;
    assert_eq!(response.status(), 400, "{body}");
    let refused: Value = response.json().await.unwrap();
    let listed = stack.client.json("/api/runs").await;
    assert_eq!(listed["runs"], json!([]));
    refused["error"].clone()
}

/// A kilobyte that leads to a part of it in a billion ways.
fn unfolding() -> Value {
    let level = |at: u32| {
        let next = json!({"$ref": format!("#/$defs/a{}", at + 1)});
        (format!("a{at}"), json!({"allOf": [next, next]}))
    };
    let mut defs: serde_json::Map<_, _> = (0..30).map(level).collect();
    defs.insert("a30".to_owned(), json!({}));
    json!({"type": "object", "allOf": [{"$ref": "#/$defs/a0"}], "$defs": defs})
}

#[tokio::test]
async fn what_is_no_schema_of_an_object_is_refused_by_its_field() {
    let large = json!({"type": "object", "description": "x".repeat(64 * 1024)});
    for (schema, said) in [
        (json!("object"), "must be a JSON Schema, an object"),
        (json!([]), "must be a JSON Schema, an object"),
        (json!({"type": "objekt"}), "must be a JSON Schema"),
        (
            json!({"type": "object", "properties": {"a": {"pattern": "("}}}),
            "must be a JSON Schema",
        ),
        (
            json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/none"}}}),
            "must be a JSON Schema",
        ),
        (
            json!({"type": "object", "properties": {"a": {"$ref": "https://example.org/s.json"}}}),
            "must refer to itself alone",
        ),
        (
            json!({"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}}),
            "must refer to itself alone",
        ),
        (
            json!({"$schema": "https://example.org/meta", "type": "object"}),
            "must refer to itself alone",
        ),
        (json!({}), "type object"),
        (json!({"type": "array"}), "type object"),
        (json!({"type": ["object", "null"]}), "type object"),
        (json!({"anyOf": [{"type": "object"}]}), "type object"),
        (large, "at most 65536 bytes"),
        (
            json!({"type": "object", "allOf": [{"$ref": "#"}]}),
            "without end",
        ),
        (unfolding(), "too many parts"),
    ] {
        let body = json!({"query": "How many?", "answer_schema": schema});
        let error = refused("/api/chat/orchestrator/stream", &body).await;
        assert_eq!(error["field"], "answer_schema", "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.starts_with("answer_schema ") && message.contains(said),
            "{message}"
        );
        let format = json!({"type": "json_schema", "json_schema": {"name": "a", "schema": schema}});
        let body = json!({"model": "orchestrator", "messages": [{"role": "user", "content": "How many?"}], "response_format": format});
        let error = refused("/v1/chat/completions", &body).await;
        assert_eq!(
            error["param"], "response_format.json_schema.schema",
            "{error}"
        );
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
    }
}

#[tokio::test]
async fn a_form_that_is_none_is_refused() {
    for (format, param) in [
        (json!({}), "response_format.type"),
        (json!({"type": "xml"}), "response_format.type"),
        (json!({"type": "json_schema"}), "response_format.schema"),
        (
            json!({"type": "json_schema", "json_schema": {"name": "a"}}),
            "response_format.json_schema.schema",
        ),
        (
            json!({"type": "json_schema", "json_schema": 1}),
            "response_format.json_schema",
        ),
        (json!("json"), "response_format"),
    ] {
        let body = json!({"model": "orchestrator", "messages": [{"role": "user", "content": "How many?"}], "response_format": format});
        let error = refused("/v1/chat/completions", &body).await;
        assert_eq!(error["param"], param, "{error}");
    }
}

/// Nobody would write the answer.
#[tokio::test]
async fn a_schema_is_refused_where_no_tool_may_answer() {
    let body = json!({"query": "How many?", "answer_schema": {"type": "object"}, "preferences": {"tools": {"deny": ["answer"]}}});
    let error = refused("/api/chat/orchestrator/stream", &body).await;
    assert_eq!(error["field"], "answer_schema");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("a tool that answers"),
        "{error}"
    );
}

/// All that a run begins with stands in one stored event.
#[tokio::test]
async fn the_longest_question_and_the_largest_schema_are_stored_or_refused_together() {
    let stack = Setup::new().start().await;
    let schema = json!({"type": "object", "description": "x".repeat(60 * 1024)});
    let ask = async |query: String| {
        let body = json!({"query": query, "answer_schema": schema, "max_rounds": 1});
        send(stack.client.start_request(body.to_string())).await
    };
    let stored = ask("🦀".repeat(32_000)).await;
    assert_eq!(stored.status(), 200, "{}", stored.text().await.unwrap());
    let refused = ask("\u{1}".repeat(32_000)).await;
    assert_eq!(refused.status(), 400);
    let error: Value = refused.json().await.unwrap();
    assert_eq!(error["error"]["field"], "answer_schema");
}
