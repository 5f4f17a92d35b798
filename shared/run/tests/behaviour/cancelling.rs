//! A wish to cancel comes through the log.

use run::{Epoch, Event, Input, Outcome, POLL_AFTER_MS, Seq, Spent, Status, StopReason, Update};

use crate::kit::*;

fn wish() -> Event {
    Event::CancelRequested {
        by: "user".to_owned(),
    }
}

#[test]
fn a_driver_that_finds_the_wish_ends_every_call_by_its_name() {
    let log = [
        started(),
        vec![
            decided(1, 2),
            asked("r1.1", search()),
            asked("r1.2", answer("phi")),
        ],
    ];
    let at = Seq(6);
    let cancelled = Outcome::Cancelled {
        reason: "The run was cancelled.".to_owned(),
    };
    let not_run = Outcome::NotRun {
        reason: "The run ended before this call began.".to_owned(),
    };
    let took = Spent {
        duration_ms: POLL_AFTER_MS,
        ..Spent::default()
    };
    let found = Input::Polled {
        epoch: Epoch(1),
        events: vec![(at, wish())],
    };
    let scene = given(log.concat())
        .when(Input::Begin)
        .then([calls("r1.1", 1)])
        .after(POLL_AFTER_MS, Input::Woken)
        .then([run::Command::Poll { next: at }])
        .when(found);
    let [shown, append] = &scene.commands()[..] else {
        panic!("{:?}", scene.commands());
    };
    let told = Update::Stored {
        seq: at,
        event: wish(),
    };
    assert_eq!(*shown, run::Command::Emit(told));
    let run::Command::Append { events, .. } = append else {
        panic!("{append:?}");
    };
    assert_eq!(
        events[..],
        [
            result("r1.1", cancelled, took),
            result("r1.2", not_run, Spent::default()),
            complete(Status::Cancelled, POLL_AFTER_MS),
        ]
    );
    let commands = scene.commands();
    scene.then(commands);
}

#[test]
fn a_wish_that_an_append_collides_with_is_folded_and_the_result_is_proposed_again_as_it_is() {
    let log = [started(), vec![decided(1, 1), asked("r1.1", search())]];
    let scene = given(log.concat())
        .when(Input::Begin)
        .then([calls("r1.1", 1)])
        .when(brings("r1.1"))
        .then_append([brought("r1.1"), round(2)])
        .when(Input::Collided {
            epoch: Epoch(1),
            events: vec![(Seq(5), wish())],
        });
    let run::Command::Append { events, .. } = &scene.commands()[1] else {
        panic!("{:?}", scene.commands());
    };
    assert_eq!(
        events[..],
        [brought("r1.1"), complete(Status::Cancelled, 0)]
    );
    let commands = scene.commands();
    scene.then(commands);
}

#[test]
fn a_higher_epoch_in_the_log_stops_the_driver() {
    given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(Input::Polled {
            epoch: Epoch(2),
            events: Vec::new(),
        })
        .then_stop(StopReason::Superseded);
}

#[test]
fn what_a_decision_took_that_the_run_ended_before_is_paid_for() {
    let before = started();
    let at = Seq(before.len() as u64 + 1);
    let scene = given(before)
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(decides(1, [search()]));
    let [run::Command::Append { events, .. }] = &scene.commands()[..] else {
        panic!("{:?}", scene.commands());
    };
    let lost = events.clone();
    let scene = scene.then_append(lost).when(Input::Collided {
        epoch: Epoch(1),
        events: vec![(at, wish())],
    });
    let ended = scene.commands();
    let Some(run::Command::Append { events, .. }) = ended.last() else {
        panic!("{ended:?}");
    };
    let paid = attempt("llama", reply([]).spent);
    assert_eq!(
        events[..],
        [Event::Complete {
            status: Status::Cancelled,
            duration_ms: 0,
            attempt: Some(paid.clone()),
        }]
    );
    let log = [started(), vec![wish()], events.clone()].concat();
    let run = run::Run::fold(&log).unwrap();
    let totals = run.summary();
    assert_eq!(Some(totals.usage), paid.spent.usage);
    assert_eq!(Some(totals.cost), paid.spent.cost);
    scene.then(ended);
}

#[test]
fn a_call_that_was_left_for_another_driver_has_not_been_run() {
    let log = [
        started(),
        vec![
            decided(1, 2),
            asked("r1.1", search()),
            asked("r1.2", search()),
        ],
    ];
    let at = Seq(6);
    let scene = given(log.concat())
        .when(Input::Begin)
        .then([calls("r1.1", 1), calls("r1.2", 1)])
        .when(Input::NotBegun {
            call: call("r1.2", 1),
            reason: "the function's time is nearly over".to_owned(),
        })
        .then([])
        .when(Input::Polled {
            epoch: Epoch(1),
            events: vec![(at, wish())],
        });
    let commands = scene.commands();
    let Some(run::Command::Append { events, .. }) = commands.last() else {
        panic!("{commands:?}");
    };
    let were_called: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::ToolResult(result) => Some((result.call_id, result.outcome.was_called())),
            _ => None,
        })
        .collect();
    assert_eq!(were_called, [(id("r1.1"), true), (id("r1.2"), false)]);
    scene.then(commands);
}
