//! The store on the embedded table: what each of its methods leaves there, and what it says of what it finds.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access_keys;
mod appending;
mod artifacts;
mod busy;
mod days;
mod deletion;
mod heads;
mod history;
mod kit;
mod latency;
mod limits;
mod list;
mod lost_answers;
mod paging;
mod rating;
mod reading;
mod requests;
mod starting;
mod watchers;
