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
mod plan;
mod world;

use tokio::join;
use tokio::sync::watch;

pub use figures::{Figures, Held};
use people::People;
pub use plan::Plan;
use world::World;

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
