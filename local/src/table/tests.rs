use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, Projection, ProjectionType, Put, ReturnValuesOnConditionCheckFailure,
    ScalarAttributeType, TimeToLiveSpecification, TransactWriteItem, WriteRequest,
};

use super::*;
use crate::guard::{AccessKey, locked, loopback};

struct Stand {
    url: String,
    client: Client,
    folder: tempfile::TempDir,
}

fn client(url: &str, key: &AccessKey) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("local"))
        .credentials_provider(key.credentials())
        .http_client(loopback::http_client())
        .endpoint_url(url)
        .build();
    Client::from_conf(config)
}

fn key_part(name: &str, part: KeyType) -> KeySchemaElement {
    let element = KeySchemaElement::builder().attribute_name(name);
    element.key_type(part).build().unwrap()
}

/// A served table `log` in a file: keys `PK` and `SK`, an index `open` on `part` and `SK`.
async fn stand() -> Stand {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder.path().join("table.db")).unwrap();
    let key = AccessKey::random().unwrap();
    let url = loopback::serve(locked(router(database), key.clone())).await;
    let client = client(&url, &key);
    let attribute = |name: &str| {
        let definition = AttributeDefinition::builder().attribute_name(name);
        definition
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap()
    };
    let index = GlobalSecondaryIndex::builder()
        .index_name("open")
        .key_schema(key_part("part", KeyType::Hash))
        .key_schema(key_part("SK", KeyType::Range))
        .projection(
            Projection::builder()
                .projection_type(ProjectionType::KeysOnly)
                .build(),
        )
        .build()
        .unwrap();
    client
        .create_table()
        .table_name("log")
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("PK"))
        .attribute_definitions(attribute("SK"))
        .attribute_definitions(attribute("part"))
        .key_schema(key_part("PK", KeyType::Hash))
        .key_schema(key_part("SK", KeyType::Range))
        .global_secondary_indexes(index)
        .send()
        .await
        .unwrap();
    Stand {
        url,
        client,
        folder,
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn new_item(sk: &str, writer: &str) -> Put {
    Put::builder()
        .table_name("log")
        .item("PK", text("RUN#1"))
        .item("SK", text(sk))
        .item("writer", text(writer))
        .condition_expression("attribute_not_exists(SK)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .unwrap()
}

async fn transact(client: &Client, puts: [Put; 2]) -> Result<(), aws_sdk_dynamodb::Error> {
    let items = puts.map(|put| TransactWriteItem::builder().put(put).build());
    let call = client.transact_write_items();
    call.set_transact_items(Some(items.into())).send().await?;
    Ok(())
}

#[tokio::test]
async fn a_conditional_put_that_collides_gives_the_item_that_stands_there() {
    let Stand { client, .. } = &stand().await;
    let put = |writer: &str| {
        let item = new_item("EV#1", writer);
        let call = client.put_item().table_name("log");
        call.set_item(Some(item.item))
            .condition_expression(item.condition_expression.unwrap())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
    };
    put("first").await.unwrap();
    let refusal = put("second").await.unwrap_err().into_service_error();
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(
        failed,
    ) = refusal
    else {
        panic!("{refusal:?}");
    };
    assert_eq!(failed.item.unwrap()["writer"], text("first"));
}

#[tokio::test]
async fn a_transaction_with_one_failing_condition_writes_nothing_and_says_which() {
    let Stand { client, .. } = &stand().await;
    transact(
        client,
        [new_item("HEAD", "first"), new_item("EV#1", "first")],
    )
    .await
    .unwrap();
    let refusal = transact(
        client,
        [new_item("EV#2", "second"), new_item("EV#1", "second")],
    )
    .await
    .unwrap_err();
    let aws_sdk_dynamodb::Error::TransactionCanceledException(cancelled) = refusal else {
        panic!("{refusal:?}");
    };
    let reasons = cancelled.cancellation_reasons();
    let codes: Vec<_> = reasons
        .iter()
        .map(|reason| reason.code().unwrap())
        .collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    assert_eq!(reasons[1].item().unwrap()["writer"], text("first"));
    let absent = client
        .get_item()
        .table_name("log")
        .key("PK", text("RUN#1"))
        .key("SK", text("EV#2"));
    assert_eq!(absent.send().await.unwrap().item, None);
}

#[tokio::test]
async fn a_consistent_query_comes_in_pages_and_in_order() {
    let Stand { client, .. } = &stand().await;
    let writes: Vec<_> = (1..=25)
        .map(|n| {
            let item = new_item(&format!("EV#{n:03}"), "w").item;
            let put = aws_sdk_dynamodb::types::PutRequest::builder().set_item(Some(item));
            WriteRequest::builder()
                .put_request(put.build().unwrap())
                .build()
        })
        .collect();
    let call = client.batch_write_item().request_items("log", writes);
    assert!(
        call.send()
            .await
            .unwrap()
            .unprocessed_items
            .unwrap()
            .is_empty()
    );
    let mut pages = client
        .query()
        .table_name("log")
        .consistent_read(true)
        .key_condition_expression("PK = :p AND SK > :after")
        .expression_attribute_values(":p", text("RUN#1"))
        .expression_attribute_values(":after", text("EV#005"))
        .limit(8)
        .into_paginator()
        .send();
    let mut seen = Vec::new();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        let items = page.unwrap().items.unwrap();
        sizes.push(items.len());
        seen.extend(items.into_iter().map(|mut item| item.remove("SK").unwrap()));
    }
    assert_eq!(sizes, [8, 8, 4]);
    let expected: Vec<_> = (6..=25).map(|n| text(&format!("EV#{n:03}"))).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn an_index_holds_an_item_only_while_it_has_the_key() {
    let Stand { client, .. } = &stand().await;
    let update = |expression: &str| {
        client
            .update_item()
            .table_name("log")
            .key("PK", text("RUN#1"))
            .key("SK", text("HEAD"))
            .update_expression(expression)
    };
    let open = || async {
        let query = client
            .query()
            .table_name("log")
            .index_name("open")
            .key_condition_expression("part = :s")
            .expression_attribute_values(":s", text("OPEN#3"));
        query.send().await.unwrap().count
    };
    let put = update("SET part = :s").expression_attribute_values(":s", text("OPEN#3"));
    put.send().await.unwrap();
    assert_eq!(open().await, 1);
    update("REMOVE part").send().await.unwrap();
    assert_eq!(open().await, 0);
}

#[tokio::test]
async fn time_to_live_and_items_are_in_the_file() {
    let Stand { client, folder, .. } = stand().await;
    let ttl = TimeToLiveSpecification::builder()
        .attribute_name("ttl")
        .enabled(true)
        .build()
        .unwrap();
    let call = client.update_time_to_live().table_name("log");
    call.time_to_live_specification(ttl).send().await.unwrap();
    transact(&client, [new_item("HEAD", "w"), new_item("EV#1", "w")])
        .await
        .unwrap();

    let key = AccessKey::random().unwrap();
    let again = open(&folder.path().join("table.db")).unwrap();
    let url = loopback::serve(locked(router(again), key.clone())).await;
    let client = self::client(&url, &key);
    let call = client.describe_time_to_live().table_name("log");
    let kept = call.send().await.unwrap().time_to_live_description.unwrap();
    assert_eq!(kept.attribute_name(), Some("ttl"));
    assert_eq!(
        client.scan().table_name("log").send().await.unwrap().count,
        2
    );
}

#[tokio::test]
async fn another_key_and_an_operation_that_is_not_served_are_refused_by_name() {
    let Stand { url, client, .. } = &stand().await;
    let stranger = self::client(url, &AccessKey::random().unwrap());
    let refusal = stranger.scan().table_name("log").send().await.unwrap_err();
    assert_eq!(refusal.code(), Some("UnrecognizedClientException"));
    let refusal = client.list_tables().send().await.unwrap_err();
    assert_eq!(refusal.code(), Some("UnknownOperationException"));
    for (table, code) in [
        ("absent", "ResourceNotFoundException"),
        ("no name", "ValidationException"),
        ("x", "ValidationException"),
    ] {
        let refusal = client.scan().table_name(table).send().await.unwrap_err();
        assert_eq!(refusal.code(), Some(code), "{refusal:?}");
    }
}

#[test]
fn a_file_that_is_no_table_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.db");
    std::fs::write(&path, "x".repeat(4096)).unwrap();
    let message = format!("{:#}", open(&path).err().unwrap());
    assert!(
        message.contains("table.db") && message.contains("move it away"),
        "{message}"
    );
}

/// A stack and commands beside it may be the first ones there together.
#[test]
fn many_open_a_new_file_at_once() {
    const ROUNDS: usize = 20;
    const AT_ONCE: usize = 8;
    let folder = tempfile::tempdir().unwrap();
    for round in 0..ROUNDS {
        let path = folder.path().join(format!("{round}.db"));
        std::fs::write(&path, "").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| open(&path).map(drop).unwrap());
            }
        });
    }
}
