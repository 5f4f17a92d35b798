//! A driver that leaves its run in good order.

use run::{Call, Event, Input, ModelId, Phase, Step, StopReason};

use crate::kit::*;

fn suspended(reason: &str) -> Event {
    Event::Suspended {
        reason: reason.to_owned(),
        resume_after_ms: 0,
    }
}

fn not_begun(call: Call) -> Input {
    let reason = "little time is left".to_owned();
    Input::NotBegun { call, reason }
}

#[test]
fn a_call_that_comes_too_late_suspends_the_run_once_nothing_is_under_way() {
    let log = [
        started(),
        vec![decided(1, 2), asked("r1.1", search()), asked("r1.2", pay())],
    ];
    let scene = given(log.concat())
        .when(Input::Begin)
        .then([calls("r1.1", 1), calls("r1.2", 1)])
        .when(not_begun(call("r1.2", 1)))
        .then([])
        .when(brings("r1.1"))
        .then_append([brought("r1.1"), suspended("little time is left")])
        .when_stored()
        .then_stop(StopReason::Suspended);
    assert_eq!(scene.state.run().phase, Phase::Suspended(Step::Acting));
    assert!(scene.state.run().is_suspended());
}

#[test]
fn a_decision_that_is_broken_off_is_asked_for_again_by_the_next_and_its_tokens_are_kept() {
    given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(writes("r1.orchestrator", 1, "Hm"))
        .then([shows("r1.orchestrator", 1, 0, "Hm")])
        .when(Input::BrokenOff {
            call: call("r1.orchestrator", 1),
            restart: restart("llama", spent(9, 3, 4)),
        })
        .then_append([
            Event::Retry {
                call_id: id("r1.orchestrator"),
                attempt: 2,
                reason: "because".to_owned(),
                model: Some(ModelId::new("llama")),
                ended: attempt("llama", spent(9, 3, 4)),
                reserved: None,
            },
            suspended("because"),
        ])
        .when_stored()
        .then_stop(StopReason::Suspended);
}

#[test]
fn a_process_that_is_stopped_writes_what_it_holds_and_gives_the_run_up() {
    given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(writes("r1.orchestrator", 1, "Hm"))
        .then([shows("r1.orchestrator", 1, 0, "Hm")])
        .when(Input::Leave)
        .then_append([text("r1.orchestrator", 1, 0, "Hm")])
        .when_stored()
        .then_stop(StopReason::Released)
        .when(Input::Woken)
        .then([])
        .and_wakes_after(None);
}

#[test]
fn a_process_that_is_stopped_while_it_waits_to_suspend_keeps_what_was_broken_off() {
    let scene = given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(starts_over("r1.orchestrator", 1, "llama", spent(1, 1, 1)));
    let first = scene.appends();
    let scene = scene
        .then_append(first)
        .when(Input::BrokenOff {
            call: call("r1.orchestrator", 2),
            restart: restart("llama", spent(9, 3, 4)),
        })
        .then([])
        .when(Input::Leave)
        .then([])
        .when_stored();
    let events = scene.appends();
    assert!(
        matches!(&events[..], [Event::Retry { attempt: 3, ended, .. }] if ended.spent == spent(9, 3, 4)),
        "{events:?}"
    );
    let scene = scene
        .then_append(events)
        .when_stored()
        .then_stop(StopReason::Released);
    let round = scene.state.run().current().unwrap();
    assert_eq!(round.attempts.total(), summed(spent(10, 4, 5)));
}

#[test]
fn who_has_lost_the_lease_or_the_table_does_nothing_more() {
    for (input, reason) in [
        (Input::LeaseLost, StopReason::Superseded),
        (
            Input::StoreFailed {
                message: "no".to_owned(),
            },
            StopReason::StoreFailed {
                message: "no".to_owned(),
            },
        ),
    ] {
        given(started())
            .when(Input::Begin)
            .then([calls("r1.orchestrator", 1)])
            .when(input)
            .then_stop(reason)
            .when(decides(1, [search()]))
            .then([]);
    }
}
