//! The laws of runs whose drivers were lost, left or were told to stop.

use std::panic::catch_unwind;

use serde_json::{Value, json};
use tests::laws;
use tests::stream::Frame;

use crate::Breakage;

/// A run that was suspended, whose next driver was lost in the middle of a call, and that was then cancelled; all stored.
fn disturbed() -> Vec<Frame> {
    let usage = json!({"input_tokens": 10, "output_tokens": 5, "cached_input_tokens": 0, "estimated": false});
    let nothing = json!({"input_tokens": 0, "output_tokens": 0, "cached_input_tokens": 0, "estimated": false});
    let model = json!({"calls": 1, "usage": usage, "cost_usd": 0.5, "duration_ms": 7});
    let tool = json!({"calls": 1, "usage": nothing, "cost_usd": 0.0, "duration_ms": 3});
    let call = |id: &str, tool: &str| json!({"event": "tool_call", "round": 1, "call_id": id, "tool": tool, "arguments": {}});
    let cut = |id: &str, tool: &str, code: &str, duration_ms: u32| {
        let error = json!({"code": code, "message": "The run has ended.", "retryable": false});
        json!({
            "event": "tool_result", "round": 1, "call_id": id, "tool": tool, "called": code != "not_run",
            "ok": false, "result": {"error": error},
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
        again("r1.1", &Value::Null, &Value::Null),
        json!({"event": "cancel_requested", "by": "user"}),
        cut("r1.1", "search", "cancelled", 3),
        cut("r1.2", "answer", "not_run", 0),
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

/// The second attempt at a call, by its model, after one that took this.
fn again(call_id: &str, model: &Value, usage: &Value) -> Value {
    let cost_usd = if usage.is_null() {
        json!(null)
    } else {
        json!(0.5)
    };
    json!({
        "event": "retry", "call_id": call_id, "attempt": 2, "reason": "", "model": model, "usage": usage,
        "cost_usd": cost_usd,
    })
}

/// Replaces an event.
fn put(frames: &mut [Frame], place: usize, event: Value) {
    frames[place].data = event;
}

#[test]
fn the_laws_refuse_drivers_that_go_on_where_they_may_not() {
    laws::check(&disturbed());
    let cases: [(&str, Breakage); 18] = [
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
            it[10].data["result"]["error"]["code"] = json!("not_run");
            it[10].data["called"] = json!(false);
        }),
        (
            "a call under way that is said not to have been made",
            |it| {
                it[10].data["called"] = json!(false);
            },
        ),
        ("a call that was not made and is said to have been", |it| {
            it[11].data["called"] = json!(true);
        }),
        ("an attempt by a model at a call of none", |it| {
            it[8].data["model"] = json!("qwen");
        }),
        ("an attempt whose tokens are lost", |it| {
            it[8].data["usage"] = json!({"input_tokens": 1, "output_tokens": 0, "cached_input_tokens": 0, "estimated": false});
            it[8].data["cost_usd"] = json!(0.0);
        }),
        ("an attempt with tokens and no price", |it| {
            it[8].data["usage"] = json!({"input_tokens": 0, "output_tokens": 0, "cached_input_tokens": 0, "estimated": false});
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
    let [mut decided, resumed] = [4, 7].map(|place| frames[place].data.clone());
    let retry = again("r1.orchestrator", &json!("qwen"), &Value::Null);
    frames.truncate(5);
    let wish = json!({"event": "cancel_requested", "by": "user"});
    // Of both attempts together.
    let usage = json!({"input_tokens": 20, "output_tokens": 10, "cached_input_tokens": 0, "estimated": false});
    for (name, value) in [
        ("usage", usage.clone()),
        ("cost_usd", json!(1.0)),
        ("duration_ms", json!(14)),
    ] {
        decided[name] = value;
    }
    let model = json!({"calls": 1, "usage": usage, "cost_usd": 1.0, "duration_ms": 14});
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

/// A run whose orchestrator wrote, was asked again, and then could not be asked at all.
#[test]
fn the_laws_count_what_an_orchestrator_took_that_gave_no_decision() {
    let failed_after = |given_up: &Value, total: &Value| {
        let model = json!({"calls": 1, "usage": total, "cost_usd": 0.5, "duration_ms": 9});
        let error = json!({"code": "model_error", "message": "", "remedy": ""});
        let events = [
            json!({"event": "start", "max_rounds": 3}),
            json!({"event": "round_start", "round": 1}),
            again("r1.orchestrator", &json!("qwen"), given_up),
            json!({"event": "error", "error": error, "fatal": true}),
            json!({"event": "complete", "summary": {
                "status": "failed", "total_rounds": 1, "tools_used": [], "final_answer": null, "duration_ms": 20,
                "usage": total, "cost_usd": 0.5, "by_model": {"qwen": model}, "by_tool": {}, "resumed": 0,
            }}),
        ];
        let frames = (1..)
            .zip(events)
            .map(|(id, data)| Frame { id: Some(id), data });
        laws::check(&frames.collect::<Vec<_>>());
    };
    let usage = |input: u32| json!({"input_tokens": input, "output_tokens": 5, "cached_input_tokens": 0, "estimated": false});
    failed_after(&usage(10), &usage(10));
    failed_after(&usage(10), &usage(25));
    assert!(catch_unwind(|| failed_after(&usage(10), &usage(9))).is_err());
}
