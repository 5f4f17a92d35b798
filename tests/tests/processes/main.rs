//! Real processes of the local stack: real signals at random points, memory, and whom they trust.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod floods;
mod memory;
mod signals;
mod trust;

use tokio::sync::Mutex;

/// The machine's processors are for one test at a time: a process that is stopped has half a second, as in Lambda.
static ALONE: Mutex<()> = Mutex::const_new(());
