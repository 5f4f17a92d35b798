//! Commands of the operator's guide against the embedded table, as far as it goes: it restores nothing and has no protection.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    TimeToLiveDescription, TimeToLiveSpecification,
};
use tests::table::{NAME, Table};

const GUIDE: &str = include_str!("../../docs/operate.md");
/// A restored table has the keys of the one before, and no expiry.
const RESTORED: &str = "restored";

#[tokio::test]
async fn what_is_done_to_a_restored_table_gives_it_the_expiry_of_its_own() {
    let table = Table::start().await;
    let client = &table.client;
    create_restored(client).await;
    let before = expiry(client, RESTORED).await;
    // The block looks for a status that begins so.
    assert!(!status(&before).starts_with("ENABL"), "{before:?}");
    let (_, specification) = GUIDE
        .split_once("--time-to-live-specification Enabled=true,AttributeName=")
        .unwrap();
    let attribute = specification.lines().next().unwrap();
    let specification = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name(attribute)
        .build()
        .unwrap();
    let update = client.update_time_to_live().table_name(RESTORED);
    update
        .time_to_live_specification(specification)
        .send()
        .await
        .unwrap();
    let (after, own) = (expiry(client, RESTORED).await, expiry(client, NAME).await);
    assert!(status(&after).starts_with("ENABL"), "{after:?}");
    assert_eq!(after, own);
}

async fn create_restored(client: &Client) {
    let create = client.create_table().table_name(RESTORED);
    let keys = [("PK", KeyType::Hash), ("SK", KeyType::Range)];
    let create = keys.into_iter().fold(create, |create, (name, kind)| {
        let definition = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build();
        let key = KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build();
        create
            .attribute_definitions(definition.unwrap())
            .key_schema(key.unwrap())
    });
    let create = create.billing_mode(BillingMode::PayPerRequest);
    create.send().await.unwrap();
}

async fn expiry(client: &Client, name: &str) -> TimeToLiveDescription {
    let found = client.describe_time_to_live().table_name(name).send().await;
    found.unwrap().time_to_live_description.unwrap()
}

fn status(expiry: &TimeToLiveDescription) -> &str {
    expiry
        .time_to_live_status()
        .map_or("", |status| status.as_str())
}
