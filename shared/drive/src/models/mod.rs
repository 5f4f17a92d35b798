//! The catalogue's models as this process reaches them: their servers, what asking them has shown, and for which of them the circuit is open.

mod breaker;
mod capabilities;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::{Client, Server};
use run::ModelId;
use tokio::time::Instant;

use breaker::Breaker;
pub(crate) use capabilities::{Capabilities, Memory, NoTools, smaller};

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
    pub(crate) fn new(client: Client, servers: BTreeMap<ModelId, Server>) -> Self {
        let servers = servers.into_iter();
        Self {
            client,
            servers: servers.map(|(id, server)| (id, Arc::new(server))).collect(),
            memories: Mutex::default(),
            breakers: Mutex::default(),
        }
    }

    /// What asking a model has shown of it so far.
    pub(crate) fn capabilities(&self, id: &ModelId, now: Instant) -> Capabilities {
        self.learn(id, |memory| memory.at(now))
    }

    pub(crate) fn learn<T>(&self, id: &ModelId, with: impl FnOnce(&mut Memory) -> T) -> T {
        let mut memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        with(memories.entry(id.clone()).or_default())
    }

    /// Whether a model may be asked now; else for how long its circuit stays open.
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
