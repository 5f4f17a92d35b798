//! Secrets are planted wherever a stack holds one, its servers repeat what they are sent, and nothing that anybody sees holds a form of one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod house;
mod planted;
mod runs;
mod servers;
