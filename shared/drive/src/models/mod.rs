//! The catalogue's models as this process reaches them: their servers, what asking them has shown, and for which of them the circuit is open.

mod breaker;
mod breakers;
mod capabilities;
mod measured;
mod secret_keys;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use catalog::Catalog;
use model::{Client, Server};
use run::{ModelId, by_key};
use store::Measure;
use tokio::time::Instant;

use breaker::Breaker;
use breakers::Breakers;
pub(crate) use capabilities::{Capabilities, Memory, NoTools, smaller};
pub(crate) use measured::Measured;
pub use secret_keys::{ReadSecrets, SecretKeys};

use crate::clock::now_ms;

/// A model that has answered within this time is taken to be in memory still: servers that load models as they are asked for keep them
/// for as long at least.
const STAYS_LOADED: Duration = Duration::from_mins(4);

/// The servers of the catalogue's models.
#[derive(Debug)]
pub struct Models {
    pub client: Client,
    /// A model that is missing here is not configured.
    pub servers: BTreeMap<ModelId, Arc<Server>>,
    secret_keys: Box<SecretKeys>,
    memories: Mutex<BTreeMap<ModelId, Memory>>,
    breakers: Breakers,
    measured: Mutex<Measured>,
}

impl Models {
    pub(crate) fn new(
        client: Client,
        servers: BTreeMap<ModelId, Server>,
        secret_keys: Box<SecretKeys>,
    ) -> Self {
        let servers = servers.into_iter();
        let servers = by_key(servers.map(|(id, server)| (id, Arc::new(server))));
        Self {
            client,
            breakers: Breakers::of(&servers),
            servers,
            secret_keys,
            memories: Mutex::default(),
            measured: Mutex::default(),
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

    /// Whether the key of a model's server, which had been renewed so often when it was refused, is another from now on.
    pub(crate) async fn renews_key(&self, id: &ModelId, renewals: u64) -> bool {
        // In a box: every question waits in a future of which this is a part, and next to none needs it.
        Box::pin(self.secret_keys.renew(id, renewals, &self.servers)).await
    }

    /// Whether a model may be asked now; else for how long it is left alone. `has_others`: somebody else can be asked.
    pub(crate) fn admit(
        &self,
        id: &ModelId,
        has_others: bool,
        now: Instant,
    ) -> Result<(), Duration> {
        let admitted = self.breakers.with(id, |it| it.admit(has_others, now));
        admitted.unwrap_or(Ok(()))
    }

    pub(crate) fn answered(&self, id: &ModelId, now: Instant) {
        self.breakers.with(id, |breaker| breaker.answered(now));
    }

    pub(crate) fn failed(&self, id: &ModelId, now: Instant) {
        self.breakers.with(id, |breaker| breaker.failed(now));
    }

    /// It could not answer: others are asked first, for as long as its server asks, or some seconds.
    pub(crate) fn spare(&self, id: &ModelId, after: Option<Duration>, now: Instant) {
        self.breakers.with(id, |breaker| breaker.spare(after, now));
    }

    /// Whether a server that says nothing may be loading the model.
    pub(crate) fn may_be_loading(&self, id: &ModelId, now: Instant) -> bool {
        let answered = |breaker: &mut Breaker| breaker.has_answered_within(STAYS_LOADED, now);
        self.breakers.with(id, answered) != Some(true)
    }

    /// Notes what a call of a model has taken. The rehearsal model has no weights, and its haste says nothing of the model in whose place it
    /// answers.
    pub(crate) fn took(&self, id: &ModelId, measure: &Measure) {
        if self.servers.get(id).is_some_and(|server| !server.rehearsal) {
            self.measured(|it| it.note(id, measure, now_ms()));
        }
    }

    pub(crate) fn measured<T>(&self, with: impl FnOnce(&mut Measured) -> T) -> T {
        let mut measured = self.measured.lock().unwrap_or_else(PoisonError::into_inner);
        with(&mut measured)
    }

    /// About how long an answer of a model takes, in milliseconds: as it was measured lately, in five calls at least, else as the catalogue
    /// says.
    pub fn takes_ms(&self, catalog: &Catalog, id: &ModelId) -> Option<u64> {
        let typical_ms = catalog.model(id).and_then(|model| model.typical_ms);
        self.measured(|it| it.takes_ms(id, typical_ms, now_ms()))
    }

    /// The same, as far as it can be guessed from fewer calls: for the order in which models are asked.
    pub(crate) fn likely_takes_ms(&self, catalog: &Catalog, id: &ModelId) -> Option<u64> {
        let typical_ms = catalog.model(id).and_then(|model| model.typical_ms);
        self.measured(|it| it.likely_takes_ms(id, typical_ms, now_ms()))
    }

    /// The longest that replies of a model took to begin lately, where that is known.
    pub(crate) fn slowest_first_token(&self, id: &ModelId) -> Option<Duration> {
        self.measured(|it| it.slowest_first_token(id, now_ms()))
    }
}
