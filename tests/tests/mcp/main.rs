//! Tools of servers that list them, on whole stacks.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../shared/mcp/tests/wire/stand.rs"]
mod stand;

mod calls;
mod lists;
mod service;
mod takeover;
