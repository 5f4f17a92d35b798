//! The table itself: how it is made, and how it is first reached. In AWS the template makes it; this makes the same one where there is
//! none, on a laptop and in tests.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::operation::describe_table::DescribeTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};

use crate::head::{
    COST_NANO_USD, CREATED_AT, DURATION_MS, LEASE_UNTIL, OPEN, OWNER, STATUS, TITLE,
};
use crate::item::{EPOCH, EXPIRES_AT, PK, SK};
use crate::{Store, StoreError};

/// Runs of an owner by time, newest last.
pub(crate) const HISTORY_INDEX: &str = "history";
/// Unfinished runs by the end of their lease.
pub(crate) const OPEN_INDEX: &str = "open";

/// Of no item: `PK` of all others begins with the kind of the item.
const NO_ITEM: &str = "NONE";

impl Store {
    /// Opens the connection to the table by a read of an item that nobody writes: one request unit.
    pub async fn connect(&self) -> Result<(), StoreError> {
        let key = (NO_ITEM, NO_ITEM);
        let found = self.get("open the connection to the table", key, 0).await;
        found.map(drop)
    }
}

/// Makes the table where it is missing; one that is there is left as it is.
pub async fn create_table(client: &Client, table: &str) -> Result<(), StoreError> {
    let there = client.describe_table().table_name(table).send().await;
    match there {
        Ok(_) => return Ok(()),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(DescribeTableError::is_resource_not_found_exception) => {}
        Err(error) => return Err(StoreError::unavailable("find the table", error)),
    }
    let definition = definition().map_err(|error| StoreError::Unavailable {
        operation: "make the table",
        detail: error.to_string(),
    })?;
    let made = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(definition.attributes))
        .set_key_schema(Some(definition.keys))
        .set_global_secondary_indexes(Some(definition.indexes))
        .send()
        .await;
    if let Err(error) = made {
        return match error.as_service_error() {
            // Another stack was a moment earlier.
            Some(CreateTableError::ResourceInUseException(_)) => Ok(()),
            Some(_) | None => Err(StoreError::unavailable("make the table", error)),
        };
    }
    let expiry = TimeToLiveSpecification::builder()
        .attribute_name(EXPIRES_AT)
        .enabled(true)
        .build()
        .map_err(|error| StoreError::Unavailable {
            operation: "set the table's expiry",
            detail: error.to_string(),
        })?;
    client
        .update_time_to_live()
        .table_name(table)
        .time_to_live_specification(expiry)
        .send()
        .await
        .map_err(|error| StoreError::unavailable("set the table's expiry", error))?;
    Ok(())
}

struct Definition {
    attributes: Vec<AttributeDefinition>,
    keys: Vec<KeySchemaElement>,
    indexes: Vec<GlobalSecondaryIndex>,
}

fn definition() -> Result<Definition, BuildError> {
    let attribute = |name: &str, kind: ScalarAttributeType| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(kind)
            .build()
    };
    let history = Projection::builder()
        .projection_type(ProjectionType::Include)
        .set_non_key_attributes(Some(
            [TITLE, STATUS, DURATION_MS, COST_NANO_USD, EXPIRES_AT]
                .map(str::to_owned)
                .to_vec(),
        ))
        .build();
    let open = Projection::builder()
        .projection_type(ProjectionType::Include)
        .set_non_key_attributes(Some([EPOCH, STATUS].map(str::to_owned).to_vec()))
        .build();
    Ok(Definition {
        attributes: vec![
            attribute(PK, ScalarAttributeType::S)?,
            attribute(SK, ScalarAttributeType::S)?,
            attribute(OWNER, ScalarAttributeType::S)?,
            attribute(CREATED_AT, ScalarAttributeType::N)?,
            attribute(OPEN, ScalarAttributeType::S)?,
            attribute(LEASE_UNTIL, ScalarAttributeType::N)?,
        ],
        keys: keys(PK, SK)?,
        indexes: vec![
            index(HISTORY_INDEX, keys(OWNER, CREATED_AT)?, history)?,
            index(OPEN_INDEX, keys(OPEN, LEASE_UNTIL)?, open)?,
        ],
    })
}

fn keys(partition: &str, sort: &str) -> Result<Vec<KeySchemaElement>, BuildError> {
    let key = |name: &str, kind: KeyType| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
    };
    Ok(vec![
        key(partition, KeyType::Hash)?,
        key(sort, KeyType::Range)?,
    ])
}

fn index(
    name: &str,
    keys: Vec<KeySchemaElement>,
    projection: Projection,
) -> Result<GlobalSecondaryIndex, BuildError> {
    GlobalSecondaryIndex::builder()
        .index_name(name)
        .set_key_schema(Some(keys))
        .projection(projection)
        .build()
}
