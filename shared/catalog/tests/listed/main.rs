//! Given the list of a server's tools: what a run keeps, offers and checks.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod grammar;
mod kit;
mod laws;
mod lists;
mod schemas;
