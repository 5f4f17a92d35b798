//! A run survives whatever happens to the process, the connection, the store or the clock.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod busy;
mod connection;
mod faults;
mod frozen;
mod kill_points;
mod outliving;
mod racing;
mod thawed;
