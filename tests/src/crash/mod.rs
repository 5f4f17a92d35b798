//! A small world in which processes die: a table with faults, models and tools that count who asked them, and the service
//! in processes that can be killed or frozen at a named point.
//!
//! A process is a runtime of its own: killing it drops every task where it stands and closes every connection, and the table,
//! the models and the tools live on. What models say depends on the request alone, so that they can be asked again.

mod cast;
mod fuse;
mod lines;
mod process;
mod verify;
mod watcher;
mod world;

pub use cast::Cast;
pub use fuse::Fuse;
pub(crate) use lines::catalog;
pub use lines::{Calls, QUERY, whole_answer};
pub use process::{Frozen, Process};
pub use verify::{attempts, verify};
pub use watcher::Watcher;
pub use world::{Batch, DRIVER, World};
