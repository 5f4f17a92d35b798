//! The command line of `keys`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use run::{Cost, Owner};
use store::Limits;

use super::limits::{self, Change};
use super::name;
use crate::data_dir;

/// Which table is worked on, and what is done with the keys there.
#[derive(Clone, Debug, Args)]
pub(crate) struct KeysOptions {
    /// Folder of the embedded table's file; `AWS_ENDPOINT_URL_DYNAMODB` names a table elsewhere
    #[arg(long, env = "DATA_DIR", default_value = data_dir::DEFAULT, global = true)]
    pub(crate) data_dir: PathBuf,
    #[command(subcommand)]
    pub(crate) command: KeysCommand,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Makes an access key and prints it, once: only its hash is stored
    Create(CreateOptions),
    /// Lists the owners of keys with their limits
    List(ListOptions),
    /// Changes what a key may use, within a minute
    Limit(LimitOptions),
    /// Ends a key: it is refused within a minute
    Revoke(RevokeOptions),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CreateOptions {
    /// Whose key it is: 1 to 40 of a-z, 0-9, `.`, `_` and `-`
    #[arg(long, value_parser = name::parse)]
    pub(crate) name: Owner,
    /// Runs that it may start within any 60 seconds, 1 to 600; without it, any number
    #[arg(long, value_name = "N", value_parser = limits::runs_per_minute)]
    runs_per_minute: Option<u32>,
    /// Runs that it may have under way at once, 1 to 200; without it, any number
    #[arg(long, value_name = "N", value_parser = limits::parallel)]
    parallel: Option<u32>,
    /// US dollars that its runs of a day (UTC) may cost together, up to 100000; without it, any number
    #[arg(long, value_name = "X", value_parser = limits::dollars)]
    usd_per_day: Option<Cost>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ListOptions {
    /// Prints one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct LimitOptions {
    /// Whose key it is
    #[arg(value_parser = name::parse)]
    pub(crate) name: Owner,
    #[command(flatten)]
    pub(crate) changes: Changes,
}

/// At least one limit is named; the others stay as they are.
#[derive(Clone, Copy, Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Changes {
    /// Runs that it may start within any 60 seconds, 1 to 600, or `none` for any number
    #[arg(long, value_name = "N|none", value_parser = limits::change(limits::runs_per_minute))]
    runs_per_minute: Option<Change<u32>>,
    /// Runs that it may have under way at once, 1 to 200, or `none` for any number
    #[arg(long, value_name = "N|none", value_parser = limits::change(limits::parallel))]
    parallel: Option<Change<u32>>,
    /// US dollars that its runs of a day (UTC) may cost together, up to 100000, or `none` for any number
    #[arg(long, value_name = "X|none", value_parser = limits::change(limits::dollars))]
    usd_per_day: Option<Change<Cost>>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct RevokeOptions {
    /// Whose key it is
    #[arg(value_parser = name::parse)]
    pub(crate) name: Owner,
}

impl CreateOptions {
    pub(crate) const fn limits(&self) -> Limits {
        Limits {
            runs_per_minute: self.runs_per_minute,
            parallel: self.parallel,
            per_day: self.usd_per_day,
        }
    }
}

impl Changes {
    /// Makes them.
    pub(crate) fn make(self, limits: &mut Limits) {
        Change::make(self.runs_per_minute, &mut limits.runs_per_minute);
        Change::make(self.parallel, &mut limits.parallel);
        Change::make(self.usd_per_day, &mut limits.per_day);
    }
}
