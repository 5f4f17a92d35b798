//! The orchestra as a server of tools, on whole stacks.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod crash;
mod kit;
mod official_client;
mod protocol;
mod stdio;
mod tools;
mod waiting;
