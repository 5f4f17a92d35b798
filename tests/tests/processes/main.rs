//! Real processes with real signals at random points: `kill -9`, SIGSTOP past the lease, SIGTERM.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use futures_util::{StreamExt as _, stream};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use std::time::Duration;
use tests::crash::{Watcher, World, verify};
use tests::process::StackProcess;
use tests::wait::within;

const KEY: &str = "the start of this run";
/// Seeds of each signal; another number comes in `SEEDS`, one seed alone in `SEED`.
const USUAL_SEEDS: u64 = 8;
const AT_ONCE: usize = 4;
/// Seconds; the shortest there is.
const LEASE: u64 = 1;
/// Longer than any wait of a test.
const LONG_LEASE: u64 = 600;

/// Points of every run, whatever the order of its parallel calls.
const POINTS: [&str; 22] = [
    "write 1, before",
    "write 1, after",
    "write 2, before",
    "write 2, after",
    "write 3, before",
    "write 3, after",
    "write 5, after",
    "write 6, before",
    "write 7, after",
    "decision 1, asked",
    "decision 1, step 3",
    "Part one, asked",
    "Part one, step 2",
    "r1.1, before",
    "r1.1, after",
    "r1.3, before",
    "r1.3, after",
    "decision 2, asked",
    "r2.2, after",
    "decision 3, asked",
    "answer, step 1",
    "answer, step 4",
];

fn seeds() -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    match (number("SEED"), number("SEEDS")) {
        (Some(seed), _) => vec![seed],
        (None, count) => (0..count.unwrap_or(USUAL_SEEDS)).collect(),
    }
}

/// A run in its first process, which stands at a point that the seed has chosen.
struct Stand {
    world: World,
    first: StackProcess,
    watcher: Watcher,
    point: &'static str,
}

async fn stand(seed: u64, lease: u64) -> Stand {
    let point = POINTS.choose(&mut StdRng::seed_from_u64(seed)).unwrap();
    println!("seed {seed}: {point}");
    let world = World::new(Duration::from_secs(lease)).await;
    let first = StackProcess::start(&world, lease).await;
    world.burn_at_writes();
    world.fuse.set(point);
    let mut watcher = Watcher::default();
    let client = first.client.clone();
    tokio::select! {
        () = within("the point to be reached", world.fuse.burnt()) => {}
        () = watcher.start(&client, KEY) => panic!("seed {seed}: the run passed {point}"),
    }
    Stand {
        world,
        first,
        watcher,
        point,
    }
}

/// Goes on with the run in a process and holds it to the laws.
async fn goes_on(world: &World, mut watcher: Watcher, process: &StackProcess) {
    watcher.ask(&process.client, KEY).await;
    verify(world, &process.client, &watcher).await;
}

async fn each(test: impl AsyncFn(u64)) {
    let runs = stream::iter(seeds()).map(|seed| test(seed));
    runs.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_loses_nothing() {
    each(async |seed| {
        let stand = stand(seed, LEASE).await;
        stand.first.kill().await;
        stand.world.table.heal();
        let second = StackProcess::start(&stand.world, LEASE).await;
        goes_on(&stand.world, stand.watcher, &second).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_frozen_past_its_lease_appends_nothing_when_it_wakes() {
    each(async |seed| {
        let stand = stand(seed, LEASE).await;
        let (world, first) = (&stand.world, &stand.first);
        if stand.watcher.run_id.is_none() {
            // The start itself was frozen: there is no run yet that another process could know.
            return;
        }
        first.freeze();
        let second = StackProcess::start(world, LONG_LEASE).await;
        let mut watcher = stand.watcher;
        let mut early = Watcher {
            run_id: watcher.run_id.clone(),
            ..Watcher::default()
        };
        // Whatever the first process had on its way comes through while the second one drives.
        let path = format!("/api/runs/{}", watcher.run_id.as_ref().unwrap());
        let follow = async { early.to_the_end(&second.client).await };
        let wake = async {
            let client = second.client.clone();
            within("the second process to take over", async {
                while client.json(&path).await["summary"]["resumed"] != 1 {}
            })
            .await;
            world.fuse.release();
            first.thaw();
        };
        within("the run to end", futures_util::future::join(follow, wake)).await;
        // The first process still serves, and shows what the second one wrote.
        watcher.to_the_end(&first.client).await;
        assert_eq!(
            early.stored(),
            watcher.stored(),
            "seed {seed}: {}",
            stand.point
        );
        verify(world, &second.client, &watcher).await;
        let resumed = &watcher.frames.last().unwrap().data["summary"]["resumed"];
        assert_eq!(*resumed, 1, "seed {seed}: {}", stand.point);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminated_process_leaves_its_run_to_the_next_one_at_once() {
    each(async |seed| {
        let stand = stand(seed, LONG_LEASE).await;
        if stand.point.starts_with("write") {
            // A table that does not answer cannot be told that the lease is given up.
            return;
        }
        stand.first.terminate().await;
        stand.world.table.heal();
        // With this lease, waiting for its end would take longer than the test may.
        let second = StackProcess::start(&stand.world, LONG_LEASE).await;
        within(
            "the next process to end the run",
            goes_on(&stand.world, stand.watcher, &second),
        )
        .await;
    })
    .await;
}
