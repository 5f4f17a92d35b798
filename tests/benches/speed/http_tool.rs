//! What a call of a tool over HTTP adds to the tool's own time.
//!
//! The call is made as a run makes it, from the check of its arguments to its outcome, without the table. The baseline is the same request by a
//! bare client to the same server, which does nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use catalog::RequestedCall;
use drive::{Services, try_call};
use run::RunId;
use serde_json::json;

use crate::parts::{self, Spot};
use crate::report::{self, SPREAD, Samples, ms};
use crate::stand::{Stand, TOOL};

const WARM_UPS: usize = 50;
const PAIRS: usize = 1000;
/// What a call may add, in milliseconds.
const MOST_ADDED_MS: f64 = 1.0;

pub async fn http_tool() {
    let models = parts::model_server(parts::calling(TOOL, &json!({}), 0)).await;
    let mut stand = Stand::start(models).await;
    let noop = post(async |_: Bytes| Json(json!({"ok": true, "result": {"n": 1}})));
    let server = Spot::start(Router::new().route("/", noop)).await;
    stand.call_tool_at(&server.address);
    let (mut mine, mut bare, mut added) = <(Samples, Samples, Samples)>::default();
    for pair in 0..WARM_UPS + PAIRS {
        server.record.take();
        let call = called(&stand.services).await;
        let sent = server.record.take().remove(0).body;
        let posted = posted(&stand.http, &server.address, sent).await;
        if pair >= WARM_UPS {
            mine.add(ms(call));
            bare.add(ms(posted));
            added.add(ms(call) - ms(posted));
        }
    }
    let rows = [
        mine.row("a call of the tool", 3),
        bare.row("the same POST by a bare client", 3),
        added.row("added in each pair", 3),
    ];
    report::table(
        &format!("A tool over HTTP: ms, {PAIRS} pairs"),
        &SPREAD,
        &rows,
    );
    let added = added.median();
    let what = format!("a tool over HTTP adds at most {MOST_ADDED_MS} ms to its own time");
    report::goal(
        &what,
        added <= MOST_ADDED_MS,
        &format!("median {added:.3} ms"),
    );
}

async fn called(services: &Arc<Services>) -> Duration {
    let asked = RequestedCall {
        tool: TOOL.to_owned(),
        arguments: "{}".to_owned(),
    };
    let run_id = RunId::from_parts(1, parts::fresh().into());
    let began = Instant::now();
    let trial = try_call(services, run_id, "", &asked).await;
    let took = began.elapsed();
    assert!(trial.outcome.is_ok(), "{:?}", trial.outcome);
    took
}

async fn posted(http: &reqwest::Client, address: &str, body: Bytes) -> Duration {
    let request = http
        .post(address)
        .header("content-type", "application/json");
    let began = Instant::now();
    let response = request.body(body).send().await.unwrap();
    response.bytes().await.unwrap();
    began.elapsed()
}
