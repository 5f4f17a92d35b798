//! Answers by a schema: asked for so, checked here, and asked for once more.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chat;
mod discussions;
mod mending;
mod prompts;
mod refusals;
mod responses;
mod schemas;
mod server;
mod servers;
