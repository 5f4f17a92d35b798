//! Deleting a run: its head is marked first, so that a deletion that broke off can be taken up again.

use aws_sdk_dynamodb::types::{Delete, DeleteRequest, TransactWriteItem, WriteRequest};
use run::{RunId, Seq};
use ulid::Ulid;

use crate::guarded::{Guard, HeadChange};
use crate::head::{DELETED_OWNER, HeadStatus, OPEN, OWNER, STATUS};
use crate::item::{self, HEAD, Item, PK, SK};
use crate::transaction::{Transacted, pause};
use crate::{Consistency, Head, Store, StoreError, idempotency, query};

/// Items that one request may delete (DynamoDB's limit).
const BATCH: usize = 25;
/// What is told of a table that cannot be used for it.
const OPERATION: &str = "delete a run";
/// Rounds of deleting what the table did not get to.
const ROUNDS: u32 = 50;

impl Store {
    /// Deletes everything stored of a run that has ended; false when it has not.
    pub async fn delete(&self, head: &Head) -> Result<bool, StoreError> {
        let run_id = head.run_id;
        match head.status {
            HeadStatus::Deleting => {}
            HeadStatus::Running | HeadStatus::Suspended => return Ok(false),
            HeadStatus::Ended(_) => self.mark_deleted(head).await?,
        }
        for round in 0..ROUNDS {
            // Files go before the notes by which they are found.
            let chunks = self.keys_of_chunks(run_id).await?;
            if !chunks.is_empty() {
                self.delete_batch(&chunks, round).await?;
                continue;
            }
            let keys = self.keys_of(run_id).await?;
            if keys.is_empty() {
                if let Some(idempotency) = &head.idempotency {
                    self.forget_key(idempotency, run_id).await?;
                }
                self.delete_rating(&head.owner, run_id).await?;
                self.unpin(&head.owner, run_id).await?;
                let head = (&*item::run_key(run_id), HEAD);
                self.delete_item(OPERATION, head).await?;
                return Ok(true);
            }
            self.delete_batch(&keys, round).await?;
        }
        Err(StoreError::Unavailable {
            operation: OPERATION,
            detail: "the table does not get to it; repeat the deletion".to_owned(),
        })
    }

    /// Takes the run out of all lists and its beginning out of the log, in one step: from then on nobody finds it.
    ///
    /// A refusal means that somebody else deletes it at the same time; both then remove what is left.
    async fn mark_deleted(&self, head: &Head) -> Result<(), StoreError> {
        let change = HeadChange {
            set: &[
                (STATUS, item::text(HeadStatus::Deleting.as_str())),
                (DELETED_OWNER, item::text(head.owner.as_str())),
            ],
            remove: &[OWNER],
            only_if: &[Guard::Has(OWNER), Guard::Lacks(OPEN)],
        };
        let mark = self.head_update(OPERATION, head.run_id, change)?;
        let beginning = Delete::builder()
            .table_name(&*self.table)
            .key(PK, item::text(item::run_key(head.run_id)))
            .key(SK, item::text(item::batch_key(Seq(1))))
            .build()
            .map_err(|error| StoreError::unbuilt(OPERATION, error))?;
        let items = vec![mark, TransactWriteItem::builder().delete(beginning).build()];
        match self.transact(OPERATION, items).await? {
            Transacted::Done | Transacted::Refused(_) => Ok(()),
            Transacted::Invalid(error) => Err(error),
        }
    }

    /// Keys of a run's items but its head.
    async fn keys_of(&self, run_id: RunId) -> Result<Vec<Item>, StoreError> {
        let partition = item::run_key(run_id);
        let keys = self
            .query(&partition, "#sk < :head", Consistency::Strong)
            .expression_attribute_values(":head", item::text(HEAD))
            .projection_expression("#pk, #sk");
        query::all(OPERATION, keys).await
    }

    /// Deletes what the table gets to. What it leaves is found again in the next round, which a busy table is given time before.
    async fn delete_batch(&self, keys: &[Item], round: u32) -> Result<(), StoreError> {
        for keys in keys.chunks(BATCH) {
            let requests = keys
                .iter()
                .filter_map(|key| {
                    let delete = DeleteRequest::builder().set_key(Some(key.clone())).build();
                    let delete = delete.ok()?;
                    Some(WriteRequest::builder().delete_request(delete).build())
                })
                .collect();
            let sent = self
                .client
                .batch_write_item()
                .request_items(&*self.table, requests)
                .send()
                .await
                .map_err(|error| StoreError::unavailable(OPERATION, error))?;
            if sent
                .unprocessed_items()
                .is_some_and(|left| !left.is_empty())
            {
                tokio::time::sleep(pause(round, Ulid::generate().random())).await;
            }
        }
        Ok(())
    }

    /// Forgets the key that started the run, unless it has started another one since.
    async fn forget_key(&self, partition: &str, run_id: RunId) -> Result<(), StoreError> {
        let of_this_run = (idempotency::RUN_ID, item::text(run_id.to_string()));
        let key = (partition, idempotency::SORT);
        self.delete_if(OPERATION, key, of_this_run).await
    }
}
