//! The process dies while a response is streamed, at every point of its run. Whoever comes back behind the last frame misses nothing, and
//! sees nothing twice.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use tests::crash::{Calls, QUERY, World};
use tests::fault_proxy::Asked;
use tests::process::StackProcess;
use tests::wait::within;

use crate::kit::{Frames, kinds, streamed};

const LEASE: Duration = Duration::from_secs(3);
/// Worlds that are tried side by side.
const AT_ONCE: usize = 4;
/// Of the points that a run has, every so many.
const EVERY: usize = 3;

async fn points() -> Vec<String> {
    let world = World::new(Duration::from_mins(1)).await;
    world.burn_at_writes();
    let process = world.process().await;
    let frames = Frames::ask(&process.client, &streamed(QUERY)).await;
    frames.rest().await;
    world.table.until(Asked::ends_run).await;
    world.fuse.points()
}

/// What was seen of a response up to the death of its process at a point; `None` where it was not started by then.
async fn seen_until(world: &World, point: &str) -> Option<Frames> {
    world.burn_at_writes();
    world.fuse.set(point);
    let process = world.process().await;
    let client = process.client.clone();
    let body = streamed(QUERY);
    let mut frames = None;
    tokio::select! {
        () = within("the deadly point", world.fuse.burnt()) => {}
        () = async {
            let asked = frames.insert(Frames::ask(&client, &body).await);
            while asked.read().await {}
            world.table.until(Asked::ends_run).await;
        } => {}
    }
    process.kill().await;
    world.table.heal();
    frames
}

async fn nothing_is_lost(point: &str) {
    let mut world = World::new(LEASE).await;
    world.calls = Calls::ByTools;
    let Some(frames) = seen_until(&world, point).await else {
        return;
    };
    let (run_id, mut seen) = (frames.run_id.clone(), frames.seen.clone());
    let process = world.process().await;
    world.end_lease(&run_id).await;
    let last = seen
        .last()
        .and_then(|frame| frame["sequence_number"].as_u64());
    let rest = Frames::after(&process.client, &run_id, last).await;
    seen.extend(rest.rest().await);
    let whole = Frames::after(&process.client, &run_id, None).await;
    assert_eq!(whole.rest().await, seen, "{point}");
    assert_eq!(
        seen.last().unwrap()["type"],
        "response.completed",
        "{point}"
    );
    let deltas = seen
        .iter()
        .filter(|frame| frame["type"] == "response.output_text.delta");
    let texts: String = deltas
        .map(|frame| frame["delta"].as_str().unwrap())
        .collect();
    let done = seen
        .iter()
        .filter(|frame| frame["type"] == "response.output_text.done");
    let done: String = done.map(|frame| frame["text"].as_str().unwrap()).collect();
    assert_eq!(texts, done, "{point}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_behind_its_last_frame_wherever_its_process_died() {
    let points = points().await;
    assert!(points.len() > 30, "{points:?}");
    let tried = points.iter().step_by(EVERY);
    stream::iter(tried)
        .for_each_concurrent(AT_ONCE, |point| nothing_is_lost(point))
        .await;
}

/// `kill -9` of the stack's own process, in the middle of the answer, and the same stack once more.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_stack_goes_on_with_the_same_numbers() {
    let world = World::new(LEASE).await;
    let first = StackProcess::start(&world, LEASE.as_secs()).await;
    world.fuse.set("answer, step 3");
    let mut frames = Frames::ask(&first.client, &streamed(QUERY)).await;
    let read = async {
        frames.until("output_text.delta").await;
        world.fuse.burnt().await;
    };
    within("the middle of the answer", read).await;
    first.kill().await;
    while frames.read().await {}
    let (run_id, mut seen) = (frames.run_id.clone(), frames.seen.clone());
    assert!(!frames.is_done && !kinds(&seen).contains(&"completed"));
    world.fuse.release();
    let second = StackProcess::start(&world, LEASE.as_secs()).await;
    let last = seen.last().unwrap()["sequence_number"].as_u64();
    let rest = Frames::after(&second.client, &run_id, last)
        .await
        .rest()
        .await;
    seen.extend(rest);
    let again: Vec<Value> = Frames::after(&second.client, &run_id, None)
        .await
        .rest()
        .await;
    assert_eq!(again, seen);
    assert_eq!(seen.last().unwrap()["response"]["status"], "completed");
}
