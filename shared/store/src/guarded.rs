//! Writes of single items, most of them under a condition: where that fails, nothing is changed, and the writer gets the item that is there.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::error::ConditionalCheckFailedException;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use run::RunId;

use crate::item::{self, HEAD, Item, PK, SK};
use crate::{Store, StoreError};

/// The outcome of a conditional write.
#[derive(Debug)]
pub(crate) enum Guarded {
    Done,
    /// The condition did not hold; the item that stands there, empty where none does.
    Refused(Item),
}

/// A condition on the head that is to be changed.
#[derive(Clone, Debug)]
pub(crate) enum Guard {
    /// An attribute has this value.
    Is(&'static str, AttributeValue),
    Has(&'static str),
    Lacks(&'static str),
}

/// A change of a head.
#[derive(Clone, Debug)]
pub(crate) struct HeadChange<'a> {
    pub(crate) set: &'a [(&'static str, AttributeValue)],
    pub(crate) remove: &'a [&'static str],
    /// All of them.
    pub(crate) only_if: &'a [Guard],
}

/// A change as DynamoDB's expressions.
#[derive(Debug, Default)]
pub(crate) struct Expressions {
    pub(crate) update: String,
    pub(crate) condition: String,
    pub(crate) names: HashMap<String, String>,
    pub(crate) values: HashMap<String, AttributeValue>,
}

impl Store {
    /// Changes a head, if its conditions hold.
    pub(crate) async fn update_head(
        &self,
        operation: &'static str,
        run_id: RunId,
        change: HeadChange<'_>,
    ) -> Result<Guarded, StoreError> {
        let expressions = change.expressions();
        let sent = self
            .client
            .update_item()
            .table_name(&*self.table)
            .key(PK, item::text(item::run_key(run_id)))
            .key(SK, item::text(HEAD))
            .update_expression(expressions.update)
            .condition_expression(expressions.condition)
            .set_expression_attribute_names(Some(expressions.names))
            .set_expression_attribute_values(unless_empty(expressions.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        guarded(operation, sent.map(drop), |error| match error {
            UpdateItemError::ConditionalCheckFailedException(failed) => Some(failed),
            _ => None,
        })
    }

    /// The same change as a part of a transaction, whose refusal tells the head that is there.
    pub(crate) fn head_update(
        &self,
        operation: &'static str,
        run_id: RunId,
        change: HeadChange<'_>,
    ) -> Result<TransactWriteItem, StoreError> {
        let expressions = change.expressions();
        let update = Update::builder()
            .table_name(&*self.table)
            .key(PK, item::text(item::run_key(run_id)))
            .key(SK, item::text(HEAD))
            .update_expression(expressions.update)
            .condition_expression(expressions.condition)
            .set_expression_attribute_names(Some(expressions.names))
            .set_expression_attribute_values(unless_empty(expressions.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| StoreError::unbuilt(operation, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Conditions on a head that a transaction does not change.
    pub(crate) fn head_check(
        &self,
        operation: &'static str,
        run_id: RunId,
        only_if: &[Guard],
    ) -> Result<TransactWriteItem, StoreError> {
        let change = HeadChange {
            set: &[],
            remove: &[],
            only_if,
        };
        let expressions = change.expressions();
        let check = ConditionCheck::builder()
            .table_name(&*self.table)
            .key(PK, item::text(item::run_key(run_id)))
            .key(SK, item::text(HEAD))
            .condition_expression(expressions.condition)
            .set_expression_attribute_names(Some(expressions.names))
            .set_expression_attribute_values(unless_empty(expressions.values))
            .build()
            .map_err(|error| StoreError::unbuilt(operation, error))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Puts an item, under the condition that stands in the request.
    pub(crate) async fn put_if(
        &self,
        operation: &'static str,
        put: PutItemFluentBuilder,
        item: Item,
    ) -> Result<Guarded, StoreError> {
        let sent = put
            .table_name(&*self.table)
            .set_item(Some(item))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        guarded(operation, sent.map(drop), |error| match error {
            PutItemError::ConditionalCheckFailedException(failed) => Some(failed),
            _ => None,
        })
    }

    /// Deletes an item, whatever stands in it.
    pub(crate) async fn delete_item(
        &self,
        operation: &'static str,
        (partition, sort): (&str, &str),
    ) -> Result<(), StoreError> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&*self.table)
            .key(PK, item::text(partition))
            .key(SK, item::text(sort))
            .send()
            .await;
        let deleted = deleted.map(drop);
        deleted.map_err(|error| StoreError::unavailable(operation, error))
    }

    /// Deletes an item, unless an attribute has another value by now: then it is somebody else's, and stays.
    pub(crate) async fn delete_if(
        &self,
        operation: &'static str,
        (partition, sort): (&str, &str),
        (name, value): (&'static str, AttributeValue),
    ) -> Result<(), StoreError> {
        let sent = self
            .client
            .delete_item()
            .table_name(&*self.table)
            .key(PK, item::text(partition))
            .key(SK, item::text(sort))
            .condition_expression("#name = :value")
            .expression_attribute_names("#name", name)
            .expression_attribute_values(":value", value)
            .send()
            .await;
        let deleted = guarded(operation, sent.map(drop), |error| match error {
            DeleteItemError::ConditionalCheckFailedException(failed) => Some(failed),
            _ => None,
        });
        deleted.map(drop)
    }
}

impl HeadChange<'_> {
    /// Names and values stand in them as placeholders, so that no attribute is taken for a reserved word.
    pub(crate) fn expressions(&self) -> Expressions {
        let mut said = Expressions::default();
        let mut clauses = Vec::new();
        let set = self.set.iter().map(|(name, value)| {
            said.name(name);
            said.values.insert(format!(":{name}"), value.clone());
            format!("#{name} = :{name}")
        });
        let set: Vec<_> = set.collect();
        if !set.is_empty() {
            clauses.push(format!("SET {}", set.join(", ")));
        }
        let removed = self.remove.iter().map(|name| {
            said.name(name);
            format!("#{name}")
        });
        let removed: Vec<_> = removed.collect();
        if !removed.is_empty() {
            clauses.push(format!("REMOVE {}", removed.join(", ")));
        }
        said.update = clauses.join(" ");
        let guards = self.only_if.iter().map(|guard| match guard {
            Guard::Is(name, value) => {
                said.name(name);
                said.values.insert(format!(":was_{name}"), value.clone());
                format!("#{name} = :was_{name}")
            }
            Guard::Has(name) => {
                said.name(name);
                format!("attribute_exists(#{name})")
            }
            Guard::Lacks(name) => {
                said.name(name);
                format!("attribute_not_exists(#{name})")
            }
        });
        let guards: Vec<_> = guards.collect();
        said.condition = guards.join(" AND ");
        said
    }
}

impl Expressions {
    fn name(&mut self, name: &str) {
        self.names.insert(format!("#{name}"), name.to_owned());
    }
}

/// An empty map is refused.
fn unless_empty(
    values: HashMap<String, AttributeValue>,
) -> Option<HashMap<String, AttributeValue>> {
    Some(values).filter(|values| !values.is_empty())
}

fn guarded<E, R>(
    operation: &'static str,
    sent: Result<(), SdkError<E, R>>,
    failed: impl FnOnce(&E) -> Option<&ConditionalCheckFailedException>,
) -> Result<Guarded, StoreError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let Err(error) = sent else {
        return Ok(Guarded::Done);
    };
    match error.as_service_error().and_then(failed) {
        Some(failed) => Ok(Guarded::Refused(failed.item().cloned().unwrap_or_default())),
        None => Err(StoreError::unavailable(operation, error)),
    }
}
