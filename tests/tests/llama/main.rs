//! Whole runs against llama.cpp's own HTTP server.
//!
//! Ignored where nobody asks for them, because the server has to be fetched from `PyPI` once, for Python 3.10 or newer:
//! `cargo test --workspace --test llama -- --ignored`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod clients;
mod context;
mod control_tokens;
mod dialects;
mod grammar;
mod rounds;
mod thinking;

use serde_json::{Value, json};
use tests::story::Told;

/// A call of the tool that most of the tests use; the fake service finds an article.
fn look_up() -> Value {
    json!({"query": "seven"})
}

/// Tools with their arguments, in the order of the calls.
fn asked(told: &Told) -> Vec<(String, Value)> {
    let calls = told.of("tool_call");
    let call = |it: &Value| {
        (
            it["tool"].as_str().unwrap().to_owned(),
            it["arguments"].clone(),
        )
    };
    calls.iter().map(call).collect()
}

/// All that was shown of a call's text.
fn shown(told: &Told, call_id: &str) -> String {
    let pieces = told.of("delta");
    let pieces = pieces.iter().filter(|it| it["call_id"] == call_id);
    pieces.map(|it| it["content"].as_str().unwrap()).collect()
}
