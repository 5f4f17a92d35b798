//! What the catalogue does, one file a behaviour: given a catalogue, when a model asks, then this comes of it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

mod aliases;
mod alternatives;
mod calls;
mod chains;
mod discussions;
mod ending;
mod guide;
mod kit;
mod last_resort;
mod mcp;
mod mistakes;
mod models;
mod narrowing;
mod prices;
mod servers;
mod shipped;
mod targets;
mod undeclared;
