//! The fold: the state of a run as its log tells it.
//!
//! Drivers write only what [`decide`](crate::decide) proposes; starts and cancels are written beside them.

mod apply;
mod budget;
mod phase;
mod prior;
mod round;
mod run;
mod steps;
mod summary;
mod view;

pub use phase::{Phase, Step};
pub(crate) use round::utf16_len;
pub use round::{CallState, Decision, Round, Streamed};
pub use run::Run;
pub use summary::{Summary, Tally};
pub use view::FilesOf;
