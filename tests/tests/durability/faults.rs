//! The table fails at random: requests and answers are lost, come late, are refused; reads that need not be strong are
//! stale. Nothing is lost or doubled.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use drive::Deadline;
use rand::RngExt as _;
use rand::rngs::StdRng;
use tests::crash::{Watcher, World, verify};
use tests::fault_proxy::{Asked, Fate};
use tests::seeds::{Seeds, random};
use tests::wait::within;

const KEY: &str = "the start of this run";
const LEASE: Duration = Duration::from_millis(1500);
const SEEDS: Seeds = Seeds {
    suite: "FAULTS",
    usual: 30,
    at_once: 6,
};
/// Of a hundred requests, so many meet a fault.
const FAULTS: u32 = 15;
const LONGEST_DELAY_MS: u64 = 40;

/// Faults by name, and how often each was met.
type Met = Arc<Mutex<BTreeMap<&'static str, usize>>>;

const KINDS: [&str; 7] = [
    "request lost",
    "response lost",
    "request late",
    "response late",
    "throttled",
    "failed",
    "stale",
];

fn fault(random: &mut StdRng, asked: &Asked) -> (&'static str, Fate) {
    if is_weak(asked) && random.random_bool(0.5) {
        let from = random.random_range(0..3);
        return ("stale", Fate::Stale { from });
    }
    if !random.random_ratio(FAULTS, 100) {
        return ("none", Fate::Pass);
    }
    let delay = Duration::from_millis(random.random_range(0..LONGEST_DELAY_MS));
    match random.random_range(0..6) {
        0 => ("request lost", Fate::LoseRequest),
        1 => ("response lost", Fate::LoseResponse),
        2 => ("request late", Fate::DelayRequest(delay)),
        3 => ("response late", Fate::DelayResponse(delay)),
        4 => ("throttled", Fate::Throttle),
        _ => ("failed", Fate::Fail),
    }
}

/// A watcher's look at the log, which may be stale.
fn is_weak(asked: &Asked) -> bool {
    let is_of_log = !asked.is_of_index() && !asked.reads_measures();
    asked.name == "Query" && !asked.is_strong() && is_of_log
}

async fn survives(seed: u64, met: Met) {
    let world = World::new(LEASE).await;
    let [one, two] = [world.process().await, world.process().await];
    let mut random = random(seed);
    world.table.judge(move |asked| {
        let (kind, fate) = fault(&mut random, asked);
        *met.lock().unwrap().entry(kind).or_default() += 1;
        fate
    });
    // The run waits for the watcher of the other process to look at the log.
    world.fuse.set("decision 2, asked");
    let mut watcher = Watcher::default();
    let asking = watcher.ask(&one.client, KEY);
    let following = async {
        world.fuse.burnt().await;
        let mut other = Watcher::of(&world.only_run().await);
        let mut follow = Box::pin(other.to_the_end(&two.client));
        tokio::select! {
            () = &mut follow => {}
            () = world.table.until(is_weak) => {
                world.fuse.release();
                follow.as_mut().await;
            }
        }
        drop(follow);
        other
    };
    let ((), other) = tokio::join!(asking, following);
    world.table.heal();
    assert_eq!(other.stored(), watcher.stored());
    verify(&world, &two.client, &watcher).await;
    for read in world.table.asked() {
        assert!(read.name != "GetItem" || read.is_strong(), "{read:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_survives_every_fault_of_the_table() {
    let met = Met::default();
    SEEDS
        .each(async |seed| survives(seed, Arc::clone(&met)).await)
        .await;
    let met = met.lock().unwrap();
    for kind in KINDS {
        let is_replay = SEEDS.list().len() == 1;
        assert!(is_replay || met.contains_key(kind), "{kind}: {met:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_reads_strongly() {
    let world = World::new(Duration::from_millis(300)).await;
    world.fuse.set("decision 2, asked");
    let first = world.process().await;
    let client = first.client.clone();
    let mut watcher = Watcher::default();
    tokio::select! {
        () = world.fuse.burnt() => {}
        () = watcher.start(&client, KEY) => panic!("the run ended"),
    }
    first.kill().await;
    let before = world.table.asked().len();
    // The next driver has no watcher beside it, and its model is silent long enough for a look at the log.
    world.fuse.set("answer, asked");
    let second = world.process().await;
    let services = Arc::clone(&second.services);
    let sweeping = second.spawn(async move {
        let deadline = Deadline::new(Duration::from_mins(15), None);
        while drive::sweep(Arc::clone(&services), deadline)
            .await
            .unwrap()
            .taken
            == 0
        {}
    });
    within(
        "the second driver to ask for the answer",
        world.fuse.burnt(),
    )
    .await;
    let so_far = world.table.asked().len();
    let is_of_run = |it: &Asked| !it.is_of_index() && !it.reads_measures();
    let is_look = |it: &Asked| it.name == "Query" && is_of_run(it);
    within("a look at the log", async {
        while !world.table.asked()[so_far..].iter().any(is_look) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    world.fuse.release();
    within("the run to be driven", sweeping).await.unwrap();
    let asked = world.table.asked();
    let reads = asked[before..]
        .iter()
        .filter(|it| it.is_read() && is_of_run(it));
    let reads: Vec<_> = reads.collect();
    assert!(reads.len() >= 4, "head, log, head again, look: {reads:#?}");
    for read in reads {
        assert!(read.is_strong(), "{read:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_that_is_never_answered_does_not_hold_the_run_for_ever() {
    let world = World::new(Duration::from_secs(1)).await;
    let process = world.process().await;
    let mut swallowed = false;
    world.table.judge(move |asked| {
        if asked.appends("tool_call") && !std::mem::replace(&mut swallowed, true) {
            Fate::SwallowRequest
        } else {
            Fate::Pass
        }
    });
    let mut watcher = Watcher::default();
    within("the run to go on", watcher.ask(&process.client, KEY)).await;
    verify(&world, &process.client, &watcher).await;
}
