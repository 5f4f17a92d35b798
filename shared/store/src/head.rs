//! The head of a run: whose it is, who drives it and until when. Written at start, takeover, renewal and the end.

use run::{Epoch, Owner, RunId, Status};

use crate::guarded::{Guard, Guarded, HeadChange};
use crate::item::{self, EPOCH, EXPIRES_AT, HEAD, Item, WRITER};
use crate::schema::{self, SCHEMA, SCHEMA_VERSION};
use crate::share_token::ShareToken;
use crate::{FencingToken, Store, StoreError};

pub(crate) const OWNER: &str = "owner";
/// The owner of a head that is being deleted: the history lists by the other name.
pub(crate) const DELETED_OWNER: &str = "deleted_owner";
/// Partition of the idempotency record of the start.
pub(crate) const IDEMPOTENCY: &str = "start_key";
pub(crate) const TITLE: &str = "title";
pub(crate) const STATUS: &str = "status";
pub(crate) const LEASE_UNTIL: &str = "lease_until";
pub(crate) const CREATED_AT: &str = "created_at";
pub(crate) const OPEN: &str = "open";
pub(crate) const DURATION_MS: &str = "duration_ms";
/// The token of its share link.
pub(crate) const SHARE: &str = "share";
pub(crate) const COST_NANO_USD: &str = "cost_nano_usd";

/// Shards of the index of unfinished runs, so that no one key takes every write.
pub(crate) const OPEN_SHARDS: u64 = 8;

/// Where a run stands, as its head tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadStatus {
    Running,
    Suspended,
    Ended(Status),
    /// It is being deleted; reads no longer find it.
    Deleting,
}

impl HeadStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Suspended => "suspended",
            Self::Ended(status) => status.as_str(),
            Self::Deleting => "deleting",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [
            Self::Running,
            Self::Suspended,
            Self::Deleting,
            Self::Ended(Status::Completed),
            Self::Ended(Status::Failed),
            Self::Ended(Status::Cancelled),
            Self::Ended(Status::OutOfRounds),
            Self::Ended(Status::OverBudget),
        ]
        .into_iter()
        .find(|status| status.as_str() == text)
    }
}

/// A head as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub run_id: RunId,
    pub owner: Owner,
    pub status: HeadStatus,
    pub epoch: Epoch,
    /// The driver's lease ends then, in milliseconds since 1970.
    pub lease_until_ms: u64,
    pub created_at_ms: u64,
    /// The token of its share link, while it is shared.
    pub share: Option<ShareToken>,
    /// Partition of the idempotency record of its start, where a key was given.
    pub(crate) idempotency: Option<String>,
    /// In seconds since 1970.
    pub(crate) expires_at: Option<u64>,
}

/// The lease of a run that its driver has given up.
const GIVEN_UP: u64 = 0;

impl Head {
    /// Whether its driver has released it, so that another one can go on with it.
    pub const fn is_given_up(&self) -> bool {
        self.lease_until_ms == GIVEN_UP
    }
}

impl Store {
    /// Reads a head, strongly consistent; `None` where there is no such run, or it has expired.
    pub async fn head(&self, run_id: RunId, now_ms: u64) -> Result<Option<Head>, StoreError> {
        let key = item::run_key(run_id);
        let found = self.get("read a head", (&key, HEAD), now_ms).await?;
        found.map(|item| read_head(run_id, &item)).transpose()
    }

    /// Takes a run from a driver whose lease is over; `None` when somebody else was first.
    pub async fn take_over(
        &self,
        head: &Head,
        lease_until_ms: u64,
    ) -> Result<Option<FencingToken>, StoreError> {
        // Where the run is to be gone sooner than others, so is what is written from here on.
        let usual = self.expires_at(head.created_at_ms);
        let soon = head.expires_at.filter(|soon| *soon < usual);
        let token = FencingToken::new(head.run_id, Epoch(head.epoch.0 + 1)).until(soon);
        let change = HeadChange {
            set: &[
                (EPOCH, item::number(token.epoch.0)),
                (WRITER, item::text(&token.writer)),
                (LEASE_UNTIL, item::number(lease_until_ms)),
                (STATUS, item::text(HeadStatus::Running.as_str())),
                (OPEN, item::text(open_shard(head.run_id))),
                (SCHEMA_VERSION, item::number(SCHEMA)),
            ],
            remove: &[],
            only_if: &[
                Guard::Is(EPOCH, item::number(head.epoch.0)),
                Guard::Is(LEASE_UNTIL, item::number(head.lease_until_ms)),
                Guard::Has(OPEN),
            ],
        };
        let taken = self.update_head("take over a run", head.run_id, change);
        match taken.await? {
            Guarded::Done => Ok(Some(token)),
            // The first attempt took effect and its response was lost.
            Guarded::Refused(there) if is_of(&token, &there) => Ok(Some(token)),
            Guarded::Refused(_) => Ok(None),
        }
    }

    /// Renews the lease; false when the run has another driver.
    pub async fn renew(
        &self,
        token: &FencingToken,
        lease_until_ms: u64,
    ) -> Result<bool, StoreError> {
        let change = HeadChange {
            set: &[(LEASE_UNTIL, item::number(lease_until_ms))],
            remove: &[],
            only_if: &while_open(token),
        };
        self.update_own("renew a lease", token, change).await
    }

    /// Gives up the lease of a run that goes on later, suspended or as it is; false when the run has another driver.
    pub async fn release(
        &self,
        token: &FencingToken,
        status: HeadStatus,
    ) -> Result<bool, StoreError> {
        let change = HeadChange {
            set: &[
                (STATUS, item::text(status.as_str())),
                (LEASE_UNTIL, item::number(GIVEN_UP)),
            ],
            remove: &[],
            only_if: &while_open(token),
        };
        self.update_own("release a run", token, change).await
    }

    /// Whether the head was still this driver's to change.
    async fn update_own(
        &self,
        operation: &'static str,
        token: &FencingToken,
        change: HeadChange<'_>,
    ) -> Result<bool, StoreError> {
        match self.update_head(operation, token.run_id, change).await? {
            Guarded::Done => Ok(true),
            Guarded::Refused(_) => Ok(false),
        }
    }
}

/// The head is still this driver's, which nobody has taken the run from, and the run has not ended.
pub(crate) fn while_open(token: &FencingToken) -> [Guard; 3] {
    [
        Guard::Is(EPOCH, item::number(token.epoch.0)),
        Guard::Is(WRITER, item::text(&token.writer)),
        Guard::Has(OPEN),
    ]
}

/// The shard under which an unfinished run is listed; the same for its whole life.
pub(crate) fn open_shard(run_id: RunId) -> String {
    let sum: u64 = run_id.to_string().bytes().map(u64::from).sum();
    shard_name(sum % OPEN_SHARDS)
}

pub(crate) fn shard_name(shard: u64) -> String {
    format!("OPEN#{shard}")
}

fn read_head(run_id: RunId, item: &Item) -> Result<Head, StoreError> {
    let key = item::run_key(run_id);
    let missing = |name: &str| StoreError::unreadable(&key, format!("its head has no {name}"));
    schema::check(item, &key)?;
    let status = item::read_text(item, STATUS).ok_or_else(|| missing(STATUS))?;
    Ok(Head {
        run_id,
        owner: item::read_text(item, OWNER)
            .or_else(|| item::read_text(item, DELETED_OWNER))
            .map(Owner::new)
            .ok_or_else(|| missing(OWNER))?,
        status: HeadStatus::parse(status)
            .ok_or_else(|| StoreError::unreadable(&key, format!("its status is `{status}`")))?,
        epoch: item::read_epoch(item),
        lease_until_ms: item::read_number(item, LEASE_UNTIL).unwrap_or(GIVEN_UP),
        created_at_ms: item::read_number(item, CREATED_AT).ok_or_else(|| missing(CREATED_AT))?,
        share: item::read_text(item, SHARE).map(ShareToken::new),
        idempotency: item::read_text(item, IDEMPOTENCY).map(str::to_owned),
        expires_at: item::read_number(item, EXPIRES_AT),
    })
}

/// Whether this driver was the last to take the run.
pub(crate) fn is_of(token: &FencingToken, there: &Item) -> bool {
    item::read_text(there, WRITER) == Some(&token.writer) && item::read_epoch(there) == token.epoch
}
