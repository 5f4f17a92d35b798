//! A written result keeps within its cap, and the shorter texts whole.

use run::{Event, Run};

use super::*;

/// A discussion between two models that wrote these texts, with a cap of so many bytes.
fn discussed(texts: [&str; 5], max_result_bytes: usize) -> Run {
    let models = ["qwen", "phi"];
    let mut log = vec![
        json!({"event": "start", "run_id": "01JZZZZZZZZZZZZZZZZZZZZZZZ", "created_at_ms": 1,
               "request": {"query": "q", "max_rounds": 5, "temperature": 0.0, "max_tokens": 1}, "plan": {"time_limit_ms": 1}}),
        json!({"event": "round_start", "round": 1}),
        json!({"event": "round_decided", "round": 1, "calls": 1, "model": "qwen", "finish_reason": "stop"}),
        json!({"event": "tool_call", "call_id": "r1.1", "tool": "discuss", "arguments": {}, "role": "work", "repeatable": true,
               "sources": null, "composition": {"discussion": {"models": models, "writer": "qwen", "timeout_ms": 1, "max_result_bytes": max_result_bytes}}}),
    ];
    let parts = [
        ("opinion", "qwen"),
        ("opinion", "phi"),
        ("reply", "qwen"),
        ("reply", "phi"),
        ("synthesis", "qwen"),
    ];
    for (at, ((stage, model), text)) in parts.into_iter().zip(texts).enumerate() {
        let id = format!("r1.{}", at + 2);
        log.push(json!({"event": "tool_call", "call_id": id, "tool": "discuss", "arguments": {}, "model": model, "role": "work",
                        "repeatable": true, "sources": null, "origin": {"inner_step": {"within": "r1.1", "stage": stage}}}));
        log.push(
            json!({"event": "delta", "call_id": id, "attempt": 1, "offset": 0, "content": text}),
        );
        let outcome = if text.is_empty() {
            json!({"failed": {"code": "timeout", "message": "m", "retryable": true}})
        } else {
            json!({"text": {"model_name": "M", "finish_reason": "stop"}})
        };
        log.push(json!({"event": "tool_result", "call_id": id, "outcome": outcome}));
    }
    log.push(
        json!({"event": "tool_result", "call_id": "r1.1", "outcome": {"composed": {"by": "r1.6"}}}),
    );
    let events: Vec<Event> = log
        .into_iter()
        .map(|event| serde_json::from_value(event).unwrap())
        .collect();
    Run::fold(&events).unwrap()
}

fn written(texts: [&str; 5], max_result_bytes: usize) -> Value {
    let run = discussed(texts, max_result_bytes);
    let round = run.round(1).unwrap();
    result(&run, round, &round.calls[0])
}

#[test]
fn what_fits_is_whole_and_who_failed_is_told() {
    let said = |model: &str, content: &str| json!({"model_id": model, "content": content});
    assert_eq!(
        written(["a", "b", "", "d", "e"], 1000),
        json!({
            "content": "e",
            "rounds": [[said("qwen", "a"), said("phi", "b")], [said("phi", "d")]],
            "model_id": "qwen",
            "left_out": [{"model_id": "qwen", "stage": "reply", "code": "timeout"}],
        })
    );
    assert_eq!(
        written(["a", "", "", "", "e"], 1000)["rounds"],
        json!([[said("qwen", "a")]])
    );
}

#[test]
fn it_keeps_within_its_cap_and_cuts_the_longest_alone() {
    let long = "x".repeat(5000);
    let escaped = "\"\u{1}\n\u{1F980}".repeat(900);
    for most in [600, 1000, 4096, 20_000] {
        for texts in [
            [&*long, "short", &long, &escaped, &escaped],
            ["short", &escaped, "s", "t", &long],
            [&escaped, "", "", "", &escaped],
        ] {
            let result = written(texts, most);
            let bytes = result.to_string().len();
            assert!(bytes <= most, "{bytes} of {most}: {result}");
            let whole: usize = texts.iter().map(|text| super::bytes(text)).sum();
            // What is left is less than what is counted around the texts, and one character of each.
            assert!(
                whole < most || bytes + 64 + 5 * 24 >= most,
                "{bytes} of {most}"
            );
        }
        let result = written(["short", &long, "s", "t", &long], most);
        assert_eq!(result["rounds"][0][0]["content"], "short");
    }
}
