//! Starting a run: head, first batch and, where a key was given, its item in one transaction, so that no half-started run
//! exists and no key starts two.

use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use run::{Epoch, Event, Owner, RUN_TIME_LIMIT_MS, RunId, Seq, Start};

use crate::batch::Batch;
use crate::head::{CREATED_AT, IDEMPOTENCY, LEASE_UNTIL, OPEN, OWNER, STATUS, TITLE, open_shard};
use crate::idempotency::{IdempotencyKey, IdempotencyRecord, RUN_ID};
use crate::item::{self, EPOCH, EXPIRES_AT, HEAD, Item, PK, SK, WRITER};
use crate::limits::Allotment;
use crate::schema::{SCHEMA, SCHEMA_VERSION};
use crate::title::on_one_line;
use crate::transaction::{CONDITION_FAILED, Transacted};
use crate::{FencingToken, HeadStatus, Store, StoreError};

/// What is told of a table that cannot be used for it.
const OPERATION: &str = "start a run";

/// A run that nobody is to keep is deleted by whoever tells its answer. Where that was lost it is found no more after this: twice as long
/// as a run may take.
const FORGOTTEN_AFTER_SECONDS: u64 = 2 * RUN_TIME_LIMIT_MS / 1000;

/// A run to start.
#[derive(Clone, Copy, Debug)]
pub struct NewRun<'a> {
    pub start: &'a Start,
    pub lease_until_ms: u64,
    /// What makes the same start twice one run.
    pub key: Option<&'a IdempotencyKey>,
    /// What it takes of its accounts; `start` says what it holds of it.
    pub allotment: &'a Allotment,
}

/// What came of a start.
#[derive(Debug)]
pub enum Started {
    /// The run is new; the first `stored` of its events are in the log.
    New { token: FencingToken, stored: usize },
    /// The key has started a run before.
    AlreadyStarted(IdempotencyRecord),
    /// Somebody else was faster to take what was allotted. Nothing is stored.
    Outrun,
}

impl Store {
    /// Writes a run's head and first events, and gives its driver's token.
    ///
    /// # Errors
    /// The table cannot be used, also after three seconds.
    pub async fn start(&self, new: NewRun<'_>, events: &[Event]) -> Result<Started, StoreError> {
        let now_ms = new.start.created_at_ms;
        let is_forgotten = new.start.request.is_forgotten();
        let soon = is_forgotten.then_some(now_ms / 1000 + FORGOTTEN_AFTER_SECONDS);
        let token = FencingToken::new(new.start.run_id, Epoch(1)).until(soon);
        let expires_at = soon.unwrap_or_else(|| self.expires_at(now_ms));
        let batch = Batch::cut(&token, Seq(1), events, now_ms, expires_at)?;
        let mut puts = vec![
            self.put_new(head_item(&new, &token, expires_at))?,
            self.put_new(batch.item)?,
        ];
        if let Some(key) = new.key {
            puts.push(self.put_record(key, &new.start.owner, new.start.run_id, now_ms)?);
        }
        puts.extend(self.take(new.allotment)?);
        let stored = batch.count;
        match self.transact(OPERATION, puts).await? {
            Transacted::Done => Ok(Started::New { token, stored }),
            Transacted::Refused(reasons) => {
                let of_run = if new.key.is_some() { 3 } else { 2 };
                refused(token, stored, &reasons, of_run)
            }
            Transacted::Invalid(error) => Err(error),
        }
    }

    fn put_new(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&*self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(SK)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        build(put)
    }

    fn put_record(
        &self,
        key: &IdempotencyKey,
        owner: &Owner,
        run_id: RunId,
        now_ms: u64,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&*self.table)
            .set_item(Some(key.item(owner, run_id, now_ms)))
            .condition_expression(
                "attribute_not_exists(SK) OR #expires <= :now OR #run = :replaced",
            )
            .expression_attribute_names("#expires", EXPIRES_AT)
            .expression_attribute_names("#run", RUN_ID)
            .expression_attribute_values(":now", item::number(now_ms / 1000))
            .expression_attribute_values(":replaced", item::text(key.replaced()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        build(put)
    }
}

/// What a refused start found: itself, where its first answer was lost and the table has forgotten its token, the run that
/// the key has started, or in what comes behind the first `of_run` items that somebody was faster.
fn refused(
    token: FencingToken,
    stored: usize,
    reasons: &[CancellationReason],
    of_run: usize,
) -> Result<Started, StoreError> {
    let there = || reasons.iter().filter_map(CancellationReason::item);
    if there().any(|item| item::read_text(item, WRITER) == Some(&token.writer)) {
        return Ok(Started::New { token, stored });
    }
    let is_refused = |reason: &CancellationReason| reason.code() == Some(CONDITION_FAILED);
    match there().find_map(IdempotencyRecord::read) {
        Some(record) => Ok(Started::AlreadyStarted(record)),
        None if reasons.iter().skip(of_run).any(is_refused) => Ok(Started::Outrun),
        None => Err(StoreError::Unavailable {
            operation: OPERATION,
            detail: "another run stands in its place".to_owned(),
        }),
    }
}

fn build(put: PutBuilder) -> Result<TransactWriteItem, StoreError> {
    let put = put
        .build()
        .map_err(|error| StoreError::unbuilt(OPERATION, error))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn head_item(new: &NewRun<'_>, token: &FencingToken, expires_at: u64) -> Item {
    let start = new.start;
    let idempotency = new.key.map(|key| {
        let partition = item::text(key.partition(&start.owner));
        (IDEMPOTENCY.to_owned(), partition)
    });
    let head = Item::from([
        (PK.to_owned(), item::text(item::run_key(start.run_id))),
        (SK.to_owned(), item::text(HEAD)),
        (SCHEMA_VERSION.to_owned(), item::number(SCHEMA)),
        (OWNER.to_owned(), item::text(start.owner.as_str())),
        (
            TITLE.to_owned(),
            item::text(on_one_line(&start.request.query)),
        ),
        (STATUS.to_owned(), item::text(HeadStatus::Running.as_str())),
        (EPOCH.to_owned(), item::number(token.epoch.0)),
        (WRITER.to_owned(), item::text(&token.writer)),
        (LEASE_UNTIL.to_owned(), item::number(new.lease_until_ms)),
        (CREATED_AT.to_owned(), item::number(start.created_at_ms)),
        (OPEN.to_owned(), item::text(open_shard(start.run_id))),
        (EXPIRES_AT.to_owned(), item::number(expires_at)),
    ]);
    head.into_iter().chain(idempotency).collect()
}
