//! Who may use the service, and how much: access keys, owners, limits, share links, the pause.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod keys;
mod kit;
mod limits;
mod owners;
mod paused;
mod sharing;
mod visitors;
