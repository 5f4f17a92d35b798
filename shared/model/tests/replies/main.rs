//! Replies as servers get them wrong, kind by kind: what a reader comes to, however the bytes are cut.
//!
//! Most were told of in public reports of clients, gateways and servers; all are shortened to what matters.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

mod calls;
mod decisions;
mod end;
mod errors;
mod json;
#[path = "../kit/mod.rs"]
mod kit;
mod marks;
#[path = "../kit/noise.rs"]
mod noise;
mod silence;
mod stream;
mod thoughts;

use kit::{Outcome, read};
use model::{Decoder, Offered};
use serde_json::{Value, json};

/// The tools of these tests, as the product ships them.
fn offered() -> Offered {
    let tool = |name: &str, arguments: &[(&str, &str)]| {
        let properties: serde_json::Map<_, _> = arguments
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), json!({"type": kind})))
            .collect();
        json!({"type": "function", "function": {"name": name, "parameters": {"properties": properties}}})
    };
    let tools = [
        tool("search", &[("query", "string"), ("num_results", "integer")]),
        tool(
            "code_interpreter",
            &[("code", "string"), ("timeout", "integer")],
        ),
        tool("answer", &[("model", "string"), ("problem", "string")]),
        tool("enhance_reasoning", &[("model", "string")]),
    ];
    let aliases = [
        ("python", "code_interpreter"),
        ("execute_python", "code_interpreter"),
    ];
    let aliases = aliases.map(|(alias, tool)| (alias.to_owned(), tool.to_owned()));
    Offered::of_functions(&tools).with_aliases(aliases)
}

/// What a reply comes to, in one line: `text | thought | calls | reason`, or `text | error`.
fn told(outcome: &Outcome) -> String {
    let message = match &outcome.ended {
        Ok(message) => message,
        Err(error) => return format!("{} | {}: {error}", outcome.shown, error.code()),
    };
    let calls = message.calls.iter();
    let calls = calls.map(|call| format!("{}{}", call.name, call.arguments));
    let cut = message.cut_calls.iter().map(|name| format!("{name} cut"));
    let calls: Vec<_> = calls.chain(cut).collect();
    format!(
        "{} | {} | {} | {}",
        message.content,
        message.reasoning.as_deref().unwrap_or_default(),
        calls.join(" "),
        message.finish_reason,
    )
}

/// Reads a body whole, in single bytes, and cut in two at every byte.
fn outcome(body: &[u8]) -> String {
    let whole = read(Decoder::new(offered()), [body]);
    assert_eq!(
        read(Decoder::new(offered()), body.chunks(1)),
        whole,
        "byte by byte: {}",
        String::from_utf8_lossy(body)
    );
    for at in 0..body.len() {
        let (head, tail) = body.split_at(at);
        let cut = read(Decoder::new(offered()), [head, tail]);
        assert_eq!(cut, whole, "cut at {at}: {}", String::from_utf8_lossy(body));
    }
    told(&whole)
}

/// What a text comes to, in one delta and in several, however it is cut.
fn said(text: &str) -> String {
    let delta = |text: &str, reason: &Value| {
        json!({"choices": [{"delta": {"content": text}, "finish_reason": reason}]}).to_string()
    };
    let whole = outcome(&stream(&[&delta(text, &json!("stop"))]));
    let in_deltas = |texts: &[&str]| {
        let deltas = texts.iter().map(|text| delta(text, &Value::Null));
        let frames: Vec<_> = deltas.chain([STOP.to_owned()]).collect();
        let frames: Vec<_> = frames.iter().map(|frame| &**frame).collect();
        told(&read(Decoder::new(offered()), [&*stream(&frames)]))
    };
    let chars = text.char_indices();
    let chars: Vec<_> = chars.map(|(at, c)| &text[at..at + c.len_utf8()]).collect();
    assert_eq!(in_deltas(&chars), whole, "character by character: {text}");
    for (at, _) in text.char_indices().skip(1) {
        let (head, tail) = text.split_at(at);
        assert_eq!(in_deltas(&[head, tail]), whole, "{head}|{tail}");
    }
    whole
}

/// A body of frames, each of one JSON text.
fn stream(frames: &[&str]) -> Vec<u8> {
    let frames = frames.iter().map(|frame| format!("data: {frame}\n\n"));
    frames.collect::<String>().into_bytes()
}

fn assert_reads(cases: &[(&[&str], &str)]) {
    for (frames, expected) in cases {
        assert_eq!(outcome(&stream(frames)), *expected, "{frames:#?}");
    }
}

/// The same for bodies that are not made of ordinary frames.
fn assert_bodies(cases: &[(&[u8], &str)]) {
    for (body, expected) in cases {
        let shown = String::from_utf8_lossy(body);
        assert_eq!(outcome(body), *expected, "{shown}");
    }
}

const SO: &str = r#"{"choices":[{"delta":{"content":"So."}}]}"#;
const STOP: &str = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
const DONE: &str = "[DONE]";
