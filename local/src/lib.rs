//! The development stack: the functions of this project on loopback, over the same APIs as in AWS.
//!
//! An embedded `DynamoDB`, an Invoke endpoint for the tool functions, the orchestrator's own router, the page, and a
//! rehearsal model where no model server is found. Nothing of it is a second implementation of anything.

pub mod connections;
pub mod guard;
pub mod invoke;
pub mod table;

mod aws_environment;
mod data_dir;
mod discover;
mod driver_function;
mod embedded;
mod holder;
mod keys;
mod mcp;
mod network;
mod open_table;
mod options;
mod output;
mod pause;
mod place;
mod records;
mod runs;
mod serve;
mod settings;
mod text;
mod tool_functions;
mod tools;

use options::Command;

pub use options::{Options, ServeOptions};
pub use serve::Stack;
pub use settings::{Place, Settings};
pub use tool_functions::Tools;

/// Does what the command line asks for.
pub async fn perform(options: Options) -> anyhow::Result<()> {
    match options.command() {
        Command::Serve(options) => serve::serve(options).await,
        Command::Runs(options) => runs::perform(options).await,
        Command::Tools(options) => tools::perform(options).await,
        Command::Keys(options) => keys::perform(options).await,
        Command::Pause(options) => pause::pause(options).await,
        Command::Resume(options) => pause::resume(options).await,
        Command::Mcp(options) => mcp::perform(options).await,
    }
}
