//! What the loop does, one file a behaviour.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

mod answering;
mod answering_by_schema;
mod budget;
mod cancelling;
mod chaining;
mod choosing_tools;
mod deciding;
mod discussing;
mod files;
mod kit;
mod leaving;
mod names;
mod older_logs;
mod prices;
mod refusing;
mod retrying;
mod settling_by_discussion;
mod taking_over;
mod totals;
mod waking;
mod writing;
