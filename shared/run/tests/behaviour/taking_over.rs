//! Going on with a run that another driver has left.

use run::{
    Attempt, CallEnd, Epoch, Event, Input, MAX_RECOVERIES, ModelId, Outcome, Spent, Status,
    Takeover,
};
use serde_json::Map;

use crate::kit::*;

fn takes_over(epoch: u64, lost: bool) -> Input {
    Input::TakeOver(Takeover {
        epoch: Epoch(epoch),
        reason: "it was lost".to_owned(),
        lost,
        orchestrator: ModelId::new("llama"),
        fallback: vec![ModelId::new("phi"), ModelId::new("gemma")],
    })
}

fn resumed(epoch: u64, lost: bool) -> Event {
    Event::Resumed {
        epoch: Epoch(epoch),
        reason: "it was lost".to_owned(),
        lost,
    }
}

fn again(call_id: &str, attempt: u32, model: Option<&str>) -> Event {
    Event::Retry {
        call_id: id(call_id),
        attempt,
        reason: "it was lost".to_owned(),
        model: model.map(ModelId::new),
        ended: Attempt::default(),
        reserved: None,
    }
}

#[test]
fn what_was_in_flight_is_asked_again_by_its_model_and_what_may_not_be_repeated_is_not() {
    let log = [
        started(),
        vec![
            decided(1, 4),
            asked("r1.1", search()),
            asked("r1.2", pay()),
            asked("r1.3", answer("phi")),
            asked("r1.4", search()),
            brought("r1.4"),
        ],
    ];
    let scene = given(log.concat()).when(takes_over(1, true));
    let events = scene.appends();
    assert_eq!(events[..2], [resumed(1, true), again("r1.1", 2, None)]);
    let [Event::ToolResult(unknown)] = &events[2..] else {
        panic!("{events:?}");
    };
    assert_eq!(
        (unknown.call_id, unknown.spent),
        (id("r1.2"), Spent::default())
    );
    assert!(
        matches!(&unknown.outcome, Outcome::Failed { code, retryable: false, .. } if code == "outcome_unknown")
    );
    scene
        .then_append(events)
        .when_stored()
        .then([calls("r1.1", 2)]);
}

#[test]
fn a_decision_that_was_in_flight_is_asked_for_again_by_the_model_that_decides_now() {
    given(started())
        .when(takes_over(1, true))
        .then_append([resumed(1, true), again("r1.orchestrator", 2, Some("llama"))])
        .when_stored()
        .then([calls("r1.orchestrator", 2)]);
}

/// A retry that the log holds: it names who was asked from then on.
fn asked_in_its_place(call_id: &str, attempt_no: u32, model: &str) -> Event {
    Event::Retry {
        call_id: id(call_id),
        attempt: attempt_no,
        reason: "Qwen cannot be reached".to_owned(),
        model: Some(ModelId::new(model)),
        ended: attempt("qwen", spent(0, 0, 3)),
        reserved: None,
    }
}

#[test]
fn whom_the_log_names_in_the_place_of_one_that_failed_goes_on_if_the_catalogue_still_has_it() {
    // Who was asked in the round's decision, and who is asked again.
    for (asked, again_by) in [
        ("phi", "phi"),
        ("gemma", "gemma"),
        ("mistral", "llama"),
        ("llama", "llama"),
    ] {
        let log = [
            started(),
            vec![asked_in_its_place("r1.orchestrator", 2, asked)],
        ];
        given(log.concat())
            .when(takes_over(1, true))
            .then_append([
                resumed(1, true),
                again("r1.orchestrator", 3, Some(again_by)),
            ])
            .when_stored()
            .then([calls("r1.orchestrator", 3)]);
    }
    // A new round begins with the first choice.
    let next = [
        decided(1, 1),
        asked("r1.1", search()),
        brought("r1.1"),
        round(2),
    ];
    let log = [
        started(),
        vec![asked_in_its_place("r1.orchestrator", 2, "phi")],
        next.to_vec(),
    ];
    given(log.concat())
        .when(takes_over(1, true))
        .then_append([resumed(1, true), again("r2.orchestrator", 2, Some("llama"))]);
}

#[test]
fn a_call_goes_on_with_the_model_that_was_asked_in_the_place_of_another() {
    let log = [
        started(),
        vec![
            decided(1, 1),
            asked("r1.1", answer("qwen")),
            asked_in_its_place("r1.1", 2, "gemma"),
        ],
    ];
    given(log.concat())
        .when(takes_over(1, true))
        .then_append([resumed(1, true), again("r1.1", 3, Some("gemma"))])
        .when_stored()
        .then([calls("r1.1", 3)]);
}

#[test]
fn what_was_decided_is_not_decided_again() {
    let answered = [
        started(),
        vec![text("r1.orchestrator", 1, 0, "Seven."), decided(1, 0)],
    ];
    given(answered.concat())
        .when(takes_over(1, true))
        .then_append([
            resumed(1, true),
            final_answer("r1.orchestrator", "llama"),
            complete(Status::Completed, 0),
        ]);
    let called = [started(), vec![decided(1, 2), asked("r1.1", search())]];
    let (outcome, spent) = (Outcome::Object(Map::new().into()), Spent::default());
    given(called.concat())
        .when(takes_over(1, true))
        .then_append([resumed(1, true), again("r1.1", 2, None)])
        .when_stored()
        .then([calls("r1.1", 2)])
        .when(ends("r1.1", 2, CallEnd::Tool { outcome, spent }))
        // The second call never reached the log: nobody waits for it.
        .then_append([brought("r1.1"), round(2)]);
}

#[test]
fn a_decision_whose_calls_never_reached_the_log_is_asked_for_again_by_the_driver_after_the_next_too()
 {
    let log = [started(), vec![decided(1, 2), resumed(2, true)]];
    given(log.concat())
        .when(takes_over(3, true))
        .then_append([resumed(3, true), again("r1.orchestrator", 2, Some("llama"))])
        .when_stored()
        .then([calls("r1.orchestrator", 2)]);
}

#[test]
fn a_suspended_run_goes_on_where_it_was() {
    let suspended = Event::Suspended {
        reason: "no time is left".to_owned(),
        resume_after_ms: 0,
    };
    let log = [
        started(),
        vec![decided(1, 1), asked("r1.1", answer("phi")), suspended],
    ];
    let scene = given(log.concat())
        .when(takes_over(1, false))
        .then_append([resumed(1, false)])
        .when_stored()
        .then([calls("r1.1", 1)]);
    assert!(!scene.state.run().is_suspended());
}

#[test]
fn drivers_that_are_lost_are_counted_until_a_round_is_finished_and_one_too_many_ends_the_run() {
    for (lost, suspends, counted) in [
        (true, false, 1),
        (false, false, 0),
        // Who suspends a run has left it in good order, whatever became of its process.
        (true, true, 0),
    ] {
        let mut log = started();
        if suspends {
            let reason = "no time is left".to_owned();
            log.push(Event::Suspended {
                reason,
                resume_after_ms: 0,
            });
        }
        log.push(resumed(2, lost));
        let scene = given(log);
        assert_eq!(scene.state.run().recoveries, counted, "{lost} {suspends}");
        assert_eq!(scene.state.run().resumed, 1);
    }
    let lost = u64::from(MAX_RECOVERIES);
    let mut log = started();
    log.extend((2..2 + lost).map(|epoch| resumed(epoch, true)));
    let scene = given(log.clone()).when(Input::Begin);
    scene.then([calls("r1.orchestrator", 1)]);
    log.push(resumed(2 + lost, true));
    let scene = given(log.clone()).when(Input::Begin);
    let events = scene.appends();
    assert!(matches!(&events[0], Event::Error(error) if error.problem.code == "driver_lost"));
    assert_eq!(events[1], complete(Status::Failed, 0));
    scene.then_append(events);
    log.extend([
        decided(1, 1),
        asked("r1.1", search()),
        brought("r1.1"),
        round(2),
    ]);
    assert_eq!(given(log).state.run().recoveries, 0);
}

#[test]
fn what_was_not_begun_is_not_asked_again() {
    let log = [
        started(),
        vec![
            decided(1, 3),
            asked("r1.1", search()),
            asked("r1.2", unknown()),
            asked("r1.3", answer("phi")),
        ],
    ];
    given(log.concat())
        .when(takes_over(1, true))
        .then_append([
            resumed(1, true),
            again("r1.1", 2, None),
            result("r1.2", refused(), Spent::default()),
        ])
        .when_stored()
        .then([calls("r1.1", 2)]);
}

#[test]
fn a_cancelled_run_tells_calls_that_an_earlier_driver_began_from_those_that_nobody_did() {
    let suspended = Event::Suspended {
        reason: "no time is left".to_owned(),
        resume_after_ms: 0,
    };
    let log = [
        started(),
        vec![
            decided(1, 2),
            asked("r1.1", search()),
            asked("r1.2", search()),
            again("r1.1", 2, None),
            suspended,
            Event::CancelRequested {
                by: "local".to_owned(),
            },
        ],
    ];
    let ended = |call_id: &str, outcome| result(call_id, outcome, Spent::default());
    let cancelled = Outcome::Cancelled {
        reason: "The run was cancelled.".to_owned(),
    };
    let not_run = Outcome::NotRun {
        reason: "The run ended before this call began.".to_owned(),
    };
    given(log.concat()).when(takes_over(1, false)).then_append([
        resumed(1, false),
        ended("r1.1", cancelled),
        ended("r1.2", not_run),
        complete(Status::Cancelled, 0),
    ]);
}
