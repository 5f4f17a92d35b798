//! Drivers that want the same run, in schedules that a seed decides: one has it at a time, and whoever has lost it appends
//! nothing.

use std::sync::Arc;
use std::time::Duration;

use drive::{Deadline, Driver, TakenOver};
use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use run::{RunId, StopReason};
use tests::crash::{Process, Watcher, World, verify};
use tests::fault_proxy::{Asked, Fate};
use tests::gate::Gate;
use tests::seeds::{Seeds, random};
use tests::wait::within;

const KEY: &str = "the start of this run";
const SEEDS: Seeds = Seeds {
    suite: "RACING",
    usual: 100,
    at_once: 6,
};
/// Drivers that want a run.
const RIVALS: usize = 3;
/// It ends when the test says so.
const LEASE: Duration = Duration::from_mins(10);
const LONGEST_DELAY_MS: u64 = 8;

/// Where the first driver dies: while the orchestrator is asked, in the middle of parallel calls, of text, of an answer.
const DEATHS: [&str; 7] = [
    "decision 1, asked",
    "Part one, step 2",
    "r1.1, after",
    "r1.3, before",
    "decision 2, step 1",
    "decision 3, asked",
    "answer, step 4",
];

/// A world with a process that will lose its run, and one whose drivers want it.
struct Track {
    world: World,
    victims: Process,
    rivals: Process,
}

async fn track() -> Track {
    let world = World::new(LEASE).await;
    Track {
        victims: world.process().await,
        rivals: world.process().await,
        world,
    }
}

/// Tries to take a run over until somebody has, drives it where it was this one, and says how that ended.
async fn rival(services: Arc<drive::Services>, run_id: RunId) -> Option<StopReason> {
    loop {
        match Driver::take_over(Arc::clone(&services), run_id)
            .await
            .unwrap()
        {
            TakenOver::By { driver, .. } => {
                let deadline = Deadline::new(Duration::from_mins(15), None);
                return Some(driver.drive(None, deadline).await);
            }
            TakenOver::Ended => return None,
            TakenOver::Held | TakenOver::NoRoom => {}
            TakenOver::NoSuchRun => panic!("the run is gone"),
        }
    }
}

async fn race(seed: u64) {
    let mut random = random(seed);
    let track = track().await;
    let world = &track.world;
    world.fuse.set(DEATHS.choose(&mut random).unwrap());
    let client = track.victims.client.clone();
    let mut watcher = Watcher::default();
    tokio::select! {
        () = within("the first driver's death", world.fuse.burnt()) => {}
        () = watcher.start(&client, KEY) => panic!("the run ended"),
    }
    track.victims.kill().await;
    world.table.judge(move |_| {
        let delay = Duration::from_millis(random.random_range(0..LONGEST_DELAY_MS));
        if random.random() {
            Fate::DelayRequest(delay)
        } else {
            Fate::DelayResponse(delay)
        }
    });
    let run_id: RunId = world.only_run().await.parse().unwrap();
    watcher.run_id = Some(run_id.to_string());
    world.end_lease(&run_id.to_string()).await;
    let rivals = [(); RIVALS].map(|()| {
        let services = Arc::clone(&track.rivals.services);
        track.rivals.spawn(rival(services, run_id))
    });
    let ends = futures_util::future::join_all(rivals);
    let ends = within("the rivals to be done", ends).await;
    let drove: Vec<_> = ends.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(drove, [StopReason::Ended(run::Status::Completed)]);
    world.table.heal();
    watcher.to_the_end(&track.rivals.client).await;
    let resumed = watcher.frames.iter().filter(|it| it.event() == "resumed");
    assert_eq!(resumed.count(), 1);
    verify(world, &track.rivals.client, &watcher).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_takeover_race_of_three_drivers_has_one_winner() {
    SEEDS.each(race).await;
}

/// When a frozen driver's write comes through after all.
#[derive(Clone, Copy, Debug)]
enum Wakes {
    WhenAnotherHasTakenOver,
    WhenTheRunIsOver,
}

async fn freeze(seed: u64) {
    let mut random = random(seed);
    let track = track().await;
    let world = &track.world;
    let frozen_at = random.random_range(1..=5);
    let wakes = *[Wakes::WhenAnotherHasTakenOver, Wakes::WhenTheRunIsOver]
        .choose(&mut random)
        .unwrap();
    let (frozen, mut victim, mut appends) = (Gate::shut(), None, 0);
    let held = frozen.clone();
    world.table.judge(move |asked: &Asked| {
        if let Some(writer) = asked.starter() {
            victim = Some(writer.to_owned());
        }
        let is_victims = victim.as_ref().is_some_and(|it| asked.is_by(it));
        if is_victims && asked.is_append() {
            appends += 1;
        }
        if is_victims && appends >= frozen_at {
            Fate::HoldRequest(held.clone())
        } else {
            Fate::Pass
        }
    });
    let client = track.victims.client.clone();
    let mut watcher = Watcher::default();
    tokio::select! {
        () = frozen.reached() => {}
        () = watcher.start(&client, KEY) => panic!("the run ended"),
    }
    let run_id: RunId = world.only_run().await.parse().unwrap();
    watcher.run_id = Some(run_id.to_string());
    let services = Arc::clone(&track.rivals.services);
    world.end_lease(&run_id.to_string()).await;
    let next = track.rivals.spawn(rival(services, run_id));
    world.table.until_answered(|it| it.appends("resumed")).await;
    let ended = match wakes {
        Wakes::WhenAnotherHasTakenOver => {
            frozen.open();
            within("the run to end", next).await.unwrap()
        }
        Wakes::WhenTheRunIsOver => {
            let ended = within("the run to end", next).await.unwrap();
            frozen.open();
            ended
        }
    };
    assert_eq!(
        ended,
        Some(StopReason::Ended(run::Status::Completed)),
        "{wakes:?}"
    );
    // A driver that is done has left nothing on its way.
    within("the frozen driver to stop", track.victims.services.stop()).await;
    watcher.to_the_end(&track.rivals.client).await;
    verify(world, &track.rivals.client, &watcher).await;
    let log = world.log(&run_id.to_string()).await;
    assert_eq!(log.last().unwrap().epoch, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_driver_appends_nothing_after_another_took_over() {
    SEEDS.each(freeze).await;
}
