//! What a reply may cost, whatever a server or a model writes: as long as it is, however it is cut.

use model::{Decoder, Offered};
use serde_json::{Value, json};

/// The beginnings, middles and ends of calls, thoughts and frames in all dialects, each repeated without ever being closed.
const PIECES: &[&str] = &[
    "<",
    "<t",
    "<tool_call>",
    "<tool_call>{\"name\": \"search\", ",
    "</tool_call>",
    "<think>",
    "</think>",
    "<think></think>",
    "<|",
    "<|im_end|>",
    "<|python_tag|>",
    "<function=search>",
    "<function=search><parameter=query>",
    "<parameter=query>",
    "[TOOL_CALLS]",
    "[TOOL_CALLS][",
    "[",
    "[[",
    "{",
    "{\"name\":",
    "{\"name\": \"search\", \"arguments\": {",
    "```",
    "```json\n",
    "```json\n{",
    "```\n",
    "<|channel|>",
    "<|channel|>analysis<|message|>",
    "<|start|>assistant",
    "<|tool▁calls▁begin|>",
    "<|tool▁call▁begin|>function<|tool▁sep|>search\n```json\n",
    "<start_function_call>call:search{",
    "[search(query=\"",
    "search(",
    "<arg_key>query</arg_key><arg_value>",
    "<invoke name=\"search\">",
    "\\",
    "\\\"",
    "\"",
    "'",
    "\n",
    " ",
    "é",
    "\u{feff}",
    "a",
    "Action: search\nAction Input: ",
    "<search>",
    "functions.search:0",
    "§",
    "<tool",
    "<!--",
];

fn offered() -> Offered {
    let tool = |name: &str| json!({"type": "function", "function": {"name": name, "parameters": {"type": "object"}}});
    Offered::of_functions(&[tool("search"), tool("code_interpreter")])
}

fn frame(chunk: &Value) -> String {
    format!("data: {chunk}\n\n")
}

/// A stream of chunks, each with so many bytes of the text in this field.
fn stream(text: &str, field: &str, piece: usize) -> String {
    let mut frames = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (head, tail) = rest.split_at(rest.ceil_char_boundary(piece));
        let delta = match field {
            "arguments" => {
                json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "search", "arguments": head}}]})
            }
            field => json!({field: head}),
        };
        frames.push_str(&frame(&json!({"choices": [{"delta": delta}]})));
        rest = tail;
    }
    frames
}

/// Reads a body in pieces of so many bytes, to its end or its fault.
fn read(body: &str, piece: usize) -> usize {
    let mut decoder = Decoder::new(offered());
    let mut shown = 0;
    for bytes in body.as_bytes().chunks(piece) {
        decoder.feed(bytes);
        while let Ok(Some(_)) = decoder.next_piece() {
            shown += 1;
        }
    }
    decoder.end();
    while let Ok(Some(_)) = decoder.next_piece() {
        shown += 1;
    }
    decoder.into_message(0);
    shown
}

/// Streams stop where a text is too long, so that it is their whole length that counts.
#[test]
fn effort_of_no_stream_is_more_than_its_length() {
    let mut slow = Vec::new();
    for piece in PIECES {
        for (field, cut) in [("content", 40), ("reasoning_content", 400)] {
            // The text is 256 KB at most, and its frames are several times as much.
            let body = |bytes: usize| stream(&piece.repeat(bytes / 5 / piece.len()), field, cut);
            let name = format!("{piece:?} as {field}");
            slow.extend(effort::excess(&name, body, |body| read(body, 4096)));
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}

#[test]
fn effort_of_no_whole_reply_is_more_than_its_length() {
    let mut slow = Vec::new();
    for piece in PIECES {
        let body = |bytes: usize| {
            let text = piece.repeat(bytes / 4 / piece.len());
            json!({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})
                .to_string()
        };
        let name = format!("{piece:?} at once");
        slow.extend(effort::excess(&name, body, |body| read(body, 64 * 1024)));
    }
    assert!(slow.is_empty(), "{slow:#?}");
}

type Make = fn(usize) -> String;

#[test]
fn effort_of_no_frames_is_more_than_their_length() {
    let cases: [(&str, Make); 12] = [
        ("one line", |n| "data: x".repeat(n / 7)),
        ("open brackets", |n| format!("data: {}", "[".repeat(n))),
        ("pings", |n| ": ping\n\n".repeat(n / 8)),
        ("empty frames", |n| "data:\n\n".repeat(n / 7)),
        ("lines of one frame", |n| "data: {\n".repeat(n / 8)),
        ("carriage returns", |n| "\r".repeat(n)),
        ("unreadable frames", |n| {
            "data: {\"choices\"\n\n".repeat(n / 19)
        }),
        ("frames without anything", |n| {
            "data: {\"choices\":[]}\n\n".repeat(n / 23)
        }),
        ("events", |n| "event: x\nid: 1\nretry: 5\n\n".repeat(n / 26)),
        ("no stream at all", |n| "<html>".repeat(n / 6)),
        ("calls of ever new indices", |n| {
            (0..n / 120)
                .map(|i| frame(&json!({"choices": [{"delta": {"tool_calls": [{"index": i, "function": {"name": "search", "arguments": "{"}}]}}]})))
                .collect()
        }),
        ("arguments", |n| {
            stream(&"{\"a\":".repeat(n / 25), "arguments", 5)
        }),
    ];
    for (name, body) in cases {
        for piece in [7, 4096] {
            effort::assert_linear(&format!("{name} by {piece}"), body, |body| {
                read(body, piece)
            });
        }
    }
}
