//! A recorded run without what differs from one recording to the next: ids of runs and files, times, ports, and how the
//! speed of the machine has cut stored text.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tests::stream::Frame;

use crate::NEXT_CONNECTION;

const RUN_ID: &str = "01JZZZZZZZZZZZZZZZZZZZZZZZ";
const CREATED_AT: &str = "2026-01-02T03:04:05.678Z";
/// What each call takes.
const CALL_MS: u64 = 100;
const VERSION: &str = "version=";

/// The frames as they come over the wire, a comment between two connections.
pub fn written(connections: &[Vec<Frame>], awaited: &[&str]) -> String {
    let run_id = connections[0][0].data["run_id"].as_str().unwrap();
    let mut ids = 0..;
    let mut timed = 0;
    let connections = connections.iter().map(|frames| {
        let mut text = String::new();
        for mut frame in whole_texts(frames, awaited) {
            if !frame.data["duration_ms"].is_null() {
                timed += 1;
            }
            if frame.event() == "complete" {
                frame.data["summary"]["duration_ms"] = json!(CALL_MS * timed);
                let summary = frame.data["summary"].as_object_mut().unwrap();
                for by in ["by_model", "by_tool"] {
                    steady(&mut summary[by], run_id);
                }
            } else {
                steady(&mut frame.data, run_id);
            }
            if frame.is_stored() {
                let id: u64 = ids.by_ref().next().unwrap() + 1;
                writeln!(text, "id: {id}").unwrap();
            }
            writeln!(text, "data: {}\n", frame.data).unwrap();
        }
        text
    });
    connections.collect::<Vec<_>>().join(NEXT_CONNECTION)
}

pub fn is_live(frame: &Frame) -> bool {
    frame.event() == "delta" && !frame.is_stored()
}

/// The same frames where the stored text of an attempt stands once, whole, right before the event that ends the attempt or
/// else at the connection's end. Pings are left out, and live pieces that nobody has waited for.
fn whole_texts(frames: &[Frame], awaited: &[&str]) -> Vec<Frame> {
    let mut texts: Vec<Frame> = Vec::new();
    let mut whole = Vec::new();
    for frame in frames {
        let content = frame.data["content"].as_str().unwrap_or_default();
        if frame.event() == "ping" || (is_live(frame) && !awaited.contains(&content)) {
            continue;
        }
        if frame.event() == "delta" && frame.is_stored() {
            gather(&mut texts, frame.clone());
            continue;
        }
        let call_id = match frame.event() {
            "tool_result" | "retry" => frame.data["call_id"].as_str().unwrap().to_owned(),
            "orchestrator_thinking" | "round_decided" => {
                format!("r{}.orchestrator", frame.data["round"])
            }
            _ => String::new(),
        };
        let ends_all = frame.event() == "resumed";
        whole.extend(texts.extract_if(.., |it| ends_all || it.data["call_id"] == call_id));
        whole.push(frame.clone());
    }
    whole.extend(texts);
    whole
}

fn gather(texts: &mut Vec<Frame>, chunk: Frame) {
    let field = |it: &Frame, name: &str| it.data[name].clone();
    let names = ["call_id", "attempt"];
    let known = texts.iter_mut().find(|it| {
        names
            .iter()
            .all(|name| field(it, name) == field(&chunk, name))
    });
    match known {
        Some(text) => {
            let content = |it: &Frame| it.data["content"].as_str().unwrap().to_owned();
            text.data["content"] = json!(content(text) + &content(&chunk));
        }
        None => texts.push(chunk),
    }
}

fn steady(value: &mut Value, run_id: &str) {
    match value {
        Value::Object(fields) => {
            let calls = fields.get("calls").and_then(Value::as_u64).unwrap_or(1);
            for (name, value) in fields.iter_mut() {
                match name.as_str() {
                    "created_at" => *value = json!(CREATED_AT),
                    "duration_ms" if value.is_u64() => *value = json!(CALL_MS * calls),
                    "isolation" => *value = json!("strict"),
                    _ => steady(value, run_id),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| steady(value, run_id)),
        Value::String(text) => *text = steady_text(text, run_id),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn steady_text(text: &str, run_id: &str) -> String {
    let text = after_each(
        &text.replace(run_id, RUN_ID),
        "127.0.0.1:",
        |it| it.is_ascii_digit(),
        "8001",
    );
    after_each(
        &text,
        VERSION,
        |it| it.is_ascii_alphanumeric(),
        "01JZZZZZZZZZZZZZZZZZZZZZZY",
    )
}

/// Replaces the characters of a kind that follow each `mark`.
fn after_each(text: &str, mark: &str, is_of_kind: fn(char) -> bool, by: &str) -> String {
    let mut parts = text.split(mark);
    let mut replaced = parts.next().unwrap().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(is_of_kind);
        write!(replaced, "{mark}{by}{rest}").unwrap();
    }
    replaced
}
