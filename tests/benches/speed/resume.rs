//! What it costs to go on with a run: one of a thousand events, and one whose driver has just stopped in good order.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use axum::body::Body;
use bytes::Bytes;
use drive::{Driver, NewDriver, StartOutcome, TakenOver};
use futures_util::{StreamExt as _, stream};
use run::RunId;
use serde_json::json;
use tokio::time::sleep;

use crate::parts;
use crate::report::{self, SPREAD, Samples, ms};
use crate::stand::{START, Stand, TABLE, TOOL, deadline, product, start_of};

/// Rounds of four events each.
const ROUNDS: usize = 250;
const WARM_UPS: usize = 5;
const PAIRS: usize = 60;
/// What a takeover may cost against a bare query of the same items.
const MOST: f64 = 3.0;
const STOPS: usize = 20;
/// Longest time from a clean stop to the next driver's first event.
const MOST_MS: f64 = 1000.0;

/// A reply whose end never comes.
fn held(first: String) -> Body {
    let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from(first))]);
    Body::from_stream(first.chain(stream::pending()))
}

pub async fn resume() {
    let calling = parts::calling(TOOL, &json!({}), ROUNDS);
    let models = parts::model_server(move |body| {
        let results = std::str::from_utf8(body).unwrap();
        if results.matches(r#""role":"tool""#).count() < ROUNDS {
            calling(body)
        } else {
            held(String::new())
        }
    });
    let stand = Stand::start(models.await).await;
    let run_id = abandoned(&stand).await;
    let (mut mine, mut bare, mut ratio) = <(Samples, Samples, Samples)>::default();
    let mut seen = (0, 0);
    for pair in 0..WARM_UPS + PAIRS {
        end_lease(&stand, run_id).await;
        let began = Instant::now();
        let taken = Driver::take_over(Arc::clone(&stand.services), run_id).await;
        let first = began.elapsed();
        let TakenOver::By { events, .. } = taken.unwrap() else {
            panic!("nobody else drives the run");
        };
        let began = Instant::now();
        let bytes = query(&stand, run_id).await;
        let second = began.elapsed();
        seen = (events.len(), bytes);
        if pair >= WARM_UPS {
            mine.add(ms(first));
            bare.add(ms(second));
            ratio.add(ms(first) / ms(second));
        }
    }
    let rows = [
        mine.row("takeover: head, epoch, log, fold", 2),
        bare.row("one bare query of the same items", 2),
        ratio.row("ratio of each pair", 2),
    ];
    let (events, bytes) = seen;
    let title = format!("Resume: ms, a run of {events} events in {bytes} bytes, {PAIRS} pairs");
    report::table(&title, &SPREAD, &rows);
    let ratio = ratio.median();
    let what = format!("a takeover within {MOST} × a bare query of the same bytes");
    report::goal(&what, ratio <= MOST, &format!("median ratio {ratio:.2}"));
}

/// A run that its driver has left in the middle, without a word.
async fn abandoned(stand: &Stand) -> RunId {
    let start = start_of(u32::try_from(ROUNDS).unwrap() + 1);
    let run_id = start.run_id;
    let begun = Driver::start(
        Arc::clone(&stand.services),
        start,
        NewDriver {
            key: None,
            accounts: &[],
            hands_over: false,
        },
    )
    .await;
    let StartOutcome::New(driver) = begun.unwrap() else {
        panic!("a run without a key is new");
    };
    let driving = tokio::spawn(driver.drive(None, deadline()));
    let mut asked = 0;
    while asked <= ROUNDS {
        asked += stand.models.record.take().len();
        sleep(Duration::from_millis(10)).await;
    }
    driving.abort();
    run_id
}

async fn end_lease(stand: &Stand, run_id: RunId) {
    let update = stand.dynamodb.update_item().table_name(TABLE);
    update
        .key("PK", AttributeValue::S(format!("RUN#{run_id}")))
        .key("SK", AttributeValue::S("HEAD".to_owned()))
        .update_expression("SET lease_until = :over")
        .expression_attribute_values(":over", AttributeValue::N("1".to_owned()))
        .send()
        .await
        .unwrap();
}

/// Reads the run's items; gives the bytes of their events.
async fn query(stand: &Stand, run_id: RunId) -> usize {
    let mut pages = stand
        .dynamodb
        .query()
        .table_name(TABLE)
        .key_condition_expression("PK = :run AND SK < :head")
        .expression_attribute_values(":run", AttributeValue::S(format!("RUN#{run_id}")))
        .expression_attribute_values(":head", AttributeValue::S("HEAD".to_owned()))
        .consistent_read(true)
        .into_paginator()
        .send();
    let mut bytes = 0;
    while let Some(page) = pages.next().await {
        let items = page.unwrap().items.unwrap_or_default();
        let events = items
            .iter()
            .map(|item| item["events"].as_s().unwrap().len());
        bytes += events.sum::<usize>();
    }
    bytes
}

pub async fn takeover() {
    let token = parts::frame(&json!({"content": "It is "}));
    let stand = Stand::start(parts::model_server(move |_| held(token.clone())).await).await;
    let mut took = Samples::default();
    for _ in 0..STOPS {
        let (first, second) = (stand.another(), stand.another());
        let (here, there) = (
            parts::serve(product(&first)).await,
            parts::serve(product(&second)).await,
        );
        let question = stand.http.post(here + START);
        let question = question.json(&json!({"query": "How many are there?"}));
        let mut response = question.send().await.unwrap().error_for_status().unwrap();
        let run_id = response.headers()["x-run-id"].to_str().unwrap().to_owned();
        until(&mut response, r#""event":"delta""#).await;
        first.stop().await;
        let stopped = Instant::now();
        let events = format!("{there}/api/runs/{run_id}/events");
        let mut response = stand.http.get(events).send().await.unwrap();
        until(&mut response, r#""event":"resumed""#).await;
        took.add(ms(stopped.elapsed()));
        second.stop().await;
    }
    let rows = [took.row("from the stop to the event of the next driver", 2)];
    report::table(
        &format!("Takeover after a clean stop: ms, {STOPS} stops"),
        &SPREAD,
        &rows,
    );
    let most = took.quantile(1.0);
    let what = format!(
        "the next driver within {:.0} s of a clean stop",
        MOST_MS / 1000.0
    );
    report::goal(&what, most <= MOST_MS, &format!("at most {most:.0} ms"));
}

async fn until(response: &mut reqwest::Response, sign: &str) {
    let mut text = String::new();
    while !text.contains(sign) {
        let chunk = response.chunk().await.unwrap().unwrap();
        // Frames of this run hold nothing but ASCII, so that no character is cut.
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}
