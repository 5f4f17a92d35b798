//! The command line.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Runs the orchestra on this machine: the page, the orchestrator, the tools, and a table on a file.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "serverless-llm",
    version,
    args_conflicts_with_subcommands = true
)]
pub struct Options {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) serve: ServeOptions,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts the stack (the default)
    Serve(ServeOptions),
}

/// Where the stack listens, and where it keeps what must last.
#[derive(Clone, Debug, Args)]
pub struct ServeOptions {
    /// Port of the page; 0 takes any free one
    #[arg(long, env = "PORT", default_value_t = 8080)]
    pub port: u16,
    /// Folder for the table's file
    #[arg(long, env = "DATA_DIR", default_value = ".local")]
    pub data_dir: PathBuf,
    /// Address to listen on; only loopback, as long as there are no access keys
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,
}

impl Options {
    pub(crate) fn serve_options(self) -> ServeOptions {
        match self.command {
            Some(Command::Serve(options)) => options,
            None => self.serve,
        }
    }
}
