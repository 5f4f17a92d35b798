//! Starting a run: head, first batch and, where a key was given, its item in one transaction, so that no half-started run
//! exists and no key starts two.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use run::{Epoch, Event, Seq, Start};

use crate::head::{
    CREATED_AT, HEAD, LEASE_UNTIL, OPEN, OWNER, START_KEY, STATUS, TITLE, open_shard,
};
use crate::idempotency::{Claim, StartKey};
use crate::item::{self, Batch, EPOCH, EXPIRES_AT, Item, PK, SCHEMA, SCHEMA_VERSION, SK, WRITER};
use crate::{HeadStatus, Hold, Store, StoreError};

/// Longest title, in characters.
const TITLE_CHARS: usize = 120;
/// Tries at a transaction that another one is in the way of.
const ATTEMPTS: u32 = 5;
/// Pause before the second try; it doubles.
const PAUSE: Duration = Duration::from_millis(20);

/// A run to start.
#[derive(Clone, Copy, Debug)]
pub struct NewRun<'a> {
    pub start: &'a Start,
    pub lease_until_ms: u64,
    /// What makes the same start twice one run.
    pub key: Option<&'a StartKey>,
}

/// What came of a start.
#[derive(Debug)]
pub enum Started {
    /// The run is new; the first `stored` of its events are in the log.
    New { hold: Hold, stored: usize },
    /// The key has started a run before.
    Before(Claim),
}

impl Store {
    /// Writes a run's head and first events, and gives the hold on it.
    ///
    /// # Errors
    /// The table cannot be used.
    pub async fn start(&self, new: NewRun<'_>, events: &[Event]) -> Result<Started, StoreError> {
        let hold = Hold::new(new.start.run_id, Epoch(1));
        let now_ms = new.start.created_at_ms;
        let expires_at = self.expires_at(now_ms);
        let batch = Batch::cut(&hold, Seq(1), events, now_ms, expires_at)?;
        let mut puts = vec![
            self.put_new(head_item(&new, &hold, expires_at))?,
            self.put_new(batch.item)?,
        ];
        if let Some(key) = new.key {
            puts.push(self.put_claim(key, &new.start.owner, new.start.run_id, now_ms)?);
        }
        let mut pause = PAUSE;
        for _ in 0..ATTEMPTS {
            match self.transact(puts.clone()).await? {
                Transacted::Done => {
                    let stored = batch.count;
                    return Ok(Started::New { hold, stored });
                }
                Transacted::KeyIsTaken(claim) => return Ok(Started::Before(claim)),
                Transacted::InTheWay => tokio::time::sleep(pause).await,
            }
            pause *= 2;
        }
        Err(StoreError::Unavailable {
            operation: "start a run",
            detail: "another start with the same key is in the way".to_owned(),
        })
    }

    async fn transact(&self, puts: Vec<TransactWriteItem>) -> Result<Transacted, StoreError> {
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(puts))
            .send()
            .await;
        let Err(error) = sent else {
            return Ok(Transacted::Done);
        };
        let reasons = cancellation_reasons(&error);
        if let Some(claim) = reasons
            .iter()
            .find_map(|reason| Claim::read(reason.item()?))
        {
            return Ok(Transacted::KeyIsTaken(claim));
        }
        if reasons
            .iter()
            .any(|reason| reason.code() == Some("TransactionConflict"))
        {
            return Ok(Transacted::InTheWay);
        }
        Err(StoreError::unavailable("start a run", error))
    }

    fn put_new(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&*self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(SK)");
        build(put)
    }

    fn put_claim(
        &self,
        key: &StartKey,
        owner: &str,
        run_id: run::RunId,
        now_ms: u64,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&*self.table)
            .set_item(Some(key.item(owner, run_id, now_ms)))
            .condition_expression("attribute_not_exists(SK) OR #expires <= :now")
            .expression_attribute_names("#expires", EXPIRES_AT)
            .expression_attribute_values(":now", item::number(now_ms / 1000))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        build(put)
    }
}

enum Transacted {
    Done,
    KeyIsTaken(Claim),
    InTheWay,
}

fn cancellation_reasons<R>(error: &SdkError<TransactWriteItemsError, R>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons()
        }
        Some(_) | None => &[],
    }
}

fn build(
    put: aws_sdk_dynamodb::types::builders::PutBuilder,
) -> Result<TransactWriteItem, StoreError> {
    let put = put.build().map_err(|error| StoreError::Unavailable {
        operation: "start a run",
        detail: error.to_string(),
    })?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn head_item(new: &NewRun<'_>, hold: &Hold, expires_at: u64) -> Item {
    let start = new.start;
    let start_key = new.key.map(|key| {
        let partition = item::text(key.partition(&new.start.owner));
        (START_KEY.to_owned(), partition)
    });
    let head = Item::from([
        (PK.to_owned(), item::text(item::run_key(start.run_id))),
        (SK.to_owned(), item::text(HEAD)),
        (SCHEMA_VERSION.to_owned(), item::number(SCHEMA)),
        (OWNER.to_owned(), item::text(&new.start.owner)),
        (TITLE.to_owned(), item::text(title(&start.request.query))),
        (STATUS.to_owned(), item::text(HeadStatus::Running.as_str())),
        (EPOCH.to_owned(), item::number(hold.epoch.0)),
        (WRITER.to_owned(), item::text(&hold.writer)),
        (LEASE_UNTIL.to_owned(), item::number(new.lease_until_ms)),
        (CREATED_AT.to_owned(), item::number(start.created_at_ms)),
        (OPEN.to_owned(), item::text(open_shard(start.run_id))),
        (EXPIRES_AT.to_owned(), item::number(expires_at)),
    ]);
    head.into_iter().chain(start_key).collect()
}

/// The question's beginning on one line.
fn title(query: &str) -> String {
    let line = query.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(TITLE_CHARS) {
        Some((end, _)) => {
            let cut = line[..end].char_indices().next_back();
            format!("{}…", cut.map_or("", |(at, _)| &line[..at]))
        }
        None => line,
    }
}
