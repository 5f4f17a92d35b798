//! The table fails at random: requests and answers are lost, come late, are refused; reads that need not be strong are
//! stale. Nothing is lost or doubled.

use std::sync::Arc;
use std::time::Duration;

use drive::Deadline;
use futures_util::{StreamExt as _, stream};
use rand::Rng as _;
use rand::rngs::StdRng;
use tests::crash::{Watcher, World, verify};
use tests::fault_proxy::{Asked, Fate};
use tests::wait::within;

use crate::seeds::{Seed, random, seeds};

const KEY: &str = "the start of this run";
const LEASE: Duration = Duration::from_millis(1500);
const SEEDS: u64 = 30;
const AT_ONCE: usize = 6;
/// Of a hundred requests, so many meet a fault.
const FAULTS: u32 = 15;
const LONGEST_DELAY_MS: u64 = 40;

fn fault(random: &mut StdRng, asked: &Asked) -> Fate {
    let is_weak = asked.name == "Query" && !asked.is_strong() && !asked.is_of_index();
    if is_weak && random.random_bool(0.5) {
        return Fate::Stale {
            from: random.random_range(0..3),
        };
    }
    if !random.random_ratio(FAULTS, 100) {
        return Fate::Pass;
    }
    let delay = Duration::from_millis(random.random_range(0..LONGEST_DELAY_MS));
    match random.random_range(0..6) {
        0 => Fate::LoseRequest,
        1 => Fate::LoseResponse,
        2 => Fate::DelayRequest(delay),
        3 => Fate::DelayResponse(delay),
        4 => Fate::Throttle,
        _ => Fate::Fail,
    }
}

async fn survives(seed: u64) {
    let _seed = Seed(seed);
    let world = World::new(LEASE).await;
    let [one, two] = [world.process().await, world.process().await];
    let mut random = random(seed);
    world.table.judge(move |asked| fault(&mut random, asked));
    let mut watcher = Watcher::default();
    watcher.ask(&one.client, KEY).await;
    let mut other = Watcher {
        run_id: watcher.run_id.clone(),
        ..Watcher::default()
    };
    other.to_the_end(&two.client).await;
    world.table.heal();
    assert_eq!(other.stored(), watcher.stored());
    verify(&world, &two.client, &watcher).await;
    for read in world.table.asked() {
        assert!(read.name != "GetItem" || read.is_strong(), "{read:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_survives_every_fault_of_the_table() {
    let seeds = seeds(SEEDS);
    let runs = stream::iter(seeds).map(survives);
    runs.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
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
    let is_look = |it: &Asked| it.name == "Query" && !it.is_of_index();
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
        .filter(|it| it.is_read() && !it.is_of_index());
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
