//! The driver dies at every point of a run: before and after each write of the table, each request to a model, each piece of
//! its reply and each call of a tool. A watcher that comes back, or the sweeper, goes on, and nothing is lost or doubled.

use std::sync::Arc;
use std::time::Duration;

use drive::Deadline;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tests::crash::{Calls, Process, QUERY, Watcher, World, verify, whole_answer};
use tests::fault_proxy::Asked;
use tests::stream::Frame;
use tests::wait::within;

const KEY: &str = "the start of this run";
/// Long enough to be renewed in time on a busy machine. Of a run that its watcher knows, the test ends it.
const LEASE: Duration = Duration::from_secs(3);
/// Worlds that are tried side by side.
const AT_ONCE: usize = 8;

/// All points of a run that nothing disturbs.
async fn points(calls: Calls) -> Vec<String> {
    let mut world = World::new(Duration::from_mins(1)).await;
    world.calls = calls;
    world.burn_at_writes();
    let process = world.process().await;
    let mut watcher = Watcher::default();
    watcher.start(&process.client, KEY).await;
    verify(&world, &process.client, &watcher).await;
    let (asked, invoked) = match calls {
        Calls::ByTools => (6, 3),
        Calls::BySchema => (5, 1),
    };
    assert_eq!(world.cast.asked().values().sum::<usize>(), asked);
    assert_eq!(world.cast.invoked().values().sum::<usize>(), invoked);
    // The end of the run is told before its head is written.
    world.table.until(Asked::ends_run).await;
    world.fuse.points()
}

/// Starts a run in a process that dies at the point; false where the run came to its end another way.
async fn die_at(world: &World, watcher: &mut Watcher, point: &str) -> bool {
    world.burn_at_writes();
    world.fuse.set(point);
    let process = world.process().await;
    let client = process.client.clone();
    tokio::select! {
        () = within("the deadly point", world.fuse.burnt()) => {}
        () = async {
            watcher.start(&client, KEY).await;
            // The last write follows the last event.
            world.table.until(Asked::ends_run).await;
        } => {}
    }
    process.kill().await;
    world.table.heal();
    world.fuse.is_burnt()
}

async fn sweep(process: &Process) {
    let services = Arc::clone(&process.services);
    let deadline = Deadline::new(Duration::from_mins(15), None);
    let swept = process.spawn(async move { drive::sweep(services, deadline).await.unwrap() });
    within("a sweep", swept).await.unwrap();
}

/// Every decision was asked for in the way of this world, and whoever was asked for it again was told the same, byte for byte. A model that
/// is a tool is also told what the calls beside its own had brought by then.
fn were_asked_alike(world: &World, watcher: &Watcher) {
    for (who, bodies) in world.cast.bodies() {
        let is_decision = who.starts_with("decision");
        assert!(
            bodies.len() == 1 || !is_decision,
            "{who} was told different things: {bodies:#?}"
        );
        let has = |field: &str| {
            bodies
                .iter()
                .any(|it| it.contains(&format!("\"{field}\":")))
        };
        let (by_tools, by_schema) = match (is_decision, world.calls) {
            (true, Calls::ByTools) => (true, false),
            (true, Calls::BySchema) => (false, true),
            (false, Calls::ByTools | Calls::BySchema) => (false, false),
        };
        assert_eq!(
            (has("tools"), has("response_format")),
            (by_tools, by_schema),
            "{who}"
        );
    }
    let decided = watcher
        .frames
        .iter()
        .filter(|it| it.event() == "round_decided");
    for frame in decided {
        let by = match world.calls {
            Calls::ByTools => Value::Null,
            Calls::BySchema => json!("schema"),
        };
        assert_eq!(frame.data["asked_by"], by, "{frame:?}");
    }
}

async fn the_run_survives(calls: Calls, point: &str, by_sweeper: bool) -> bool {
    let mut world = World::new(LEASE).await;
    world.calls = calls;
    let mut watcher = Watcher::default();
    let was_killed = die_at(&world, &mut watcher, point).await;
    let process = world.process().await;
    if let Some(run_id) = &watcher.run_id {
        world.end_lease(run_id).await;
    }
    if by_sweeper && let Some(run_id) = &watcher.run_id {
        within("the sweeper to end the run", async {
            loop {
                sweep(&process).await;
                let shown = process.client.json(&format!("/api/runs/{run_id}")).await;
                if shown["status"] == "completed" {
                    break;
                }
            }
        })
        .await;
    }
    if watcher.run_id.is_none() {
        watcher.start(&process.client, KEY).await;
    }
    watcher.to_the_end(&process.client).await;
    verify(&world, &process.client, &watcher).await;
    were_asked_alike(&world, &watcher);
    was_killed
}

async fn at_every_point(calls: Calls, by_sweeper: bool) {
    let points = points(calls).await;
    let least = match calls {
        Calls::ByTools => 60,
        Calls::BySchema => 45,
    };
    assert!(points.len() > least, "{points:#?}");
    let deaths = stream::iter(&points).map(async |point| {
        let died = the_run_survives(calls, point, by_sweeper).await;
        println!("{point}: {}", if died { "died" } else { "passed by" });
        died
    });
    let deaths: Vec<bool> = deaths.buffer_unordered(AT_ONCE).collect().await;
    let missed = deaths.iter().filter(|died| !**died).count();
    // Parallel results share a write or do not, so the last writes of one run may be missing in another.
    assert!(missed * 10 <= deaths.len(), "{missed} of {}", deaths.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_that_comes_back_goes_on_wherever_the_driver_died() {
    at_every_point(Calls::ByTools, false).await;
}

/// Also in the middle of a decision's JSON, between the decision and its call, and after that.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_by_schema_goes_on_by_schema_wherever_its_driver_died() {
    at_every_point(Calls::BySchema, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweeper_goes_on_wherever_the_driver_died() {
    at_every_point(Calls::ByTools, true).await;
}

/// Text in UTF-16 code units, put together from live and stored pieces by their offsets, as the page does it.
#[derive(Default)]
struct Joined {
    attempt: u64,
    units: Vec<u16>,
}

impl Joined {
    fn ingest(&mut self, data: &Value) {
        let attempt = data["attempt"].as_u64().unwrap();
        if attempt > self.attempt {
            *self = Self {
                attempt,
                units: Vec::new(),
            };
        }
        if data["event"] == "delta" && attempt == self.attempt {
            let offset = usize::try_from(data["offset"].as_u64().unwrap()).unwrap();
            assert!(offset <= self.units.len(), "a piece is lost: {data}");
            let piece: Vec<u16> = data["content"].as_str().unwrap().encode_utf16().collect();
            let known = self.units.len() - offset;
            self.units.extend(piece.iter().skip(known));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_joins_by_offset_across_a_crash() {
    let is_answer = |frame: &&Frame| frame.data["call_id"] == "r3.1";
    for point in ["answer, step 2", "answer, step 3", "answer, step 4"] {
        let world = World::new(LEASE).await;
        world.fuse.set(point);
        let process = world.process().await;
        let mut events = process.client.start(&json!({"query": QUERY})).await;
        let mut watcher = Watcher::of(&events.run_id);
        let is_live = |frame: &Frame| !frame.is_stored() && is_answer(&frame);
        watcher.frames = events.until(is_live).await;
        within("the deadly point", world.fuse.burnt()).await;
        process.kill().await;
        world.end_lease(&events.run_id).await;
        let process = world.process().await;
        watcher.to_the_end(&process.client).await;
        let mut joined = Joined::default();
        for frame in watcher.frames.iter().filter(is_answer) {
            if ["delta", "retry"].contains(&frame.event()) {
                joined.ingest(&frame.data);
            }
        }
        assert_eq!(joined.attempt, 2, "{point}");
        let whole: Vec<u16> = whole_answer().encode_utf16().collect();
        assert!(joined.units == whole, "{point}: units are lost or doubled");
        verify(&world, &process.client, &watcher).await;
    }
}
