//! `kill -9`, SIGSTOP past the lease and SIGTERM, while a run stands at a point that a seed has chosen: so each signal
//! interrupts a run that is under way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand::seq::IndexedRandom as _;
use tests::crash::{Calls, Watcher, World, verify};
use tests::process::StackProcess;
use tests::seeds::{Seeds, random};
use tests::wait::within;

use crate::ALONE;

const KEY: &str = "the start of this run";
/// A third of them for each signal.
const SEEDS: Seeds = Seeds {
    suite: "PROCESS",
    usual: 24,
    at_once: 4,
};
/// Seconds; the shortest there is.
const SHORT_LEASE: u64 = 1;
/// Seconds; long enough to tell a lease that was given up from one that ran out.
const GIVEN_UP_LEASE: u64 = 5;
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

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Kill,
    Freeze,
    Terminate,
}

/// Points of a run by schema: in its decisions, between each and its call, and after that.
const POINTS_BY_SCHEMA: [&str; 8] = [
    "decision 1, step 2",
    "r1.1, before",
    "r1.1, after",
    "decision 2, asked",
    "decision 2, step 3",
    "Part two, asked",
    "decision 3, step 4",
    "answer, step 3",
];

/// What a seed stands for.
#[derive(Clone, Copy, Debug)]
struct Plan {
    fault: Fault,
    point: &'static str,
}

impl Plan {
    fn of(seed: u64) -> Self {
        let fault =
            [Fault::Kill, Fault::Freeze, Fault::Terminate][usize::try_from(seed % 3).unwrap()];
        let point = POINTS.choose(&mut random(seed)).unwrap();
        Self { fault, point }
    }

    /// A table that does not answer cannot be told that the lease is given up.
    fn may_leave_in_good_order(self) -> bool {
        self.fault == Fault::Terminate && !self.point.starts_with("write")
    }

    /// Whether there is a run when the signal comes.
    fn has_begun(self) -> bool {
        self.point != "write 1, before"
    }
}

/// Interrupts a run; says whether its process left it in good order.
async fn interrupted(seed: u64) -> bool {
    let plan = Plan::of(seed);
    println!("seed {seed}: {plan:?}");
    interrupted_so(plan, Calls::ByTools).await
}

async fn interrupted_so(plan: Plan, calls: Calls) -> bool {
    let lease = if plan.may_leave_in_good_order() {
        GIVEN_UP_LEASE
    } else {
        SHORT_LEASE
    };
    let mut world = World::new(Duration::from_secs(lease)).await;
    world.calls = calls;
    let first = StackProcess::start(&world, lease).await;
    world.burn_at_writes();
    world.fuse.set(plan.point);
    let mut watcher = Watcher::default();
    let client = first.client.clone();
    tokio::select! {
        () = world.fuse.burnt() => {}
        () = watcher.start(&client, KEY) => panic!("{plan:?}: the run passed its point"),
    }
    let (frozen, in_good_order) = match plan.fault {
        Fault::Kill => {
            first.kill().await;
            (None, false)
        }
        Fault::Terminate => (None, first.terminate().await),
        Fault::Freeze => {
            first.freeze();
            (Some(first), false)
        }
    };
    was_under_way(&world, plan).await;
    if in_good_order && plan.may_leave_in_good_order() {
        assert!(world.is_given_up().await, "{plan:?}");
    }
    within(
        "the run to go on and end",
        goes_on(&world, watcher, frozen, plan),
    )
    .await;
    in_good_order
}

/// The signal came in the middle: the log has no end.
async fn was_under_way(world: &World, plan: Plan) {
    if plan.has_begun() {
        let log = world.log(&world.only_run().await).await;
        let last = log.last().unwrap().events.last().unwrap();
        assert_ne!(last["event"], "complete", "{plan:?}");
    }
}

/// Whatever the first process had on its way comes through while the second one has the run, and a frozen one wakes then.
async fn goes_on(world: &World, mut watcher: Watcher, frozen: Option<StackProcess>, plan: Plan) {
    if plan.has_begun() {
        world.lease_to_end(&world.only_run().await).await;
    }
    // Whoever takes the run over keeps it, however slow this machine is.
    let second = StackProcess::start(world, LONG_LEASE).await;
    let mut follower = Watcher::default();
    let wake = async {
        if plan.has_begun() {
            world.table.until_answered(|it| it.appends("resumed")).await;
        } else {
            world
                .table
                .until_answered(|it| it.starter().is_some())
                .await;
        }
        world.fuse.release();
        if let Some(frozen) = &frozen {
            frozen.thaw();
        }
    };
    tokio::join!(follower.ask(&second.client, KEY), wake);
    // A process that was frozen still serves, and shows what the second one wrote.
    let shown_by = frozen.as_ref().unwrap_or(&second);
    watcher.ask(&shown_by.client, KEY).await;
    assert_eq!(follower.stored(), watcher.stored(), "{plan:?}");
    verify(world, &second.client, &watcher).await;
    let resumed = &watcher.frames.last().unwrap().data["summary"]["resumed"];
    assert_eq!(*resumed, u32::from(plan.has_begun()), "{plan:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_survives_every_signal_to_its_process_wherever_it_stands() {
    let _alone = ALONE.lock().await;
    let in_good_order = AtomicUsize::new(0);
    SEEDS
        .each(async |seed| {
            let counts = Box::pin(interrupted(seed)).await;
            in_good_order.fetch_add(usize::from(counts), Ordering::Relaxed);
        })
        .await;
    let seeds = SEEDS.list();
    let wanted = seeds.iter().map(|seed| Plan::of(*seed));
    let wanted = wanted.filter(|plan| plan.may_leave_in_good_order()).count();
    // On a machine that is slow for a moment half a second may be too short; then the lease has to run out.
    let in_good_order = in_good_order.into_inner();
    assert!(
        seeds.len() == 1 || 2 * in_good_order >= wanted,
        "{in_good_order} of {wanted}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_by_schema_survives_the_death_of_its_process() {
    let _alone = ALONE.lock().await;
    for point in POINTS_BY_SCHEMA {
        let fault = Fault::Kill;
        interrupted_so(Plan { fault, point }, Calls::BySchema).await;
    }
}
