//! Keys that make a start idempotent: the same key starts one run, however often it is sent.

use run::{Owner, RunId, hex};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::item::{self, EXPIRES_AT, Item, PK, SK};
use crate::schema::{self, SCHEMA, SCHEMA_VERSION};
use crate::{Store, StoreError};

/// How long a key is remembered, in seconds.
const KEPT_SECONDS: u64 = 24 * 60 * 60;
pub(crate) const SORT: &str = "IDEM";
pub(crate) const RUN_ID: &str = "run_id";
const REQUEST: &str = "request";

/// A caller's key with the request that it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    key_hash: String,
    request_hash: String,
    /// A run that it has started before, and which does not count any more.
    replaced: Option<RunId>,
}

/// The run that a key has started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    pub run_id: RunId,
    request_hash: String,
}

impl IdempotencyKey {
    /// Keys are stored as hashes: what callers put into them is nobody else's business. Equal requests are equal as JSON.
    pub fn new(key: &str, request: &impl Serialize) -> Result<Self, StoreError> {
        let request = serde_json::to_vec(request)
            .map_err(|error| StoreError::unreadable("a request", error.to_string()))?;
        Ok(Self {
            key_hash: hash(key.as_bytes()),
            request_hash: hash(&request),
            replaced: None,
        })
    }

    /// The key, for a start in the place of a run that it has started before.
    #[must_use]
    pub fn in_place_of(self, replaced: RunId) -> Self {
        Self {
            replaced: Some(replaced),
            ..self
        }
    }

    /// The run whose record may be written over, as it stands in the table; no run is called so where there is none.
    pub(crate) fn replaced(&self) -> String {
        self.replaced
            .map(|run_id| run_id.to_string())
            .unwrap_or_default()
    }

    pub(crate) fn partition(&self, owner: &Owner) -> String {
        partition(owner, &self.key_hash)
    }

    pub(crate) fn item(&self, owner: &Owner, run_id: RunId, now_ms: u64) -> Item {
        let expires_at = now_ms / 1000 + KEPT_SECONDS;
        Item::from([
            (PK.to_owned(), item::text(partition(owner, &self.key_hash))),
            (SK.to_owned(), item::text(SORT)),
            (RUN_ID.to_owned(), item::text(run_id.to_string())),
            (REQUEST.to_owned(), item::text(&self.request_hash)),
            (EXPIRES_AT.to_owned(), item::number(expires_at)),
            (SCHEMA_VERSION.to_owned(), item::number(SCHEMA)),
        ])
    }
}

impl IdempotencyRecord {
    /// Whether the run was started by an equal request.
    pub fn is_for(&self, key: &IdempotencyKey) -> bool {
        self.request_hash == key.request_hash
    }

    pub(crate) fn read(item: &Item) -> Option<Self> {
        Some(Self {
            run_id: item::read_text(item, RUN_ID)?.parse().ok()?,
            request_hash: item::read_text(item, REQUEST)?.to_owned(),
        })
    }
}

impl Store {
    /// The run that a key has started, if it has.
    pub async fn idempotency_record(
        &self,
        key: &IdempotencyKey,
        owner: &Owner,
        now_ms: u64,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        let partition = partition(owner, &key.key_hash);
        let found = self.get("find a key", (&partition, SORT), now_ms).await?;
        let Some(item) = found else {
            return Ok(None);
        };
        schema::check(&item, &partition)?;
        Ok(IdempotencyRecord::read(&item))
    }
}

fn partition(owner: &Owner, key_hash: &str) -> String {
    format!("IDEM#{owner}#{key_hash}")
}

fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
