//! Random interleavings of everything that can happen to a run: results, failures, text, deadlines, cancels, collisions,
//! lost drivers and their successors. After each, the invariants of the architecture page are checked.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

mod world;

use proptest::collection::vec;
use proptest::prelude::*;
use run::{CallId, Delta, Epoch, Event, Input, ModelId, Run, State, Status, Takeover, decide};
use world::{Choices, World};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(768))]

    /// Invariants 1, 3, 4, 5, 6 and 9, over whole runs.
    #[test]
    fn any_interleaving_keeps_the_invariants(choices in vec(any::<u16>(), 0..400)) {
        let mut world = World::start(&mut Choices::of(&choices));
        let mut choices = Choices::of(&choices);
        while choices.remain() && !world.is_over() {
            world.happen(&mut choices);
            world.check_prefix();
        }
        world.come_to_an_end();
        world.check_whole();
    }

    /// `decide` has an answer to every input in every state that a log can lead to, and to inputs that make no sense there.
    #[test]
    fn decide_never_panics(choices in vec(any::<u16>(), 0..200), strange in vec(any::<u16>(), 0..60)) {
        let mut world = World::start(&mut Choices::of(&choices));
        let mut choices = Choices::of(&choices);
        while choices.remain() && !world.is_over() {
            world.happen(&mut choices);
        }
        let mut strange = Choices::of(&strange);
        let mut state = world.any_state();
        while strange.remain() {
            let input = world::any_input(&mut strange);
            let (after, _) = decide(state, input, strange.next_of(1_000_000));
            state = after;
        }
    }

    /// Folding never panics either, whatever stands in the log.
    #[test]
    fn folding_any_events_never_panics(choices in vec(any::<u16>(), 0..300)) {
        let mut choices = Choices::of(&choices);
        let mut run = Run::begin(world::start(&mut choices));
        let mut count = 1;
        while choices.remain() {
            run.apply(&world::any_event(&mut choices));
            count += 1;
        }
        prop_assert_eq!(run.last_seq.0, count);
    }

    /// What is stored reads back as it was, so that the fold of a stored log is the fold of the events.
    #[test]
    fn events_survive_storage(choices in vec(any::<u16>(), 0..60)) {
        let mut choices = Choices::of(&choices);
        let event = world::any_event(&mut choices);
        let stored = serde_json::to_string(&event).unwrap();
        prop_assert_eq!(serde_json::from_str::<Event>(&stored).unwrap(), event);
    }
}

/// A run that ten drivers have taken over, one after the other, and none has taken on.
fn taken_over_again_and_again(lost: bool) -> Run {
    let mut log = world::started_log();
    for epoch in (2..=11).map(Epoch) {
        let run = Run::fold(&log).unwrap();
        if run.ended().is_some() {
            return run;
        }
        let takeover = Takeover {
            epoch,
            reason: "the driver has left".to_owned(),
            lost,
            orchestrator: ModelId::new("qwen"),
            fallback: Vec::new(),
        };
        let (_, commands) = decide(State::new(run, epoch), Input::TakeOver(takeover), 0);
        log.extend(world::appended(&commands));
    }
    Run::fold(&log).unwrap()
}

#[test]
fn a_run_whose_driver_leaves_in_good_order_again_and_again_goes_on() {
    let run = taken_over_again_and_again(false);
    assert_eq!((run.ended(), run.resumed, run.recoveries), (None, 10, 0));
}

#[test]
fn a_run_whose_driver_is_lost_again_and_again_fails_with_a_remedy() {
    let run = taken_over_again_and_again(true);
    assert_eq!(run.ended(), Some(Status::Failed));
    assert_eq!(run.recoveries, run::MAX_RECOVERIES + 1);
    assert_eq!(run.failure.unwrap().code, "driver_lost");
}

#[test]
fn a_cancelled_run_whose_driver_was_lost_keeps_what_was_written() {
    let call_id = CallId::Orchestrator { round: 1 };
    let mut log = world::started_log();
    log.push(Event::Delta(Delta {
        call_id,
        attempt: 1,
        offset: 0,
        content: "It is".to_owned(),
    }));
    let by = "outside".to_owned();
    log.push(Event::CancelRequested { by });
    let epoch = Epoch(2);
    let takeover = Takeover {
        epoch,
        reason: "the driver has left".to_owned(),
        lost: true,
        orchestrator: ModelId::new("qwen"),
        fallback: Vec::new(),
    };
    let state = State::new(Run::fold(&log).unwrap(), epoch);
    let (_, commands) = decide(state, Input::TakeOver(takeover), 0);
    log.extend(world::appended(&commands));
    let run = Run::fold(&log).unwrap();
    assert_eq!(run.ended(), Some(Status::Cancelled));
    assert_eq!(run.text(call_id).unwrap().text, "It is");
}
