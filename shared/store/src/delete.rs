//! Deleting a run: its head is marked first, so that a deletion that broke off can be taken up again.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, DeleteRequest, TransactWriteItem, Update, WriteRequest,
};
use run::{RunId, Seq};
use ulid::Ulid;

use crate::head::{DELETED_OWNER, HEAD, HeadStatus, OPEN, OWNER, STATUS};
use crate::item::{self, Item, PK, SK};
use crate::transaction::{Transacted, pause};
use crate::{Head, Store, StoreError, idempotency};

/// Items that one request may delete (DynamoDB's limit).
const BATCH: usize = 25;
/// Rounds of deleting what the table did not get to.
const ROUNDS: u32 = 50;

impl Store {
    /// Deletes everything stored of a run that has ended; false when it has not.
    pub async fn delete(&self, head: &Head) -> Result<bool, StoreError> {
        let run_id = head.run_id;
        match head.status {
            HeadStatus::Deleting => {}
            HeadStatus::Running | HeadStatus::Suspended => return Ok(false),
            HeadStatus::Ended(_) => self.mark_deleted(run_id).await?,
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
                self.delete_head(run_id).await?;
                return Ok(true);
            }
            self.delete_batch(&keys, round).await?;
        }
        Err(StoreError::Unavailable {
            operation: "delete a run",
            detail: "the table does not get to it; repeat the deletion".to_owned(),
        })
    }

    /// Takes the run out of all lists and its beginning out of the log, in one step: from then on nobody finds it.
    ///
    /// A refusal means that somebody else deletes it at the same time; both then remove what is left.
    async fn mark_deleted(&self, run_id: RunId) -> Result<(), StoreError> {
        let unbuilt = |error: aws_sdk_dynamodb::error::BuildError| StoreError::Unavailable {
            operation: "delete a run",
            detail: error.to_string(),
        };
        let mark = Update::builder()
            .table_name(&*self.table)
            .key(PK, item::text(item::run_key(run_id)))
            .key(SK, item::text(HEAD))
            .update_expression("SET #status = :deleting, #was = #owner REMOVE #owner")
            .condition_expression("attribute_exists(#owner) AND attribute_not_exists(#open)")
            .expression_attribute_names("#status", STATUS)
            .expression_attribute_names("#owner", OWNER)
            .expression_attribute_names("#was", DELETED_OWNER)
            .expression_attribute_names("#open", OPEN)
            .expression_attribute_values(":deleting", item::text(HeadStatus::Deleting.as_str()))
            .build()
            .map_err(unbuilt)?;
        let beginning = Delete::builder()
            .table_name(&*self.table)
            .key(PK, item::text(item::run_key(run_id)))
            .key(SK, item::text(item::batch_key(Seq(1))))
            .build()
            .map_err(unbuilt)?;
        let items = vec![
            TransactWriteItem::builder().update(mark).build(),
            TransactWriteItem::builder().delete(beginning).build(),
        ];
        match self.transact("delete a run", items).await? {
            Transacted::Done | Transacted::Refused(_) => Ok(()),
        }
    }

    /// Keys of a run's items but its head.
    async fn keys_of(&self, run_id: RunId) -> Result<Vec<Item>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&*self.table)
            .key_condition_expression("#pk = :run AND #sk < :head")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":run", item::text(item::run_key(run_id)))
            .expression_attribute_values(":head", AttributeValue::S(HEAD.to_owned()))
            .projection_expression("#pk, #sk")
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("delete a run", error))?;
        Ok(found.items.unwrap_or_default())
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
                .map_err(|error| StoreError::unavailable("delete a run", error))?;
            if sent
                .unprocessed_items()
                .is_some_and(|left| !left.is_empty())
            {
                tokio::time::sleep(pause(round, Ulid::generate().random())).await;
            }
        }
        Ok(())
    }

    async fn delete_head(&self, run_id: RunId) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&*self.table)
            .key(PK, item::text(item::run_key(run_id)))
            .key(SK, item::text(HEAD))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("delete a run", error))?;
        Ok(())
    }

    /// Forgets the key that started the run, unless it has started another one since.
    async fn forget_key(&self, partition: &str, run_id: RunId) -> Result<(), StoreError> {
        let sent = self
            .client
            .delete_item()
            .table_name(&*self.table)
            .key(PK, item::text(partition))
            .key(SK, item::text(idempotency::SORT))
            .condition_expression("#run = :run")
            .expression_attribute_names("#run", idempotency::RUN_ID)
            .expression_attribute_values(":run", item::text(run_id.to_string()))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
                Some(_) | None => Err(StoreError::unavailable("delete a run", error)),
            },
        }
    }
}
