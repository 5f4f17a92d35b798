//! What the table holds, for commands that read it or change single things in it.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use drive::{TableConfig, now_ms};
use run::{Run, RunId, Seq};
use store::{Consistency, LogEvent, Store, StoreError};

use crate::open_table::{self, Missing, OpenTable};

/// The table that the environment names.
pub(crate) struct Records {
    pub(crate) store: Store,
    /// Which table it is, for people.
    pub(crate) shown: String,
}

impl Records {
    /// Opens it to be read. Makes and changes nothing.
    pub(crate) async fn to_read(data_dir: &Path) -> anyhow::Result<Self> {
        let config = config()?;
        let table = open_table::to_read(&config.name, data_dir).await?;
        Ok(Self::of(table, config))
    }

    /// Opens it to be changed, beside whoever works on it.
    pub(crate) async fn to_change(data_dir: &Path, missing: Missing) -> anyhow::Result<Self> {
        let config = config()?;
        let table = open_table::to_change(&config.name, data_dir, missing).await?;
        Ok(Self::of(table, config))
    }

    fn of(table: OpenTable, TableConfig { name, keep }: TableConfig) -> Self {
        Self {
            store: Store::new(table.client, name, keep),
            shown: table.shown,
        }
    }

    /// A run of whatever owner and its events, read strongly.
    pub(crate) async fn run(&self, id: &str) -> anyhow::Result<(Run, Vec<LogEvent>)> {
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
    pub(crate) fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        let shown = &self.shown;
        match error.downcast_ref() {
            Some(StoreError::NoTable { .. }) => anyhow!(
                "there is no table {shown}: check TABLE_NAME, and for a table elsewhere AWS_REGION and AWS_ENDPOINT_URL_DYNAMODB"
            ),
            Some(
                StoreError::Unavailable { .. }
                | StoreError::Unreadable { .. }
                | StoreError::EventTooLarge { .. },
            ) => error.context(shown.clone()),
            None => error,
        }
    }
}

fn config() -> anyhow::Result<TableConfig> {
    TableConfig::from_env().context("read the configuration")
}
