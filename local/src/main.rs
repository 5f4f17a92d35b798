//! `cargo run`: the whole stack on this machine, and what reads its table.

use std::process::ExitCode;

use clap::Parser as _;
use local::Options;

#[tokio::main]
async fn main() -> ExitCode {
    host::logs::init();
    match local::perform(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
