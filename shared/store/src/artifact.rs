//! Files that tools made: a note beside the log, and the bytes in chunks in a partition of their own, so that they cannot
//! slow the log.
//!
//! The note is written first, so that a deletion finds whatever was stored. A file is never rewritten: the same call made
//! again stores another version.

use std::fmt;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use run::{Call, RunId};

use crate::item::{self, EXPIRES_AT, Item, PK, SK};
use crate::schema::{self, SCHEMA, SCHEMA_VERSION};
use crate::{Consistency, Store, StoreError, query};

/// Bytes of a chunk: below DynamoDB's 400 KB an item.
const CHUNK_BYTES: usize = 350 * 1024;
/// Before the keys of notes; they sort before the log and the head.
const NOTE: &str = "ART#";
const NAME: &str = "name";
const MEDIA_TYPE: &str = "media_type";
const BYTES: &str = "bytes";
const VERSION: &str = "version";
const DATA: &str = "data";
/// What is told of a table that cannot be used for it.
const READ: &str = "read files";

/// A file of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Names are not unique in a run; together with the version they are.
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    pub version: String,
    /// Where its chunks begin; sorts as the calls of the run do.
    place: String,
}

/// The attempt at a call that made a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maker(pub Call);

/// As it stands in addresses.
impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0.call_id, self.0.attempt)
    }
}

impl Maker {
    /// Zero-padded, so that keys sort as the calls do.
    fn place(self) -> String {
        let Call { call_id, attempt } = self.0;
        let (round, index) = (call_id.round(), call_id.index());
        format!("{round:06}.{index:04}.{attempt:04}")
    }
}

impl Store {
    /// Stores a file, which expires with the run where that is sooner than usual. Doing so again for the same attempt at a call stores it once.
    pub async fn put_artifact(
        &self,
        run_id: RunId,
        maker: Maker,
        (name, media_type): (&str, &str),
        data: &[u8],
        (now_ms, expires_at): (u64, Option<u64>),
    ) -> Result<Artifact, StoreError> {
        let artifact = Artifact {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            bytes: data.len() as u64,
            version: maker.to_string(),
            place: maker.place(),
        };
        let expires_at = expires_at.unwrap_or_else(|| self.expires_at(now_ms));
        let expires_at = item::number(expires_at);
        let mut note = artifact.note(run_id);
        note.insert(EXPIRES_AT.to_owned(), expires_at.clone());
        self.put(note).await?;
        let chunks = data.chunks(CHUNK_BYTES).enumerate().map(|(index, chunk)| {
            self.put(Item::from([
                (PK.to_owned(), item::text(chunks_key(run_id, name))),
                (
                    SK.to_owned(),
                    item::text(format!("{}#{index:04}", artifact.place)),
                ),
                (
                    DATA.to_owned(),
                    AttributeValue::B(Blob::new(chunk.to_vec())),
                ),
                (EXPIRES_AT.to_owned(), expires_at.clone()),
                (SCHEMA_VERSION.to_owned(), item::number(SCHEMA)),
            ]))
        });
        try_join_all(chunks).await?;
        Ok(artifact)
    }

    async fn put(&self, item: Item) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&*self.table);
        let sent = put.set_item(Some(item)).send().await;
        sent.map(drop)
            .map_err(|error| StoreError::unavailable("store a file", error))
    }

    /// The files of a run, in the order of the calls that made them.
    pub async fn artifacts(&self, run_id: RunId, now_ms: u64) -> Result<Vec<Artifact>, StoreError> {
        let notes = self.files(&item::run_key(run_id), NOTE).await?;
        let notes = notes.iter().filter(|note| !item::is_expired(note, now_ms));
        notes.map(Artifact::read).collect()
    }

    /// The bytes of a file; `None` where they are not whole: it was being stored when its call broke off, or is being deleted.
    pub async fn artifact_bytes(
        &self,
        run_id: RunId,
        artifact: &Artifact,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let partition = chunks_key(run_id, &artifact.name);
        let chunks = format!("{}#", artifact.place);
        let mut bytes = Vec::new();
        for chunk in self.files(&partition, &chunks).await? {
            match chunk.get(DATA) {
                Some(AttributeValue::B(data)) => bytes.extend_from_slice(data.as_ref()),
                Some(_) | None => {
                    return Err(StoreError::unreadable(&partition, "it has no bytes"));
                }
            }
        }
        Ok((bytes.len() as u64 == artifact.bytes).then_some(bytes))
    }

    /// Keys of the chunks of all files of a run.
    pub(crate) async fn keys_of_chunks(&self, run_id: RunId) -> Result<Vec<Item>, StoreError> {
        let mut keys = Vec::new();
        for note in self.files(&item::run_key(run_id), NOTE).await? {
            let artifact = Artifact::read(&note)?;
            let partition = chunks_key(run_id, &artifact.name);
            let chunks = self.query_prefix(&partition, &artifact.place, Consistency::Strong);
            let chunks = chunks.projection_expression("#pk, #sk");
            keys.extend(query::all(READ, chunks).await?);
        }
        Ok(keys)
    }

    /// All items of a partition whose sort keys begin so.
    async fn files(&self, partition: &str, prefix: &str) -> Result<Vec<Item>, StoreError> {
        let files = self.query_prefix(partition, prefix, Consistency::Strong);
        query::all(READ, files).await
    }
}

impl Artifact {
    fn note(&self, run_id: RunId) -> Item {
        let key = format!("{NOTE}{}#{}", self.place, self.name);
        Item::from([
            (PK.to_owned(), item::text(item::run_key(run_id))),
            (SK.to_owned(), item::text(key)),
            (NAME.to_owned(), item::text(&self.name)),
            (MEDIA_TYPE.to_owned(), item::text(&self.media_type)),
            (BYTES.to_owned(), item::number(self.bytes)),
            (SCHEMA_VERSION.to_owned(), item::number(SCHEMA)),
            (VERSION.to_owned(), item::text(&self.version)),
        ])
    }

    fn read(note: &Item) -> Result<Self, StoreError> {
        let key = item::read_text(note, SK).unwrap_or("(no key)");
        schema::check(note, key)?;
        let read = || {
            let (place, _) = key.strip_prefix(NOTE)?.split_once('#')?;
            Some(Self {
                name: item::read_text(note, NAME)?.to_owned(),
                media_type: item::read_text(note, MEDIA_TYPE)?.to_owned(),
                bytes: item::read_number(note, BYTES)?,
                version: item::read_text(note, VERSION)?.to_owned(),
                place: place.to_owned(),
            })
        };
        read().ok_or_else(|| StoreError::unreadable(key, "it does not describe a file"))
    }
}

/// The partition of a file's chunks, of all its versions.
fn chunks_key(run_id: RunId, name: &str) -> String {
    format!("ART#{run_id}#{name}")
}
