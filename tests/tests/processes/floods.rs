//! Servers that answer without end: what the process holds of it is bounded, and so is what it reads.
//!
//! `FLOOD_MB=700` lets each of them send as many megabytes.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::json;
use tests::crash::{QUERY, World};
use tests::loopback::Served;
use tests::process::StackProcess;

use crate::ALONE;

const MEGABYTE: u64 = 1 << 20;
/// What a server sends where `FLOOD_MB` does not say, in megabytes: more than [`MOST_GROWN`].
const FEW: u64 = 120;
/// What the process may hold more than before: the longest body that is read of a function (6.3 MB), some times over while it is decoded, for
/// each of the calls that are made side by side.
const MOST_GROWN: u64 = 60 * MEGABYTE;
/// What may have been sent of one body when its reader leaves: what is read, and what fills the buffers of both ends.
const MOST_SENT: u64 = 20 * MEGABYTE;
/// Seconds; longer than any wait of a test.
const LEASE: u64 = 600;

/// What answers without end, how often it was asked, and how many bytes have been taken of it.
#[derive(Clone)]
struct Flood {
    begin: &'static str,
    piece: Bytes,
    asked: Arc<AtomicU64>,
    sent: Arc<AtomicU64>,
}

impl Flood {
    fn of(begin: &'static str, piece: String) -> Self {
        Self {
            begin,
            piece: piece.into(),
            asked: Arc::default(),
            sent: Arc::default(),
        }
    }

    fn sent_each(&self) -> u64 {
        let asked = self.asked.load(Ordering::Relaxed);
        self.sent.load(Ordering::Relaxed) / asked.max(1)
    }
}

fn megabytes() -> u64 {
    std::env::var("FLOOD_MB").map_or(FEW, |many| many.parse().unwrap())
}

async fn pour(State(flood): State<Flood>) -> Response {
    flood.asked.fetch_add(1, Ordering::Relaxed);
    let pieces = megabytes() * MEGABYTE / flood.piece.len() as u64;
    let begin = stream::iter([Bytes::from_static(flood.begin.as_bytes())]);
    let rest = stream::iter((0..pieces).map(move |_| {
        flood
            .sent
            .fetch_add(flood.piece.len() as u64, Ordering::Relaxed);
        flood.piece.clone()
    }));
    let body = Body::from_stream(begin.chain(rest).map(Ok::<_, Infallible>));
    ([("content-type", "application/json")], body).into_response()
}

/// Holds that of all that a flood could have sent little was read, and little of that is held.
fn is_bounded(flood: &Flood, before: u64, process: &StackProcess) {
    let grown = process.peak_resident_bytes() - before;
    let each = flood.sent_each();
    println!(
        "{} MB each: {each} bytes sent each time, {before} bytes held before, {grown} more after",
        megabytes()
    );
    assert!(flood.asked.load(Ordering::Relaxed) > 0);
    assert!(each < MOST_SENT, "{each} bytes were taken");
    assert!(grown < MOST_GROWN, "{grown} bytes more are held");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_answers_without_end_fails_and_the_run_goes_on() {
    let _alone = ALONE.lock().await;
    let mut world = World::new(Duration::from_secs(LEASE)).await;
    let flood = Flood::of(
        r#"{"ok": true, "result": {"text": ""#,
        "x".repeat(64 * 1024),
    );
    let router = Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(pour))
        .with_state(flood.clone());
    world.functions = Served::start(router).await;
    let process = StackProcess::start(&world, LEASE).await;
    let before = process.peak_resident_bytes();
    let told = process.client.question(QUERY).await;
    assert_eq!(told.summary()["status"], "completed");
    let failed: Vec<_> = told
        .of("tool_result")
        .iter()
        .filter(|it| it["ok"] == json!(false))
        .map(|it| it["result"]["error"]["message"].to_string())
        .collect();
    assert_eq!(failed.len(), 3, "{failed:?}");
    is_bounded(&flood, before, &process);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_models_without_end_is_read_within_a_bound() {
    let _alone = ALONE.lock().await;
    let mut world = World::new(Duration::from_secs(LEASE)).await;
    let entry = format!(r#"{{"id": "{}"}},"#, "m".repeat(100));
    let flood = Flood::of(r#"{"object": "list", "data": ["#, entry.repeat(600));
    let router = Router::new()
        .route("/v1/models", get(pour))
        .with_state(flood.clone());
    let models = Served::start(router).await;
    world.models = models.address.clone();
    let process = StackProcess::start(&world, LEASE).await;
    let before = process.peak_resident_bytes();
    let config = process.client.json("/api/config").await;
    assert_eq!(config["models"].as_array().unwrap().len(), 3);
    is_bounded(&flood, before, &process);
}
