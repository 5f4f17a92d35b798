//! Performs what the pure loop commands and feeds back what happened. Shared by every function that drives runs.
//!
//! It knows no HTTP towards clients: whoever watches gets [`run::Telling`]s over a channel.

mod append;
mod call;
mod cancel;
mod clock;
mod config;
mod deadline;
mod driver;
mod lease;
mod prompt;
mod services;
mod sweep;
mod work;

pub use cancel::{Cancelled, cancel};
pub use clock::now_ms;
pub use config::{Config, ConfigError};
pub use deadline::Deadline;
pub use driver::{AUDIENCE_CAPACITY, Begun, Driver, TakenOver};
pub use services::{Models, Services, Timing};
pub use sweep::{Swept, sweep};
