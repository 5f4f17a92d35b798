//! The command line.

use std::convert::Infallible;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use orchestrator::wire::{RunList, Stats};
use run::{Owner, RunId};
use secret::Secret;

use crate::data_dir;
use crate::keys::options::KeysOptions;
use crate::pause::options::{PauseOptions, ResumeOptions};
use crate::text;

/// Runs the orchestra on this machine: the page, the orchestrator, the tools, and a table on a file.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "serverless-llm",
    version,
    args_conflicts_with_subcommands = true
)]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeOptions,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts the stack (the default)
    Serve(ServeOptions),
    /// Reads stored runs from the table, beside a running stack or without one; changes nothing
    Runs(RunsOptions),
    /// Tries the tools of the catalogue, without a stack; stores no run
    Tools(ToolsOptions),
    /// Makes access keys, limits and ends them, beside a running stack or without one
    Keys(KeysOptions),
    /// Lets no run begin, whoever asks; runs that are under way go on
    Pause(PauseOptions),
    /// Lets runs begin again after `pause`
    Resume(ResumeOptions),
    /// Speaks the Model Context Protocol on standard input and output, for programs that ask the orchestra as a tool
    Mcp(McpOptions),
}

/// Where the stack listens, and where it keeps what must last.
#[derive(Clone, Debug, Args)]
pub struct ServeOptions {
    /// Port of the page; 0 takes any free one
    #[arg(long, env = "PORT", default_value_t = 8080)]
    pub port: u16,
    /// Folder for the table's file
    #[arg(long, env = "DATA_DIR", default_value = data_dir::DEFAULT)]
    pub data_dir: PathBuf,
    /// Address to listen on; any other only with an access key (`keys create`, or `ACCESS_KEY_SHA256`)
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,
}

/// Whom the messages are for.
#[derive(Clone, Debug, Args)]
pub(crate) struct McpOptions {
    /// Address of a deployment; without one, the stack of this machine is asked, and started where none runs
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// Access key; better set as a variable, as other users of the machine can read arguments
    #[arg(long, env = "ACCESS_KEY", hide_env_values = true)]
    pub(crate) key: Option<Secret>,
    /// Folder for the table's file of the stack of this machine
    #[arg(long, env = "DATA_DIR", default_value = data_dir::DEFAULT)]
    pub(crate) data_dir: PathBuf,
}

/// Which table is read, and what of it.
#[derive(Clone, Debug, Args)]
pub(crate) struct RunsOptions {
    /// Folder of the embedded table's file; `AWS_ENDPOINT_URL_DYNAMODB` names a table elsewhere
    #[arg(long, env = "DATA_DIR", default_value = data_dir::DEFAULT, global = true)]
    pub(crate) data_dir: PathBuf,
    #[command(subcommand)]
    pub(crate) command: RunsCommand,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// Lists an owner's runs, newest first
    List(ListOptions),
    /// Shows one run: question, rounds, costs, answer
    Show(ShowOptions),
    /// Sums up what an owner's runs took, day by day (UTC), newest first
    Stats(StatsOptions),
    /// Prints the events of a run, and follows it to its end
    Tail(TailOptions),
    /// Writes a run as one JSON document: snapshot and all events
    Export(ExportOptions),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ListOptions {
    /// Whose runs: the name of a key's owner, or `default`, as without a key of the table
    #[arg(long, default_value = text::DEFAULT_OWNER, value_parser = owner)]
    pub(crate) owner: Owner,
    /// Runs on a page
    #[arg(long, default_value_t = RunList::DEFAULT_LIMIT, value_parser = limit())]
    pub(crate) limit: u32,
    /// Goes on after this run: what the page before ended with
    #[arg(long)]
    pub(crate) cursor: Option<RunId>,
    /// Prints what `GET /api/runs` answers
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ShowOptions {
    /// The run's id
    pub(crate) id: String,
    /// Prints what `GET /api/runs/{id}` answers
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct StatsOptions {
    /// Whose runs: the name of a key's owner, or `default`, as without a key of the table
    #[arg(long, default_value = text::DEFAULT_OWNER, value_parser = owner)]
    pub(crate) owner: Owner,
    /// How many days back, today's among them
    #[arg(long, default_value_t = Stats::DEFAULT_DAYS, value_parser = days())]
    pub(crate) days: u32,
    /// Prints what `GET /api/stats` answers
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct TailOptions {
    /// The run's id
    pub(crate) id: String,
    /// Begins after the event with this id
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    pub(crate) after: u64,
    /// Prints one JSON object a line: the event with its id
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ExportOptions {
    /// The run's id
    pub(crate) id: String,
    /// Writes to this file, not to standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// What is done with the tools.
#[derive(Clone, Debug, Args)]
pub(crate) struct ToolsOptions {
    #[command(subcommand)]
    pub(crate) command: ToolsCommand,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ToolsCommand {
    /// Asks every model and tool of the catalogue whether it is there; calls none
    Check(CheckOptions),
    /// Calls one tool, as a run would, and prints its response as JSON
    Call(CallOptions),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CheckOptions {
    /// Prints one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// Folder that keeps what servers said of their tools, so that the next check tells what has changed
    #[arg(long, env = "DATA_DIR", default_value = data_dir::DEFAULT)]
    pub(crate) data_dir: PathBuf,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CallOptions {
    /// The tool's name in the catalogue
    pub(crate) name: String,
    /// Its arguments, a JSON object
    #[arg(default_value = "{}")]
    pub(crate) arguments: String,
    /// What a model takes for the question where the arguments have none
    #[arg(long, default_value = "")]
    pub(crate) question: String,
    /// Folder that the files of the response are written to; without it they are listed alone
    #[arg(long, value_name = "FOLDER")]
    pub(crate) files: Option<PathBuf>,
}

/// Any name may be asked for: whoever reads the table sees all of it. Two are those of one who is stored under another name.
#[expect(clippy::unnecessary_wraps, reason = "what clap takes for a parser")]
fn owner(name: &str) -> Result<Owner, Infallible> {
    Ok(match name {
        text::DEFAULT_OWNER | "local" => Owner::unnamed(),
        _ => Owner::new(name),
    })
}

fn limit() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=i64::from(RunList::MAX_LIMIT))
}

fn days() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=i64::from(Stats::MAX_DAYS))
}

impl Options {
    /// Whether a stack is started.
    pub const fn serves(&self) -> bool {
        match self.command {
            None | Some(Command::Serve(_)) => true,
            Some(
                Command::Runs(_)
                | Command::Tools(_)
                | Command::Keys(_)
                | Command::Pause(_)
                | Command::Resume(_)
                | Command::Mcp(_),
            ) => false,
        }
    }

    pub(crate) fn command(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }
}
