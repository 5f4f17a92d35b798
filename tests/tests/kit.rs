//! The kit itself: its laws refuse every stream that breaks them, and its model server every request that does not pair.

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
    let usage = json!({"input_tokens": 10, "output_tokens": 5});
    let tally = json!({"calls": 1, "usage": usage, "cost_usd": 0.5, "duration_ms": 7});
    let both = json!({
        "calls": 2, "usage": {"input_tokens": 20, "output_tokens": 10}, "cost_usd": 1.0, "duration_ms": 14,
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
                json!({"event": "tool_result", "round": 1, "call_id": "r1.1", "tool": "answer", "ok": true, "result": result}),
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
                "duration_ms": 20, "usage": {"input_tokens": 20, "output_tokens": 10}, "cost_usd": 1.0,
                "by_model": {"qwen": both}, "by_tool": {"answer": tally}, "resumed": 0,
            }}),
        ),
    ];
    events.map(|(id, data)| Frame { id, data }).to_vec()
}

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

/// A run that was suspended, whose next driver was lost in the middle of a call, and that was then cancelled; all stored.
fn disturbed() -> Vec<Frame> {
    let usage = json!({"input_tokens": 10, "output_tokens": 5});
    let nothing = json!({"input_tokens": 0, "output_tokens": 0});
    let model = json!({"calls": 1, "usage": usage, "cost_usd": 0.5, "duration_ms": 7});
    let tool = json!({"calls": 1, "usage": nothing, "cost_usd": 0.0, "duration_ms": 3});
    let call = |id: &str, tool: &str| json!({"event": "tool_call", "round": 1, "call_id": id, "tool": tool, "arguments": {}});
    let cut = |id: &str, tool: &str, message: &str, duration_ms: u32| {
        let error = json!({"code": "cancelled", "message": message, "retryable": false});
        json!({
            "event": "tool_result", "round": 1, "call_id": id, "tool": tool, "ok": false, "result": {"error": error},
            "duration_ms": duration_ms, "usage": null, "cost_usd": null,
        })
    };
    let events = [
        json!({"event": "start", "max_rounds": 3}),
        json!({"event": "round_start", "round": 1}),
        json!({"event": "suspended", "reason": "", "resume_after_ms": 0}),
        json!({"event": "resumed", "epoch": 2, "reason": ""}),
        json!({"event": "round_decided", "round": 1, "model": "qwen", "usage": usage, "cost_usd": 0.5, "duration_ms": 7}),
        call("r1.1", "search"),
        call("r1.2", "answer"),
        json!({"event": "resumed", "epoch": 3, "reason": ""}),
        json!({"event": "retry", "call_id": "r1.1", "attempt": 2, "reason": ""}),
        json!({"event": "cancel_requested", "by": "user"}),
        cut("r1.1", "search", "The run was cancelled.", 3),
        cut("r1.2", "answer", "The run ended before this call began.", 0),
        json!({"event": "complete", "summary": {
            "status": "cancelled", "total_rounds": 1, "tools_used": ["search"], "final_answer": null,
            "duration_ms": 20, "usage": usage, "cost_usd": 0.5, "by_model": {"qwen": model},
            "by_tool": {"search": tool}, "resumed": 2,
        }}),
    ];
    let frames = (1..)
        .zip(events)
        .map(|(id, data)| Frame { id: Some(id), data });
    frames.collect()
}

/// Replaces an event.
fn put(frames: &mut [Frame], place: usize, event: Value) {
    frames[place].data = event;
}

#[test]
fn the_laws_refuse_drivers_that_go_on_where_they_may_not() {
    laws::check(&disturbed());
    let cases: [(&str, Breakage); 13] = [
        ("an epoch that stands still", |it| {
            it[7].data["epoch"] = json!(2);
        }),
        ("a takeover with the first driver's epoch", |it| {
            it[3].data["epoch"] = json!(1);
        }),
        ("work while nobody drives", |it| {
            put(it, 3, json!({"event": "cancel_requested", "by": "user"}));
        }),
        ("a second suspension", |it| {
            let suspended = it[2].data.clone();
            put(it, 3, suspended);
        }),
        ("a second wish", |it| {
            let wish = it[9].data.clone();
            put(it, 8, wish);
        }),
        ("a call after the wish", |it| it[5..=9].rotate_right(1)),
        ("an attempt that is left out", |it| {
            it[8].data["attempt"] = json!(3);
        }),
        ("a call that was never made asked for again", |it| {
            it[8].data["call_id"] = json!("r1.3");
        }),
        (
            "a decision asked for again although its calls stand",
            |it| {
                it[8].data["call_id"] = json!("r1.orchestrator");
            },
        ),
        ("recoveries without end", |it| {
            let lost = "the driver of this run was lost";
            let resumed = (4..12).map(|epoch| Frame {
                id: None,
                data: json!({"event": "resumed", "epoch": epoch, "reason": lost}),
            });
            let resumed: Vec<_> = resumed.collect();
            it[12].data["summary"]["resumed"] = json!(10);
            it.splice(8..8, resumed);
        }),
        ("a takeover that is not counted", |it| {
            it[12].data["summary"]["resumed"] = json!(1);
        }),
        ("a call under way that stands in no total", |it| {
            it[10].data["result"]["error"]["message"] =
                json!("The run ended before this call began.");
        }),
        ("cancelled although nobody wished it", |it| {
            put(it, 9, json!({"event": "ping"}));
        }),
    ];
    for (name, breakage) in cases {
        let mut frames = disturbed();
        breakage(&mut frames);
        for (id, frame) in (1..).zip(&mut frames) {
            frame.id = Some(id);
        }
        assert!(catch_unwind(|| laws::check(&frames)).is_err(), "{name}");
    }
}

#[test]
fn the_laws_let_a_decision_whose_calls_were_lost_be_asked_for_again() {
    let mut frames = disturbed();
    let [decided, resumed] = [4, 7].map(|place| frames[place].data.clone());
    let retry = json!({"event": "retry", "call_id": "r1.orchestrator", "attempt": 2, "reason": ""});
    frames.truncate(5);
    let wish = json!({"event": "cancel_requested", "by": "user"});
    let usage = json!({"input_tokens": 20, "output_tokens": 10});
    let model = json!({"calls": 2, "usage": usage, "cost_usd": 1.0, "duration_ms": 14});
    let complete = json!({"event": "complete", "summary": {
        "status": "cancelled", "total_rounds": 1, "tools_used": [], "final_answer": null, "duration_ms": 20,
        "usage": usage, "cost_usd": 1.0, "by_model": {"qwen": model}, "by_tool": {}, "resumed": 2,
    }});
    let rest = [resumed, retry, decided, wish, complete];
    let rest = (6..)
        .zip(rest)
        .map(|(id, data)| Frame { id: Some(id), data });
    frames.extend(rest);
    laws::check(&frames);
}

#[tokio::test]
async fn the_model_server_refuses_requests_that_a_strict_server_would_refuse() {
    let call = |id: &str| json!({"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let assistant = |calls: Value| json!({"role": "assistant", "content": "", "tool_calls": calls});
    let user = json!({"role": "user", "content": "Go"});
    let tool = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": "{}"});
    let cases = [
        (json!([user]), true),
        (
            json!([
                user,
                assistant(json!([call("a"), call("b")])),
                tool("b"),
                tool("a"),
                user
            ]),
            true,
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
