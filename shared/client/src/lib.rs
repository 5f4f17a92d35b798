//! A client of this service's own HTTP interface: starts runs, reads their events, asks for what is known of them.
//!
//! It holds the service to its contract: what comes in another form is an error that says where, not something to be read
//! over. Refuses to wait, to try again and to start another stream by itself: its users know how long they have.

mod client;
mod error;
mod events;
mod frame;
mod header;

pub use client::{Client, START};
pub use error::{ClientError, Refusal};
pub use events::Events;
pub use frame::{Frame, Malformed, take_frames};
