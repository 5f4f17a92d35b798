//! What a run costs the table: its writes by number and by size, and what they hold.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod items;
mod numbers;
mod stand;
