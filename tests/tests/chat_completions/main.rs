//! The orchestra as a model of OpenAI's chat completions, as its clients see it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conversations;
mod cors;
mod failures;
mod kit;
mod models;
mod repeats;
mod streams;
mod tasks;
mod whole;
