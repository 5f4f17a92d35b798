//! Runs that take longer than the function that works on them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use drive::Deadline;
use serde_json::{Value, json};
use tests::crash::{DRIVER, Process, Watcher, World, verify};
use tests::fault_proxy::Asked;
use tests::laws::check;
use tests::loopback::Served;
use tests::stream::Frame;
use tests::wait::within;

const KEY: &str = "the start of this run";
/// Long enough for one call on a loaded machine, and far too short for a run by the design's margins.
const FUNCTION: Duration = Duration::from_secs(2);

async fn world() -> World {
    let mut world = World::new(Duration::from_secs(5)).await;
    world.function = FUNCTION;
    world
}

fn count(frames: &[Frame], event: &str) -> usize {
    let stored = frames.iter().filter(|it| it.is_stored());
    stored.filter(|it| it.event() == event).count()
}

fn sweep(process: &Process) -> tokio::task::JoinHandle<usize> {
    let services = Arc::clone(&process.services);
    process.spawn(async move {
        let deadline = Deadline::new(FUNCTION, None);
        drive::sweep(services, deadline).await.unwrap().taken
    })
}

/// Each function leaves the run in good order, and exactly one goes on.
fn was_handed_on(frames: &[Frame]) {
    let suspended = count(frames, "suspended");
    assert!(suspended >= 3, "{suspended}");
    assert_eq!(count(frames, "resumed"), suspended);
    assert_eq!(count(frames, "retry"), 0, "nothing was under way");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_that_reconnects_carries_a_run_on() {
    let world = world().await;
    let process = world.process().await;
    let mut watcher = Watcher::default();
    watcher.ask(&process.client, KEY).await;
    was_handed_on(&watcher.frames);
    verify(&world, &process.client, &watcher).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweeper_carries_a_run_on_that_nobody_watches() {
    let world = world().await;
    let process = world.process().await;
    let mut watcher = Watcher::default();
    watcher.start(&process.client, KEY).await;
    assert!(!watcher.is_over());
    let path = format!("/api/runs/{}", watcher.run_id.as_ref().unwrap());
    within("the sweeper to end the run", async {
        while process.client.json(&path).await["status"] != "completed" {
            sweep(&process).await.unwrap();
        }
    })
    .await;
    watcher.to_the_end(&process.client).await;
    was_handed_on(&watcher.frames);
    verify(&world, &process.client, &watcher).await;
}

/// A world whose drivers wake the driver function, and the process in which it runs.
async fn world_with_driver() -> (World, Process) {
    let mut world = world().await;
    world.driver_function = Some(DRIVER.to_owned());
    let process = world.process().await;
    world.seat_driver(&process);
    (world, process)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_driver_function_carries_a_run_on_that_nobody_watches() {
    let (world, seat) = world_with_driver().await;
    let process = world.process().await;
    let mut watcher = Watcher::default();
    watcher.start(&process.client, KEY).await;
    assert!(!watcher.is_over());
    world.table.until_answered(Asked::ends_run).await;
    watcher.to_the_end(&process.client).await;
    was_handed_on(&watcher.frames);
    verify(&world, &seat.client, &watcher).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_driver_function_and_a_watcher_that_reconnects_one_goes_on() {
    let (world, seat) = world_with_driver().await;
    let process = world.process().await;
    let mut watcher = Watcher::default();
    watcher.ask(&process.client, KEY).await;
    was_handed_on(&watcher.frames);
    verify(&world, &seat.client, &watcher).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn watchers_and_sweepers_together_are_one_driver_at_a_time() {
    let world = world().await;
    let [one, two] = [world.process().await, world.process().await];
    let mut first = Watcher::default();
    first.start(&one.client, KEY).await;
    let mut watchers = [(); 4].map(|()| Watcher::of(first.run_id.as_ref().unwrap()));
    let path = format!("/api/runs/{}", first.run_id.as_ref().unwrap());
    let sweeping = async {
        while two.client.json(&path).await["status"] != "completed" {
            sweep(&two).await.unwrap();
        }
    };
    let clients = [&one.client, &two.client, &one.client, &two.client];
    let watching = watchers
        .iter_mut()
        .zip(clients)
        .map(async |(watcher, client)| {
            watcher.to_the_end(client).await;
        });
    within(
        "all to come to the end",
        futures_util::future::join(futures_util::future::join_all(watching), sweeping),
    )
    .await;
    first.to_the_end(&one.client).await;
    was_handed_on(&first.frames);
    for watcher in &watchers {
        check(&watcher.frames);
        assert_eq!(watcher.stored(), first.stored());
    }
    verify(&world, &two.client, &first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_longer_than_a_function_is_left_to_another_model_within_it() {
    let world = world().await;
    world.fuse.set("Part one, asked");
    let process = world.process().await;
    let mut watcher = Watcher::default();
    within("the run to end", watcher.ask(&process.client, KEY)).await;
    check(&watcher.frames);
    let result = watcher
        .frames
        .iter()
        .find(|it| it.event() == "tool_result" && it.data["call_id"] == "r1.2");
    let result = &result.unwrap().data["result"];
    assert_eq!(result["model_id"], "qwen", "{result}");
    assert_eq!(world.cast.asked()["Part one"], 2);
    let retries = watcher.frames.iter().filter(|it| it.event() == "retry");
    let retries: Vec<_> = retries.map(|it| &it.data["model"]).collect();
    assert_eq!(retries, ["qwen"]);
    let last = watcher.frames.last().unwrap();
    assert_eq!(last.data["summary"]["status"], "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_whose_function_is_over_begins_no_call_that_it_cannot_finish() {
    let mut world = World::new(Duration::from_secs(3)).await;
    world.fuse.set("decision 2, asked");
    let first = world.process().await;
    let client = first.client.clone();
    let mut watcher = Watcher::default();
    tokio::select! {
        () = world.fuse.burnt() => {}
        () = watcher.start(&client, KEY) => panic!("the run ended"),
    }
    first.kill().await;
    // The lease that is still in force outlasts the function of the next watcher.
    world.function = Duration::from_secs(1);
    let second = world.process().await;
    within("the run to end", watcher.to_the_end(&second.client)).await;
    verify(&world, &second.client, &watcher).await;
}

/// Decides once, and then never again; counts how often it is asked.
async fn falls_silent(
    State(asked): State<Arc<AtomicUsize>>,
    Json(request): Json<Value>,
) -> Response {
    let messages = request["messages"].as_array().unwrap();
    if messages.iter().any(|it| it["role"] == "assistant") {
        asked.fetch_add(1, Ordering::Relaxed);
        std::future::pending::<()>().await;
    }
    let arguments = json!({"query": "seven"}).to_string();
    let function = json!({"name": "search", "arguments": arguments});
    let call = json!({"index": 0, "id": "0", "type": "function", "function": function});
    let choice =
        json!({"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": "tool_calls"});
    let body = format!("data: {}\n\n", json!({"choices": [choice]}));
    ([("content-type", "text/event-stream")], body).into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_longer_than_a_function_ends_the_run_and_not_in_a_loop() {
    let mut world = world().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let router = Router::new()
        .route("/v1/chat/completions", post(falls_silent))
        .with_state(Arc::clone(&asked));
    let models = Served::start(router).await;
    world.models = models.address.clone();
    let process = world.process().await;
    let mut watcher = Watcher::default();
    within("the run to end", watcher.ask(&process.client, KEY)).await;
    check(&watcher.frames);
    let error = watcher.frames.iter().find(|it| it.event() == "error");
    assert_eq!(error.unwrap().data["error"]["code"], "model_timeout");
    let last = watcher.frames.last().unwrap();
    assert_eq!(last.data["summary"]["status"], "failed");
    // Once with what was left of a function's time at most, and once with all of it.
    assert!(asked.load(Ordering::Relaxed) <= 2);
}
