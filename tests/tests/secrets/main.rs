//! Secrets are planted wherever a stack holds one, its servers repeat what they are sent, and nothing that anybody sees holds a form of one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::format_collect,
    reason = "what is written out by hand is short, and says what it does"
)]

mod house;
mod planted;
mod runs;
mod servers;
