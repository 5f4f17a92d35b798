//! `cargo run`: the whole stack on this machine, and what reads its table.

use std::process::ExitCode;

use clap::Parser as _;
use local::Options;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    if options.serves() {
        host::logs::init();
    } else {
        host::logs::init_for_command();
    }
    match local::perform(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
