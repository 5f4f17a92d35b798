//! The client against servers on ports of their own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod calls;
mod client;
mod faults;
mod lists;
mod stand;
