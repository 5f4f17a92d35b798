//! What a scripted model server says to one request.

use serde_json::{Value, json};

use crate::gate::Gate;

/// One reply.
#[derive(Clone, Debug)]
pub enum Script {
    /// Server-sent events, as model servers write them.
    Stream(Vec<Step>),
    /// A whole body at once.
    Plain {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// Takes the request and never answers.
    Silence,
    /// Takes the request, and sends not even a head before the test opens the gate.
    Late(Gate, Box<Script>),
}

/// One step of a stream.
#[derive(Clone, Debug)]
pub enum Step {
    Bytes(Vec<u8>),
    /// Nothing more until the test opens the gate.
    Gate(Gate),
    /// The connection breaks.
    Break,
    /// Nothing more, for ever.
    Silence,
    /// Nothing but pings, for ever.
    Pings,
}

/// One part of a reply, in the words of the protocol.
#[derive(Clone, Debug)]
pub enum Part {
    Reasoning(String),
    Text(String),
    Call { name: String, arguments: String },
    Finish(&'static str),
    Usage { input: u64, output: u64 },
    Frame(Value),
    Step(Step),
}

/// A stream with its `[DONE]`.
pub fn sse(parts: impl IntoIterator<Item = Part>) -> Script {
    let mut steps = steps(parts);
    steps.push(Step::Bytes(b"data: [DONE]\n\n".to_vec()));
    Script::Stream(steps)
}

/// A stream that just ends, or never does.
pub fn unfinished(parts: impl IntoIterator<Item = Part>) -> Script {
    Script::Stream(steps(parts))
}

/// Text without a call: the usual end of a reply, 10 tokens in and 5 out.
pub fn says(content: &str) -> Script {
    sse([text(content), finish("stop"), usage(10, 5)])
}

/// Calls and nothing else, 10 tokens in and 5 out.
pub fn calls(calls: impl IntoIterator<Item = Part>) -> Script {
    let end = [finish("tool_calls"), usage(10, 5)];
    sse(calls.into_iter().chain(end))
}

/// A whole body with a status.
pub fn plain(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Script {
    Script::Plain {
        status,
        headers: vec![("content-type", content_type.to_owned())],
        body: body.into(),
    }
}

/// A whole JSON body with a status.
pub fn json_body(status: u16, body: &Value) -> Script {
    plain(status, "application/json", body.to_string())
}

pub fn reasoning(content: &str) -> Part {
    Part::Reasoning(content.to_owned())
}

pub fn text(content: &str) -> Part {
    Part::Text(content.to_owned())
}

pub fn call(name: &str, arguments: Value) -> Part {
    call_text(name, &arguments.to_string())
}

/// A call whose arguments are any text.
pub fn call_text(name: &str, arguments: &str) -> Part {
    Part::Call {
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    }
}

pub fn answer(model: &str) -> Part {
    call("answer", json!({"model": model}))
}

pub fn finish(reason: &'static str) -> Part {
    Part::Finish(reason)
}

pub const fn usage(input: u64, output: u64) -> Part {
    Part::Usage { input, output }
}

pub fn gate(gate: &Gate) -> Part {
    Part::Step(Step::Gate(gate.clone()))
}

fn steps(parts: impl IntoIterator<Item = Part>) -> Vec<Step> {
    let mut steps = vec![chunk(&json!({"role": "assistant", "content": null}))];
    let mut index = 0;
    for part in parts {
        match part {
            Part::Reasoning(content) => steps.push(chunk(&json!({"reasoning_content": content}))),
            Part::Text(content) => steps.push(chunk(&json!({"content": content}))),
            Part::Call { name, arguments } => {
                steps.extend(call_chunks(index, &name, &arguments));
                index += 1;
            }
            Part::Finish(reason) => {
                let choice = json!({"index": 0, "delta": {}, "finish_reason": reason});
                steps.push(frame(&json!({"choices": [choice]})));
            }
            Part::Usage { input, output } => {
                let usage = json!({"prompt_tokens": input, "completion_tokens": output});
                steps.push(frame(&json!({"choices": [], "usage": usage})));
            }
            Part::Frame(value) => steps.push(frame(&value)),
            Part::Step(step) => steps.push(step),
        }
    }
    steps
}

/// As llama-server writes a call: id and name once, then the arguments in fragments.
fn call_chunks(index: usize, name: &str, arguments: &str) -> Vec<Step> {
    let (head, tail) = arguments.split_at(arguments.floor_char_boundary(arguments.len() / 2));
    let function = json!({"name": name, "arguments": head});
    let id = format!("{index:032}");
    let first = json!({"index": index, "id": id, "type": "function", "function": function});
    let rest = json!({"index": index, "function": {"arguments": tail}});
    vec![
        chunk(&json!({"tool_calls": [first]})),
        chunk(&json!({"tool_calls": [rest]})),
    ]
}

fn chunk(delta: &Value) -> Step {
    frame(&json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]}))
}

fn frame(value: &Value) -> Step {
    Step::Bytes(format!("data: {value}\n\n").into_bytes())
}
