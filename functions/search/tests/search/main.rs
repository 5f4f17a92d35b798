//! The whole tool against a stand-in for the web that answers as each provider does, well or badly.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chain;
mod cleaned;
mod connections;
mod hostile;
mod instant_answers;
mod providers;
mod refusals;
mod stand;
