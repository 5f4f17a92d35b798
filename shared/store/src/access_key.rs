//! Access keys: each belongs to an owner and has limits. Of a key only its hash is stored, so that whoever reads the table has none.
//!
//! A key stands there twice, written in one transaction: under its hash, where a request looks it up by one read, and under its
//! owner's name, for lists. An owner has one key at a time; a new one takes the place of one that is revoked.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use run::{Cost, Owner, hex};
use sha2::{Digest as _, Sha256};

use crate::item::{self, Item, PK, SK};
use crate::limits::Limits;
use crate::schema::{self, SCHEMA, SCHEMA_VERSION};
use crate::transaction::Transacted;
use crate::{Consistency, Store, StoreError, query};

/// Partition of the list.
const LIST: &str = "KEYS";
const SORT: &str = "KEY";
const OWNER: &str = "owner";
const KEY_HASH: &str = "key_hash";
const CREATED_AT: &str = "created_at";
const REVOKED_AT: &str = "revoked_at";
const RUNS_PER_MINUTE: &str = "runs_per_minute";
const PARALLEL: &str = "parallel";
/// How often the key was changed: who changes it has seen the last change.
const REVISION: &str = "revision";
const NANO_USD_PER_DAY: &str = "nano_usd_per_day";

/// More than change one key at once.
const CHANGES_AT_ONCE: u32 = 100;

/// The SHA-256 of an access key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyHash(String);

/// What is stored of an access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    pub owner: Owner,
    pub limits: Limits,
    /// Milliseconds since 1970.
    pub created_at_ms: u64,
    /// Since when it opens nothing, in milliseconds since 1970.
    pub revoked_at_ms: Option<u64>,
    hash: KeyHash,
    revision: u64,
}

impl KeyHash {
    pub fn of(key: &[u8]) -> Self {
        Self(hex(&Sha256::digest(key)))
    }

    fn partition(&self) -> String {
        format!("KEY#{}", self.0)
    }
}

impl AccessKey {
    pub const fn new(owner: Owner, hash: KeyHash, limits: Limits, created_at_ms: u64) -> Self {
        Self {
            owner,
            limits,
            created_at_ms,
            revoked_at_ms: None,
            hash,
            revision: 0,
        }
    }

    fn item(&self, key: (&str, &str)) -> Item {
        let Limits {
            runs_per_minute,
            parallel,
            per_day,
        } = self.limits;
        let mut item = Item::from([
            (PK.to_owned(), item::text(key.0)),
            (SK.to_owned(), item::text(key.1)),
            (OWNER.to_owned(), item::text(self.owner.as_str())),
            (KEY_HASH.to_owned(), item::text(&*self.hash.0)),
            (SCHEMA_VERSION.to_owned(), item::number(SCHEMA)),
        ]);
        let numbers = [
            (CREATED_AT, Some(self.created_at_ms)),
            (REVOKED_AT, self.revoked_at_ms),
            (RUNS_PER_MINUTE, runs_per_minute.map(u64::from)),
            (PARALLEL, parallel.map(u64::from)),
            (NANO_USD_PER_DAY, per_day.map(|cost| cost.nano_usd)),
            (REVISION, Some(self.revision)),
        ];
        for (name, number) in numbers {
            if let Some(number) = number {
                item.insert(name.to_owned(), item::number(number));
            }
        }
        item
    }
}

impl Store {
    /// The key of this hash, also one that is revoked.
    ///
    /// # Errors
    /// The table cannot be used, or what stands there cannot be read.
    pub async fn access_key(&self, hash: &KeyHash) -> Result<Option<AccessKey>, StoreError> {
        let partition = hash.partition();
        let found = self.get("find an access key", (&partition, SORT), 0);
        let found = found.await?;
        found.map(|item| read(&partition, &item)).transpose()
    }

    /// All keys by their owners' names, those that are revoked among them.
    ///
    /// # Errors
    /// As [`Self::access_key`].
    pub async fn access_keys(&self) -> Result<Vec<AccessKey>, StoreError> {
        let keys = self.query_prefix(LIST, "", Consistency::Strong);
        let keys = query::all("list access keys", keys).await?;
        keys.iter().map(|item| read(LIST, item)).collect()
    }

    /// Stores a key; false where its owner has one that is not revoked.
    ///
    /// # Errors
    /// The table cannot be used.
    pub async fn create_key(&self, key: &AccessKey) -> Result<bool, StoreError> {
        self.put_key("create an access key", key, None).await
    }

    /// Gives an owner's key other limits; `None` where there is no key that opens anything.
    ///
    /// # Errors
    /// As [`Self::access_key`].
    pub async fn set_limits(
        &self,
        owner: &Owner,
        change: impl Fn(&mut Limits),
    ) -> Result<Option<AccessKey>, StoreError> {
        let change = |key: &mut AccessKey| change(&mut key.limits);
        self.change_key("limit an access key", owner, change).await
    }

    /// Ends an owner's key; `None` where there is none that opens anything.
    ///
    /// # Errors
    /// As [`Self::access_key`].
    pub async fn revoke_key(
        &self,
        owner: &Owner,
        now_ms: u64,
    ) -> Result<Option<AccessKey>, StoreError> {
        let change = |key: &mut AccessKey| key.revoked_at_ms = Some(now_ms);
        self.change_key("revoke an access key", owner, change).await
    }

    /// Changes a key as it stands by then, however many change it at once.
    async fn change_key(
        &self,
        operation: &'static str,
        owner: &Owner,
        change: impl Fn(&mut AccessKey),
    ) -> Result<Option<AccessKey>, StoreError> {
        for _ in 0..CHANGES_AT_ONCE {
            let found = self.get(operation, (LIST, owner.as_str()), 0).await?;
            let key = found.map(|item| read(LIST, &item)).transpose()?;
            let Some(before) = key.filter(|key| key.revoked_at_ms.is_none()) else {
                return Ok(None);
            };
            let mut key = before.clone();
            change(&mut key);
            key.revision += 1;
            if self.put_key(operation, &key, Some(&before)).await? {
                return Ok(Some(key));
            }
        }
        Err(StoreError::Unavailable {
            operation,
            detail: "others were faster each time".to_owned(),
        })
    }

    /// Writes both items of a key: in the place of one that stands as it was read, or where there is none that opens anything.
    async fn put_key(
        &self,
        operation: &'static str,
        key: &AccessKey,
        before: Option<&AccessKey>,
    ) -> Result<bool, StoreError> {
        let put = |item| Put::builder().table_name(&*self.table).set_item(Some(item));
        let listed = put(key.item((LIST, key.owner.as_str())));
        let listed = match before {
            None => listed
                .condition_expression("attribute_not_exists(SK) OR attribute_exists(revoked_at)"),
            Some(before) => listed
                .condition_expression("key_hash = :hash AND revision = :revision")
                .expression_attribute_values(":hash", item::text(&*before.hash.0))
                .expression_attribute_values(":revision", item::number(before.revision)),
        };
        let found = put(key.item((&key.hash.partition(), SORT)));
        let puts = [listed, found].into_iter().map(|put| {
            let put = put.build();
            let put = put.map_err(|error| StoreError::unbuilt(operation, error))?;
            Ok(TransactWriteItem::builder().put(put).build())
        });
        let puts = puts.collect::<Result<_, StoreError>>()?;
        match self.transact(operation, puts).await? {
            Transacted::Done => Ok(true),
            Transacted::Refused(_) => Ok(false),
            Transacted::Invalid(error) => Err(error),
        }
    }
}

fn read(partition: &str, item: &Item) -> Result<AccessKey, StoreError> {
    schema::check(item, partition)?;
    let missing = |name: &str| StoreError::unreadable(partition, format!("a key has no {name}"));
    let small = |name| -> Result<Option<u32>, StoreError> {
        let number = item::read_number(item, name).map(u32::try_from);
        let too_large = |_| StoreError::unreadable(partition, format!("{name} is too large"));
        number.transpose().map_err(too_large)
    };
    let owner = item::read_text(item, OWNER).ok_or_else(|| missing(OWNER))?;
    let hash = item::read_text(item, KEY_HASH).ok_or_else(|| missing(KEY_HASH))?;
    Ok(AccessKey {
        owner: Owner::new(owner),
        limits: Limits {
            runs_per_minute: small(RUNS_PER_MINUTE)?,
            parallel: small(PARALLEL)?,
            per_day: item::read_number(item, NANO_USD_PER_DAY).map(|nano_usd| Cost { nano_usd }),
        },
        created_at_ms: item::read_number(item, CREATED_AT).unwrap_or(0),
        revoked_at_ms: item::read_number(item, REVOKED_AT),
        hash: KeyHash(hash.to_owned()),
        revision: item::read_number(item, REVISION).unwrap_or(0),
    })
}
