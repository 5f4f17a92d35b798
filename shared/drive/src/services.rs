//! What a driver works with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use catalog::{Catalog, ToolSet};
use model::{Client, Server};
use run::{Fallback, ModelId, Preferences};
use store::Store;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Config;
use crate::call::breaker::Breaker;
use crate::call::learned::{Learned, Memory};

/// Everything that driving a run needs from outside; made once a process.
#[derive(Debug)]
pub struct Services {
    pub store: Store,
    pub catalog: Catalog,
    pub models: Models,
    /// Reaches the tool functions.
    pub lambda: aws_sdk_lambda::Client,
    pub timing: Timing,
    /// The function that goes on with a suspended run, where there is one.
    pub driver_function: Option<String>,
    /// The drivers of this process, and the word that it is being stopped.
    pub(crate) drivers: TaskTracker,
    pub(crate) stopping: CancellationToken,
    /// One for each run that this process may drive at once.
    seats: Arc<Semaphore>,
}

/// Lengths of time that an operator may set.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long a driver holds a run without renewing.
    pub lease: Duration,
    /// How long a function may run, where the platform does not say.
    pub function: Duration,
    /// How long a stream of a watcher lasts, before its client is asked to come again.
    pub watch: Duration,
}

/// The servers of the catalogue's models.
#[derive(Debug)]
pub struct Models {
    pub client: Client,
    /// A model that is missing here is not configured.
    pub servers: BTreeMap<ModelId, Arc<Server>>,
    memories: Mutex<BTreeMap<ModelId, Memory>>,
    breakers: Mutex<BTreeMap<ModelId, Breaker>>,
}

impl Models {
    /// What asking a model has shown of it so far.
    pub(crate) fn learned(&self, id: &ModelId, now: Instant) -> Learned {
        self.learn(id, |memory| memory.at(now))
    }

    pub(crate) fn learn<T>(&self, id: &ModelId, with: impl FnOnce(&mut Memory) -> T) -> T {
        let mut memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        with(memories.entry(id.clone()).or_default())
    }

    /// Whether a model may be asked now; else for how long it is left alone.
    pub(crate) fn admit(&self, id: &ModelId, now: Instant) -> Result<(), Duration> {
        self.breaker(id, |breaker| breaker.admit(now))
    }

    pub(crate) fn answered(&self, id: &ModelId) {
        self.breaker(id, Breaker::answered);
    }

    pub(crate) fn failed(&self, id: &ModelId, now: Instant) {
        self.breaker(id, |breaker| breaker.failed(now));
    }

    fn breaker<T>(&self, id: &ModelId, with: impl FnOnce(&mut Breaker) -> T) -> T {
        let mut breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        with(breakers.entry(id.clone()).or_default())
    }
}

impl Services {
    /// The services as the environment configures them, over clients that the caller has made.
    pub fn new(
        config: Config,
        client: Client,
        dynamodb: aws_sdk_dynamodb::Client,
        lambda: aws_sdk_lambda::Client,
    ) -> Self {
        let servers = config.servers.into_iter();
        Self {
            store: Store::new(dynamodb, config.table, config.keep),
            catalog: config.catalog,
            models: Models {
                client,
                servers: servers.map(|(id, server)| (id, Arc::new(server))).collect(),
                memories: Mutex::default(),
                breakers: Mutex::default(),
            },
            lambda,
            timing: Timing {
                lease: config.lease,
                function: config.function,
                watch: config.watch,
            },
            driver_function: config.driver_function,
            drivers: TaskTracker::new(),
            stopping: CancellationToken::new(),
            seats: Arc::new(Semaphore::new(config.max_runs)),
        }
    }

    /// Lets all drivers of this process write what they hold and give up their runs, so that others can go on at once.
    pub async fn stop(&self) {
        self.stopping.cancel();
        self.drivers.close();
        self.drivers.wait().await;
    }

    /// The right to drive one more run, until it is dropped; none where as many are driven as may be.
    pub(crate) fn seat(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.seats).try_acquire_owned().ok()
    }

    /// The tools that a run with these preferences may use here.
    pub fn tool_set(&self, preferences: &Preferences) -> ToolSet<'_> {
        self.catalog
            .tool_set(preferences, |model| self.models.servers.contains_key(model))
    }

    /// Who answers in the last resort.
    pub fn fallback(&self, preferences: &Preferences) -> Option<Fallback> {
        self.tool_set(preferences).fallback()
    }
}
