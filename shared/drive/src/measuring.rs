//! What models take, kept in the table for all processes: read at most once a minute, and written when a driver leaves its run. Nothing waits
//! long for either, and where the table cannot be used the runs go on as if nothing were known.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use run::{ModelId, Preferences, ToldOfModel};
use store::Measure;
use tokio::time::{Instant, timeout};

use crate::clock::now_ms;
use crate::models::Measured;
use crate::services::Services;

/// How long a start waits for what models take, where its orchestrator is told of it.
const START_WAITS: Duration = Duration::from_millis(300);
/// Longest read.
const READ_WITHIN: Duration = Duration::from_secs(5);
/// How long a driver that leaves waits for what it adds.
const WRITE_WITHIN: Duration = Duration::from_secs(1);

impl Services {
    /// What a run that begins now tells its orchestrator of models: nothing where no description of a tool of its tells of them.
    pub async fn told_of_models(
        self: &Arc<Self>,
        preferences: &Preferences,
    ) -> BTreeMap<ModelId, ToldOfModel> {
        let catalog = &self.catalog;
        let tool_set = self.tool_set(catalog, preferences);
        let nothing_is_told = tool_set.told_of_models(|_| None).is_empty();
        self.read_measures();
        if !nothing_is_told && timeout(START_WAITS, self.reading.acquire()).await.is_err() {
            tracing::debug!("a run begins before it is known what models take");
        }
        tool_set.told_of_models(|id| self.models.takes_ms(catalog, id))
    }

    /// Reads what models take, in a task of its own, unless that has been done less than a minute ago.
    pub(crate) fn read_measures(self: &Arc<Self>) {
        let Ok(reading) = Arc::clone(&self.reading).try_acquire_owned() else {
            return;
        };
        if !self.models.measured(|it| it.begin_read(Instant::now())) {
            return;
        }
        let services = Arc::clone(self);
        tokio::spawn(async move {
            // Starts wait for it.
            let _reading = reading;
            let models = services.models.servers.keys();
            let read_at_ms = now_ms();
            let read = services.store.measures(models, read_at_ms);
            match timeout(READ_WITHIN, read).await {
                Ok(Ok(read)) => {
                    tell(&read);
                    services.models.measured(|it| it.end_read(read, read_at_ms));
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, "it could not be read what models take");
                }
                Err(_) => tracing::warn!("it took too long to read what models take"),
            }
        });
    }

    /// Adds to the table what has been measured since this was last done.
    pub(crate) async fn write_measures(&self) {
        let unwritten = self.models.measured(Measured::take_unwritten);
        let write = self.store.add_measures(&unwritten);
        match timeout(WRITE_WITHIN, write).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "what models took could not be added to the table");
            }
            Err(_) => tracing::warn!("it took too long to add what models took to the table"),
        }
    }
}

/// Tells the operator what is known from now on.
fn tell(read: &BTreeMap<ModelId, Measure>) {
    for (model, measure) in read.iter().filter(|(_, measure)| measure.calls > 0) {
        tracing::info!(
            %model,
            calls = measure.calls,
            failures = measure.failures,
            first_token_ms = measure.first_token.median_ms(),
            tokens_a_second = measure.tokens_a_second(),
            takes_ms = measure.median_ms(),
            "what calls of a model have taken in this hour and the one before"
        );
    }
}
