//! How long a client waits for the first event of a new run.
//!
//! The baseline is one bare transaction of the same items; what one request to a bare handler takes is shown beside it.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::parts;
use crate::report::{self, SPREAD, Samples, ms};
use crate::stand::{START, Stand, TABLE, TOOL};

const WARM_UPS: usize = 20;
const PAIRS: usize = 200;
/// What a start may cost against the bare transaction.
const MOST: f64 = 2.0;

pub async fn start() {
    let models = parts::model_server(parts::calling(TOOL, &json!({}), 0)).await;
    let stand = &Stand::start(models).await;
    let product = parts::serve(stand.product()).await + START;
    let echo = post(async |body: Bytes| body);
    let hop = parts::serve(Router::new().route("/", echo)).await;
    let body = json!({"query": "How many are there?"}).to_string();
    let (mut first, mut bare, mut hops, mut ratio) =
        <(Samples, Samples, Samples, Samples)>::default();
    for pair in 0..WARM_UPS + PAIRS {
        stand.table.record.take();
        let mine = first_bytes(&stand.http, &product, &body).await;
        let seen = stand.table.record.take();
        let transaction = seen
            .iter()
            .find(|seen| seen.operation == "TransactWriteItems");
        let other = transact(stand, &transaction.unwrap().json()).await;
        let hop = first_bytes(&stand.http, &hop, &body).await;
        if pair >= WARM_UPS {
            first.add(ms(mine));
            bare.add(ms(other));
            hops.add(ms(hop));
            ratio.add(ms(mine) / ms(other));
        }
    }
    let rows = [
        first.row("request to first event", 3),
        bare.row("one bare transaction of the same items", 3),
        hops.row("request to a handler that does nothing", 3),
        ratio.row("ratio of each pair", 2),
    ];
    report::table(&format!("Start: ms, {PAIRS} pairs"), &SPREAD, &rows);
    let ratio = ratio.median();
    let what = format!("the first event within {MOST} × one bare start transaction");
    report::goal(&what, ratio <= MOST, &format!("median ratio {ratio:.2}"));
}

/// Time to the first bytes of the body; the rest is read before anything else begins.
async fn first_bytes(http: &reqwest::Client, url: &str, body: &str) -> Duration {
    let request = http.post(url).header("content-type", "application/json");
    let request = request.body(body.to_owned());
    let began = Instant::now();
    let mut response = request.send().await.unwrap();
    response.chunk().await.unwrap().unwrap();
    let took = began.elapsed();
    while response.chunk().await.unwrap().is_some() {}
    took
}

async fn transact(stand: &Stand, recorded: &Value) -> Duration {
    let partition = format!("RUN#BARE{}", parts::fresh());
    let puts = recorded["TransactItems"].as_array().unwrap().iter();
    let puts = puts.map(|write| {
        let put = Put::builder()
            .table_name(TABLE)
            .set_item(Some(parts::item(&write["Put"]["Item"], &partition)))
            .condition_expression("attribute_not_exists(SK)");
        TransactWriteItem::builder()
            .put(put.build().unwrap())
            .build()
    });
    let call = stand.dynamodb.transact_write_items();
    let call = call.set_transact_items(Some(puts.collect()));
    let began = Instant::now();
    call.send().await.unwrap();
    began.elapsed()
}
