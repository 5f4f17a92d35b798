//! A table outside the stack that writes down every request made to it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::loopback::Served;
use crate::wait::within;

/// The name of the table.
pub const NAME: &str = "counted";
/// The largest request of the table's own interface, in bytes.
const MAX_REQUEST_BYTES: usize = 16 * 1024 * 1024;

/// An item with its attributes as plain JSON; of bytes their number.
pub type Item = BTreeMap<String, Value>;

/// The embedded table behind a layer that counts.
#[derive(Debug)]
pub struct Table {
    pub client: Client,
    operations: watch::Sender<Vec<Operation>>,
    served: Served,
    _folder: TempDir,
}

/// One request that the table has answered.
#[derive(Clone, Debug)]
pub struct Operation {
    pub name: String,
    pub body: Value,
    pub bytes: usize,
}

impl Table {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = local::table::open(&folder.path().join("table.sqlite")).unwrap();
        let operations = watch::Sender::new(Vec::new());
        let counting = middleware::from_fn_with_state(operations.clone(), count);
        let served = Served::start(local::table::router(database).layer(counting)).await;
        let client = client_at(&served.address);
        store::create_table(&client, NAME).await.unwrap();
        Self {
            client,
            operations,
            served,
            _folder: folder,
        }
    }

    pub fn address(&self) -> &str {
        &self.served.address
    }

    /// Puts an item there, past whoever works on the table.
    pub async fn put(&self, item: &Item) {
        let attributes = item.iter().map(|(name, value)| {
            let value = match value {
                Value::String(text) => AttributeValue::S(text.clone()),
                number => AttributeValue::N(number.to_string()),
            };
            (name.clone(), value)
        });
        let put = self.client.put_item().table_name(NAME);
        let put = put.set_item(Some(attributes.collect()));
        put.send().await.unwrap();
    }

    /// All operations that have been answered so far.
    pub fn operations(&self) -> Vec<Operation> {
        self.operations.borrow().clone()
    }

    /// Waits until an operation has been answered that fits, and gives all so far.
    pub async fn until(&self, fits: impl Fn(&Operation) -> bool) -> Vec<Operation> {
        self.until_times(1, fits).await
    }

    /// The same for so many that fit.
    pub async fn until_times(
        &self,
        times: usize,
        fits: impl Fn(&Operation) -> bool,
    ) -> Vec<Operation> {
        let mut operations = self.operations.subscribe();
        let seen = operations.wait_for(|all| all.iter().filter(|it| fits(it)).count() >= times);
        within("an operation of the table", seen)
            .await
            .unwrap()
            .clone()
    }

    /// Every item, by key.
    pub async fn items(&self) -> Vec<Item> {
        let mut pages = self.client.scan().table_name(NAME).into_paginator().send();
        let mut items = Vec::new();
        while let Some(page) = pages.next().await {
            for item in page.unwrap().items.unwrap_or_default() {
                let plain = item.into_iter().map(|(name, value)| (name, plain(value)));
                items.push(plain.collect::<Item>());
            }
        }
        items.sort_by_key(|item| (item["PK"].to_string(), item["SK"].to_string()));
        items
    }
}

impl Operation {
    /// Whether it changes items.
    pub fn is_write(&self) -> bool {
        let reads = ["Query", "GetItem", "Scan", "BatchGetItem"];
        let about_tables = ["CreateTable", "DescribeTable", "UpdateTimeToLive"];
        !reads.contains(&self.name.as_str()) && !about_tables.contains(&self.name.as_str())
    }

    /// The events that a put appends.
    pub fn events(&self) -> Vec<Value> {
        let events = self.body["Item"]["events"]["S"].as_str().unwrap();
        serde_json::from_str(events).unwrap()
    }

    /// Whether it writes the end of a run into its head.
    pub fn ends_run(&self) -> bool {
        ends_run(&self.name, &self.body)
    }
}

/// Whether a request notes the end of a run: in its head, and in the sums of its day.
pub(crate) fn ends_run(name: &str, body: &Value) -> bool {
    let head = &body["TransactItems"][0]["Update"]["UpdateExpression"];
    name == "TransactWriteItems" && head.as_str().is_some_and(|it| it.contains("REMOVE #open"))
}

/// A client of a table at an address. It tries nothing for longer than the SDK does by itself.
pub fn client_at(address: &str) -> Client {
    let config = aws_sdk_dynamodb::config::Builder::from(&host::aws::config().unwrap())
        .timeout_config(host::aws::table_timeouts())
        .endpoint_url(address)
        .credentials_provider(credentials())
        .build();
    Client::from_conf(config)
}

/// Any credentials: this table checks none.
pub(crate) fn credentials() -> Credentials {
    Credentials::new("test", "test", None, None, "test")
}

async fn count(
    State(operations): State<watch::Sender<Vec<Operation>>>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let target = parts.headers["x-amz-target"].to_str().unwrap();
    let name = target.rsplit_once('.').unwrap().1.to_owned();
    let bytes = to_bytes(body, MAX_REQUEST_BYTES).await.unwrap();
    let operation = Operation {
        name,
        body: serde_json::from_slice(&bytes).unwrap(),
        bytes: bytes.len(),
    };
    let response = next
        .run(Request::from_parts(parts, Body::from(bytes)))
        .await;
    operations.send_modify(|all| all.push(operation));
    response
}

fn plain(value: AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!(text),
        AttributeValue::N(number) => json!(number.parse::<u64>().unwrap()),
        AttributeValue::B(bytes) => json!(bytes.as_ref().len()),
        other => panic!("an attribute of a kind that no item has: {other:?}"),
    }
}
