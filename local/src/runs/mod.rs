//! `runs`: what an operator reads of the stored runs, straight from the table.
//!
//! Refuses to write: no run is taken over, no table made. So it works beside a running stack, and without one.

mod export;
mod line;
mod list;
mod show;
mod stats;
mod tail;

use crate::options::{RunsCommand, RunsOptions};
use crate::output;
use crate::records::Records;

/// Reads what is asked for, and prints it.
pub(crate) async fn perform(options: RunsOptions) -> anyhow::Result<()> {
    let records = Records::to_read(&options.data_dir).await?;
    let performed = match options.command {
        RunsCommand::List(options) => list::list(&records, options).await,
        RunsCommand::Show(options) => show::show(&records, options).await,
        RunsCommand::Stats(options) => stats::stats(&records, options).await,
        RunsCommand::Tail(options) => tail::tail(&records, options).await,
        RunsCommand::Export(options) => export::export(&records, options).await,
    };
    match performed {
        Err(error) if output::is_closed_pipe(&error) => Ok(()),
        Err(error) => Err(records.explain(error)),
        Ok(()) => Ok(()),
    }
}
