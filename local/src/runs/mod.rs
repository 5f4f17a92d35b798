//! `runs`: what an operator reads of the stored runs, straight from the table.
//!
//! Refuses to write: no run is taken over, no table made. So it works beside a running stack, and without one.

mod export;
mod line;
mod list;
mod show;
mod tail;
mod text;

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use drive::{TableConfig, now_ms};
use run::{Run, RunId, Seq};
use serde::Serialize;
use store::{Consistency, LogEvent, Store, StoreError};

use crate::open_table;
use crate::options::{RunsCommand, RunsOptions};

/// Reads what is asked for, and prints it.
pub(crate) async fn perform(options: RunsOptions) -> anyhow::Result<()> {
    let records = Records::open(&options.data_dir).await?;
    let performed = match options.command {
        RunsCommand::List(options) => list::list(&records, options).await,
        RunsCommand::Show(options) => show::show(&records, options).await,
        RunsCommand::Tail(options) => tail::tail(&records, options).await,
        RunsCommand::Export(options) => export::export(&records, options).await,
    };
    match performed {
        Err(error) if is_closed_pipe(&error) => Ok(()),
        Err(error) => Err(records.explain(error)),
        Ok(()) => Ok(()),
    }
}

/// The table's runs, to be read.
struct Records {
    store: Store,
    /// Which table it is, for people.
    shown: String,
}

impl Records {
    async fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let TableConfig { name, keep } =
            TableConfig::from_env().context("read the configuration")?;
        let table = open_table::to_read(&name, data_dir).await?;
        Ok(Self {
            store: Store::new(table.client, name, keep),
            shown: table.shown,
        })
    }

    /// A run of whatever owner and its events, read strongly.
    async fn run(&self, id: &str) -> anyhow::Result<(Run, Vec<LogEvent>)> {
        let Ok(run_id) = id.parse::<RunId>() else {
            bail!(
                "{id:?} is not the id of a run: those have 26 characters, and `runs list` shows them"
            );
        };
        let log = self
            .store
            .read(run_id, Seq(1), Consistency::Strong, now_ms())
            .await?;
        let run = Run::fold(log.events.iter().map(|(_, event)| event));
        let run = run.with_context(|| {
            format!(
                "there is no run {run_id} in {}, or its time is over",
                self.shown
            )
        })?;
        Ok((run, log.events))
    }

    /// Says which table it was, and where there is none, what decides that.
    fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        let shown = &self.shown;
        match error.downcast_ref() {
            Some(StoreError::NoTable { .. }) => anyhow!(
                "there is no table {shown}: check TABLE_NAME, and for a table elsewhere AWS_REGION and AWS_ENDPOINT_URL_DYNAMODB"
            ),
            Some(
                StoreError::Unavailable { .. }
                | StoreError::Unreadable { .. }
                | StoreError::EventTooLarge { .. },
            ) => error.context(format!("read {shown}")),
            None => error,
        }
    }
}

/// Prints at once: somebody may read along.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.context("write to standard output")
}

fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut json = text::json(value)?;
    json.push('\n');
    print(&json)
}

/// Whether whoever read standard output has read enough, as `head` does.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
