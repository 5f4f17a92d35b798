//! Rating a run, and reading how runs are rated.
//!
//! Ratings of an owner stand in a partition of their own, by run, so that a page of the history is rated by one query.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use run::{Owner, RunId, by_key};
use ulid::Ulid;

use crate::day::Addends;
use crate::guarded::Guard;
use crate::head::{OPEN, OWNER};
use crate::item::{self, EXPIRES_AT, Item, PK, SK, WRITE_ID};
use crate::schema::{SCHEMA, SCHEMA_VERSION};
use crate::transaction::{CONDITION_FAILED, Transacted};
use crate::{Consistency, Head, Rated, Rating, Store, StoreError, query};

const OPERATION: &str = "rate a run";
const RATING: &str = "rating";
const COMMENT: &str = "comment";
/// The run stands there and has ended.
const ENDED: [Guard; 2] = [Guard::Has(OWNER), Guard::Lacks(OPEN)];
/// Ratings of one run that may come at once: each refusal is another one's success.
const TRIES: usize = 20;

impl Store {
    /// Rates a run, in place of its last rating, and counts it on the run's day; false when the run has not ended, or is gone.
    ///
    /// # Errors
    /// The table cannot be used, or others rate the same run without end.
    pub async fn rate(&self, head: &Head, rated: &Rated, now_ms: u64) -> Result<bool, StoreError> {
        let partition = partition(&head.owner);
        for _ in 0..TRIES {
            let sort = head.run_id.to_string();
            let before = self.get(OPERATION, (&partition, &sort), now_ms).await?;
            let write_id = Ulid::generate().to_string();
            let mut items = vec![
                self.head_check(OPERATION, head.run_id, &ENDED)?,
                self.put_rating(head, rated, &write_id, before.as_ref(), now_ms)?,
            ];
            let rated_before = before.as_ref().and_then(read).map(|before| before.rating);
            let addends = Addends::of_rating(rated_before, rated.rating);
            if !addends.is_empty() {
                items.push(self.add_to_day(
                    OPERATION,
                    (&head.owner, None),
                    head.created_at_ms,
                    &addends,
                )?);
            }
            let reasons = match self.transact(OPERATION, items).await? {
                Transacted::Done => return Ok(true),
                Transacted::Invalid(error) => return Err(error),
                Transacted::Refused(reasons) => reasons,
            };
            let there = reasons.get(1).and_then(|reason| reason.item());
            if there.is_some_and(|it| item::read_text(it, WRITE_ID) == Some(&write_id)) {
                return Ok(true);
            }
            if reasons.first().and_then(|head| head.code()) == Some(CONDITION_FAILED) {
                return Ok(false);
            }
        }
        Err(StoreError::Unavailable {
            operation: OPERATION,
            detail: "others rate the same run all the time".to_owned(),
        })
    }

    /// The rating of a run, if it has one.
    pub async fn rating(
        &self,
        owner: &Owner,
        run_id: RunId,
        now_ms: u64,
    ) -> Result<Option<Rated>, StoreError> {
        let key = (&*partition(owner), &*run_id.to_string());
        let found = self.get("read a rating", key, now_ms).await?;
        Ok(found.as_ref().and_then(read))
    }

    /// The ratings of an owner's runs between two of them, both included.
    pub(crate) async fn ratings(
        &self,
        owner: &Owner,
        (first, last): (RunId, RunId),
    ) -> Result<BTreeMap<RunId, Rating>, StoreError> {
        let sort = "#sk BETWEEN :first AND :last";
        let ratings = self
            .query(&partition(owner), sort, Consistency::Strong)
            .expression_attribute_values(":first", item::text(first.to_string()))
            .expression_attribute_values(":last", item::text(last.to_string()))
            .projection_expression("#pk, #sk, #rating")
            .expression_attribute_names("#rating", RATING);
        let ratings = query::all("read ratings", ratings).await?;
        let ratings = ratings.iter().filter_map(|item| {
            let run_id = item::read_text(item, SK)?.parse().ok()?;
            Some((run_id, read(item)?.rating))
        });
        Ok(by_key(ratings))
    }

    pub(crate) async fn delete_rating(
        &self,
        owner: &Owner,
        run_id: RunId,
    ) -> Result<(), StoreError> {
        let key = (&*partition(owner), &*run_id.to_string());
        self.delete_item("delete a rating", key).await
    }

    /// In place of the rating that was read, and of no other.
    fn put_rating(
        &self,
        head: &Head,
        rated: &Rated,
        write_id: &str,
        before: Option<&Item>,
        now_ms: u64,
    ) -> Result<TransactWriteItem, StoreError> {
        // With the run, for which this process may keep runs for another time than the one that began it.
        let expires_at = head.expires_at.unwrap_or_else(|| self.expires_at(now_ms));
        let mut put = Put::builder()
            .table_name(&*self.table)
            .item(PK, item::text(partition(&head.owner)))
            .item(SK, item::text(head.run_id.to_string()))
            .item(RATING, item::text(rated.rating.as_str()))
            .item(WRITE_ID, item::text(write_id))
            .item(EXPIRES_AT, item::number(expires_at))
            .item(SCHEMA_VERSION, item::number(SCHEMA))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        if let Some(comment) = &rated.comment {
            put = put.item(COMMENT, item::text(comment));
        }
        let last = before.and_then(|it| item::read_text(it, WRITE_ID));
        put = match last {
            None => put.condition_expression("attribute_not_exists(SK)"),
            Some(last) => put
                .condition_expression("#write = :last")
                .expression_attribute_names("#write", WRITE_ID)
                .expression_attribute_values(":last", AttributeValue::S(last.to_owned())),
        };
        let put = put
            .build()
            .map_err(|error| StoreError::unbuilt(OPERATION, error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

fn partition(owner: &Owner) -> String {
    format!("RATED#{owner}")
}

fn read(item: &Item) -> Option<Rated> {
    Some(Rated {
        rating: Rating::parse(item::read_text(item, RATING)?)?,
        comment: item::read_text(item, COMMENT).map(str::to_owned),
    })
}
