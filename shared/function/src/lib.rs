//! How a function that drives runs begins and ends, and how its services are put together: in the orchestrator, in the driver
//! and in the local stack by the same hand.
//!
//! Refuses to know what such a function is asked.

mod clients;
mod run;
mod services;
mod table_connection;
mod tools;

pub use clients::{lambda_config, table_config};
pub use run::run;
pub use services::{config, model_client, services};
