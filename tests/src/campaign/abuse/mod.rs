//! All abuse at once against a process of the stack: garbage, unfinished requests, readers that do not read, a crowd of runs, hostile tools and
//! models; and beside it honest runs, whose first events are timed calm and under abuse.
//!
//! Refuses to take a crash, an error outside the contract, an honest run that suffers, or a process that does not come back to what it held.

mod attackers;
mod figures;
#[expect(
    clippy::format_collect,
    reason = "what is written out by hand is short, and says what it does"
)]
mod garbage;
mod guesses;
mod people;
mod world;

use std::time::Duration;

use tokio::join;
use tokio::sync::watch;

pub use figures::{Figures, Held};
use people::People;
use world::World;

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    /// Garbage requests.
    pub requests: u64,
    /// Runs that are under way at once meanwhile.
    pub crowd: usize,
    /// Connections that never end their request, or never read.
    pub connections: usize,
    /// Honest runs before the abuse, for the figures of calm.
    pub calm_runs: usize,
    /// Guesses at each kind of key and id.
    pub guesses: usize,
    /// How long what the process holds may take to be given back.
    pub settles: Duration,
    /// Descriptors that it may hold then beside those before: of each of the crowd's runs its clients, and its own for models and the
    /// table, of which it has both ends, keep connections for the next question, for a minute and a half.
    pub kept: u64,
}

impl Plan {
    /// As the issue wants it.
    pub const fn full(seed: u64) -> Self {
        Self {
            seed,
            requests: 10_000,
            crowd: 200,
            connections: 1100,
            calm_runs: 300,
            guesses: 500,
            settles: Duration::from_mins(4),
            kept: 50,
        }
    }

    /// For the suite of tests. Fewer descriptors may be kept than there were connections.
    pub const fn small(seed: u64) -> Self {
        Self {
            seed,
            requests: 216,
            crowd: 20,
            connections: 200,
            calm_runs: 20,
            guesses: 10,
            settles: Duration::from_secs(40),
            kept: 140,
        }
    }
}

/// Panics at the first finding.
pub async fn carry_out(plan: Plan) -> Figures {
    let world = World::start(plan.seed).await;
    let people = People::new(&world);
    // What a process takes once, as threads and caches, is no leak.
    people.run_times(5).await;
    let before = Held::by(&world.process);
    let calm = people.run_times(plan.calm_runs).await;
    let over = watch::Sender::new(false);
    let crowd = world.crowd(plan.crowd);
    let attackers = attackers::unfinished(&world, plan.connections, over.subscribe());
    let held = async {
        let (crowd, ()) = join!(crowd, attackers);
        crowd
    };
    let abuse = async {
        let garbage = garbage::send(&world, plan.seed, plan.requests).await;
        over.send_replace(true);
        world.gate.open();
        garbage
    };
    let hostile = world.hostile_runs(over.subscribe());
    let honest = people.run_until(over.subscribe());
    let (crowd, garbage, hostile_runs, abused) = join!(held, abuse, hostile, honest);
    let guesses = guesses::tried(&world, plan.guesses).await;
    let peak = Held {
        resident: world.process.peak_resident_bytes(),
        ..before
    };
    let after = figures::settled(&world.process, before, &plan).await;
    Figures {
        plan,
        calm,
        abused,
        crowd,
        garbage,
        hostile_runs,
        guesses,
        before,
        peak,
        after,
    }
}
