//! The stored runs.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use drive::{TableConfig, now_ms};
use run::{Run, RunId, Seq};
use store::{Consistency, LogEvent, Store, StoreError};

use crate::open_table;

/// The table's runs, to be read.
pub(super) struct Records {
    pub(super) store: Store,
    /// Which table it is, for people.
    pub(super) shown: String,
}

impl Records {
    pub(super) async fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let TableConfig { name, keep } =
            TableConfig::from_env().context("read the configuration")?;
        let table = open_table::to_read(&name, data_dir).await?;
        Ok(Self {
            store: Store::new(table.client, name, keep),
            shown: table.shown,
        })
    }

    /// A run of whatever owner and its events, read strongly.
    pub(super) async fn run(&self, id: &str) -> anyhow::Result<(Run, Vec<LogEvent>)> {
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
    pub(super) fn explain(&self, error: anyhow::Error) -> anyhow::Error {
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
