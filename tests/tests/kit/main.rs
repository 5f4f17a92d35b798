//! The kit itself: its laws refuse every stream that breaks them, and its model server every request that does not pair.

mod drivers;

use std::panic::catch_unwind;

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::{Client, send};
use tests::laws;
use tests::model_server::{KEY, ModelServer};
use tests::script::says;
use tests::stream::Frame;

/// A stream of one round, with live text before its chunk; frames without a number are live.
fn frames() -> Vec<Frame> {
    let usage = json!({"input_tokens": 10, "output_tokens": 5, "cached_input_tokens": 0, "estimated": false});
    let tally = json!({"calls": 1, "usage": usage, "cost_usd": 0.5, "duration_ms": 7});
    let both = json!({
        "calls": 2, "usage": {"input_tokens": 20, "output_tokens": 10, "cached_input_tokens": 0, "estimated": false}, "cost_usd": 1.0, "duration_ms": 14,
    });
    let result = json!({
        "content": "Seven.", "model_name": "Q", "model_id": "qwen", "tokens_used": 15, "finish_reason": "stop",
    });
    let delta = |offset: u32, content: &str| json!({"event": "delta", "call_id": "r1.1", "attempt": 1, "offset": offset, "content": content});
    let took = |mut event: Value| {
        for (name, value) in [
            ("usage", &usage),
            ("cost_usd", &json!(0.5)),
            ("duration_ms", &json!(7)),
        ] {
            event[name] = value.clone();
        }
        event
    };
    let events = [
        (Some(1), json!({"event": "start", "max_rounds": 1})),
        (Some(2), json!({"event": "round_start", "round": 1})),
        (
            Some(3),
            took(json!({"event": "round_decided", "round": 1, "model": "qwen"})),
        ),
        (
            Some(4),
            json!({"event": "tool_call", "round": 1, "call_id": "r1.1", "tool": "answer", "arguments": {}, "model": "qwen"}),
        ),
        (None, delta(0, "Sev")),
        (None, delta(3, "en.")),
        (Some(5), delta(0, "Seven.")),
        (
            Some(6),
            took(
                json!({"event": "tool_result", "round": 1, "call_id": "r1.1", "tool": "answer", "called": true, "ok": true, "result": result}),
            ),
        ),
        (
            Some(7),
            json!({"event": "final_answer", "call_id": "r1.1", "content": "Seven."}),
        ),
        (
            Some(8),
            json!({"event": "complete", "summary": {
                "status": "completed", "total_rounds": 1, "tools_used": ["answer"], "final_answer": "Seven.",
                "duration_ms": 20, "usage": {"input_tokens": 20, "output_tokens": 10, "cached_input_tokens": 0, "estimated": false}, "cost_usd": 1.0,
                "by_model": {"qwen": both}, "by_tool": {"answer": tally}, "resumed": 0,
            }}),
        ),
    ];
    events.map(|(id, data)| Frame { id, data }).to_vec()
}

/// Makes a stream break a law.
type Breakage = fn(&mut Vec<Frame>);

#[test]
fn the_laws_refuse_a_stream_that_breaks_one_of_them() {
    laws::check(&frames());
    let cases: [(&str, Breakage); 18] = [
        ("a missing event", |it| drop(it.remove(1))),
        ("an event twice", |it| it.insert(2, it[1].clone())),
        ("ids out of order", |it| it.swap(1, 2)),
        ("a stored event without its id", |it| it[3].id = None),
        ("no end", |it| drop(it.pop())),
        ("an event after the end", |it| {
            it.push(Frame {
                id: Some(9),
                data: it[1].data.clone(),
            });
        }),
        ("a live piece that is lost", |it| drop(it.remove(4))),
        ("text that changes", |it| {
            it[6].data["content"] = json!("Sevem.");
        }),
        ("text that was never stored", |it| {
            it[6].data["content"] = json!("Seve");
        }),
        ("a result with other text", |it| {
            it[7].data["result"]["content"] = json!("Eight.");
        }),
        ("a result of another call", |it| {
            it[7].data["call_id"] = json!("r1.2");
        }),
        ("a result of another tool", |it| {
            it[7].data["tool"] = json!("search");
        }),
        ("an answer with other text", |it| {
            it[8].data["content"] = json!("Eight.");
        }),
        ("a wrong sum", |it| {
            it[9].data["summary"]["usage"]["input_tokens"] = json!(21);
        }),
        ("a tool that is left out", |it| {
            it[9].data["summary"]["tools_used"] = json!([]);
        }),
        ("another status", |it| {
            it[9].data["summary"]["status"] = json!("failed");
        }),
        ("more rounds than were asked for", |it| {
            it[0].data["max_rounds"] = json!(0);
        }),
        ("an event that nobody knows", |it| {
            it[1].data["event"] = json!("surprise");
        }),
    ];
    for (name, breakage) in cases {
        let mut frames = frames();
        breakage(&mut frames);
        assert!(catch_unwind(|| laws::check(&frames)).is_err(), "{name}");
    }
}

#[tokio::test]
async fn the_model_server_refuses_requests_that_a_strict_server_would_refuse() {
    let call = |id: &str| json!({"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let assistant = |calls: Value| json!({"role": "assistant", "tool_calls": calls});
    let beside = |content: Value| {
        let calls = [call("a")];
        json!({"role": "assistant", "content": content, "tool_calls": calls})
    };
    let user = json!({"role": "user", "content": "Go"});
    let tool = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": "{}"});
    let cases = [
        (json!([user]), true),
        (
            json!([
                user,
                assistant(json!([call("a"), call("b")])),
                tool("b"),
                tool("a")
            ]),
            true,
        ),
        (json!([user, beside(json!("So.")), tool("a")]), true),
        (json!([user, beside(json!("")), tool("a")]), false),
        (json!([user, beside(Value::Null), tool("a")]), false),
        (
            json!([user, assistant(json!([call("a")])), tool("a"), user]),
            false,
        ),
        (json!([user, assistant(json!([call("a")]))]), false),
        (json!([user, assistant(json!([call("a")])), user]), false),
        (
            json!([user, assistant(json!([call("a")])), tool("b")]),
            false,
        ),
        (
            json!([user, assistant(json!([call("a")])), tool("a"), tool("a")]),
            false,
        ),
        (
            json!([user, assistant(json!([call("a"), call("a")])), tool("a")]),
            false,
        ),
        (json!([user, tool("a")]), false),
        (json!([{"role": "assistant", "content": null}]), false),
    ];
    for (messages, fits) in cases {
        let server = ModelServer::start().await;
        server.experts([says("Yes.")]);
        let body = json!({"messages": messages, "stream": true, "stream_options": {"include_usage": true}});
        let request = Client::new(server.address())
            .request(Method::POST, "/v1/chat/completions")
            .header("authorization", format!("Bearer {KEY}"))
            .header("content-type", "application/json")
            .body(body.to_string());
        let response = send(request).await;
        assert_eq!(response.status() == 200, fits, "{messages}");
    }
}
