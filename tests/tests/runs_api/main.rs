//! What can be done with runs that are there: cancel, list, delete, rate, sum up, follow up, start again, and what becomes of old ones.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cancel;
mod cancel_in_time;
mod cancel_lost;
mod change;
mod delete;
mod expiry;
mod follow_up;
mod held_model;
mod history;
mod idempotent_start;
mod prompts;
mod stats;
mod unreadable;
