//! The head of a run: whose it is, who drives it and until when. Written at start, takeover, renewal and the end.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use run::{Epoch, Owner, RunId, Status};

use crate::item::{self, EPOCH, Item, PK, SCHEMA, SCHEMA_VERSION, SK, WRITER};
use crate::{FencingToken, Store, StoreError};

pub(crate) const HEAD: &str = "HEAD";
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
pub(crate) const COST_NANO_USD: &str = "cost_nano_usd";

/// Shards of the index of unfinished runs, so that no one key takes every write.
pub(crate) const OPEN_SHARDS: u64 = 8;

/// Where a run stands, as its head tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadStatus {
    Running,
    Suspended,
    Ended(Status),
    /// Somebody deletes it; nobody else finds it any more.
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
    /// Partition of the idempotency record of its start, where a key was given.
    pub(crate) idempotency: Option<String>,
}

/// The lease of a run that its driver has given up.
const GIVEN_UP: u64 = 0;

impl Head {
    /// Whether its driver has left it in good order, for another one to go on with.
    pub const fn is_given_up(&self) -> bool {
        self.lease_until_ms == GIVEN_UP
    }
}

impl Store {
    /// Reads a head, strongly; `None` where there is no such run, or its time is over.
    pub async fn head(&self, run_id: RunId, now_ms: u64) -> Result<Option<Head>, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&*self.table)
            .key(PK, item::text(item::run_key(run_id)))
            .key(SK, item::text(HEAD))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("read a head", error))?;
        match found.item {
            Some(item) if !item::is_expired(&item, now_ms) => read_head(run_id, &item).map(Some),
            Some(_) | None => Ok(None),
        }
    }

    /// Takes a run from a driver whose lease is over; `None` when somebody else was first.
    pub async fn take_over(
        &self,
        head: &Head,
        lease_until_ms: u64,
    ) -> Result<Option<FencingToken>, StoreError> {
        let token = FencingToken::new(head.run_id, Epoch(head.epoch.0 + 1));
        let update = self
            .update_head(head.run_id)
            .update_expression(
                "SET #epoch = :mine, #writer = :writer, #lease = :lease, #status = :running, #open = :open, \
                 #schema = :schema",
            )
            .condition_expression("#epoch = :seen AND #lease = :seen_lease AND attribute_exists(#open)")
            .expression_attribute_names("#epoch", EPOCH)
            .expression_attribute_names("#writer", WRITER)
            .expression_attribute_names("#lease", LEASE_UNTIL)
            .expression_attribute_names("#status", STATUS)
            .expression_attribute_names("#open", OPEN)
            .expression_attribute_names("#schema", SCHEMA_VERSION)
            .expression_attribute_values(":schema", item::number(SCHEMA))
            .expression_attribute_values(":mine", item::number(token.epoch.0))
            .expression_attribute_values(":writer", item::text(&token.writer))
            .expression_attribute_values(":lease", item::number(lease_until_ms))
            .expression_attribute_values(":running", item::text(HeadStatus::Running.as_str()))
            .expression_attribute_values(":open", item::text(open_shard(head.run_id)))
            .expression_attribute_values(":seen", item::number(head.epoch.0))
            .expression_attribute_values(":seen_lease", item::number(head.lease_until_ms))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match update {
            Ok(_) => Ok(Some(token)),
            Err(error) => match refused(&error) {
                Some(there) if is_of(&token, there) => Ok(Some(token)),
                Some(_) => Ok(None),
                None => Err(StoreError::unavailable("take over a run", error)),
            },
        }
    }

    /// Lengthens the lease; false when the run has another driver.
    pub async fn renew(
        &self,
        token: &FencingToken,
        lease_until_ms: u64,
    ) -> Result<bool, StoreError> {
        let update = self
            .update_head(token.run_id)
            .update_expression("SET #lease = :lease")
            .condition_expression(
                "#epoch = :mine AND #writer = :writer AND attribute_exists(#open)",
            )
            .expression_attribute_names("#lease", LEASE_UNTIL)
            .expression_attribute_names("#epoch", EPOCH)
            .expression_attribute_names("#writer", WRITER)
            .expression_attribute_names("#open", OPEN)
            .expression_attribute_values(":lease", item::number(lease_until_ms))
            .expression_attribute_values(":mine", item::number(token.epoch.0))
            .expression_attribute_values(":writer", item::text(&token.writer))
            .send()
            .await;
        confirmed(update.map(drop), "renew a lease")
    }

    /// Gives up the lease of a run that goes on later, suspended or as it is; false when the run has another driver.
    pub async fn release(
        &self,
        token: &FencingToken,
        status: HeadStatus,
    ) -> Result<bool, StoreError> {
        let update = self
            .update_head(token.run_id)
            .update_expression("SET #status = :status, #lease = :over")
            .condition_expression(
                "#epoch = :mine AND #writer = :writer AND attribute_exists(#open)",
            )
            .expression_attribute_names("#status", STATUS)
            .expression_attribute_names("#lease", LEASE_UNTIL)
            .expression_attribute_names("#epoch", EPOCH)
            .expression_attribute_names("#writer", WRITER)
            .expression_attribute_names("#open", OPEN)
            .expression_attribute_values(":status", item::text(status.as_str()))
            .expression_attribute_values(":over", item::number(GIVEN_UP))
            .expression_attribute_values(":mine", item::number(token.epoch.0))
            .expression_attribute_values(":writer", item::text(&token.writer))
            .send()
            .await;
        confirmed(update.map(drop), "release a run")
    }

    /// Notes the end of a run and takes it out of the index of unfinished ones.
    pub async fn finish(
        &self,
        token: &FencingToken,
        status: Status,
        duration_ms: u64,
        cost_nano_usd: u64,
    ) -> Result<bool, StoreError> {
        let update = self
            .update_head(token.run_id)
            .update_expression(
                "SET #status = :status, #duration = :duration, #cost = :cost REMOVE #open, #lease",
            )
            .condition_expression("#epoch = :mine AND #writer = :writer")
            .expression_attribute_names("#status", STATUS)
            .expression_attribute_names("#duration", DURATION_MS)
            .expression_attribute_names("#cost", COST_NANO_USD)
            .expression_attribute_names("#open", OPEN)
            .expression_attribute_names("#lease", LEASE_UNTIL)
            .expression_attribute_names("#epoch", EPOCH)
            .expression_attribute_names("#writer", WRITER)
            .expression_attribute_values(":status", item::text(status.as_str()))
            .expression_attribute_values(":duration", item::number(duration_ms))
            .expression_attribute_values(":cost", item::number(cost_nano_usd))
            .expression_attribute_values(":mine", item::number(token.epoch.0))
            .expression_attribute_values(":writer", item::text(&token.writer))
            .send()
            .await;
        confirmed(update.map(drop), "finish a run")
    }

    fn update_head(
        &self,
        run_id: RunId,
    ) -> aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&*self.table)
            .key(PK, item::text(item::run_key(run_id)))
            .key(SK, item::text(HEAD))
    }
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
    item::check_schema(item, &key)?;
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
        idempotency: item::read_text(item, IDEMPOTENCY).map(str::to_owned),
    })
}

fn is_of(token: &FencingToken, there: &Item) -> bool {
    item::read_text(there, WRITER) == Some(&token.writer) && item::read_epoch(there) == token.epoch
}

/// The item that made a condition fail; empty where none stands there.
fn refused<R>(error: &SdkError<UpdateItemError, R>) -> Option<&Item> {
    static NOTHING: std::sync::LazyLock<Item> = std::sync::LazyLock::new(Item::new);
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
            Some(failed.item().unwrap_or(&NOTHING))
        }
        Some(_) | None => None,
    }
}

fn confirmed<R: std::fmt::Debug + 'static>(
    update: Result<(), SdkError<UpdateItemError, R>>,
    operation: &'static str,
) -> Result<bool, StoreError> {
    match update {
        Ok(()) => Ok(true),
        Err(error) if refused(&error).is_some() => Ok(false),
        Err(error) => Err(StoreError::unavailable(operation, error)),
    }
}
