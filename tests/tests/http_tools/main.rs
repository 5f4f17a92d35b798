//! Tools that are servers of the operator's, on whole stacks: our JSON by POST, and whatever a server does is the result of that one call.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod absent;
mod faults;
mod files;
mod head;
mod invoke_endpoint;
mod repeated;
mod secrets;
mod server;
mod service;
