//! Performs what the pure loop commands and feeds back what happened. Shared by every function that drives runs.
//!
//! It knows no HTTP towards clients: a subscriber gets [`run::Update`]s over a channel.

mod append;
mod call;
mod cancel;
mod clock;
mod config;
mod config_error;
mod deadline;
mod driver;
mod effects;

mod finish;
mod inbox;
mod lease;
mod measure;
mod measuring;
mod model_servers;
mod models;
mod prompt;
mod run_catalogs;
mod services;
mod store_tasks;
mod sweep;
mod timers;
mod tool_sight;
mod tools;

pub use call::{
    LoneQuestion, LoneReply, LoneText, NotShown, ShownPrompt, Trial, ask_cheapest, begin_task,
    shown_prompt, try_call, wake_driver,
};
pub use cancel::{Cancelled, cancel};
pub use clock::now_ms;
pub use config::{Config, Draft, TableConfig, dollars};
pub use config_error::ConfigError;
pub use deadline::Deadline;
pub use driver::{Driver, NewDriver, Refusal, StartOutcome, TakenOver, Watched};
pub use finish::close_ended;
pub use model_servers::{as_catalogued, model_server};
pub use models::{Models, ReadSecrets, SecretKeys};
pub use prompt::SERVICE;
pub use services::{Services, Timing};
pub use sweep::{Swept, sweep};
pub use tool_sight::asked_by;
pub use tools::{Connect, HeaderValues, Probe, Tools};
