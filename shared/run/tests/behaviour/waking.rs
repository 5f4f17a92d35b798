//! When a driver has to be woken, and what it does then.

use run::{Command, Epoch, Event, FLUSH_AFTER_MS, Input, POLL_AFTER_MS, Seq, Status};

use crate::kit::*;

const QUIET: Input = Input::Polled {
    epoch: Epoch(0),
    events: Vec::new(),
};

#[test]
fn a_driver_that_writes_nothing_looks_at_the_log_again_and_again_and_one_look_at_a_time() {
    let poll = || Command::Poll { next: Seq(3) };
    given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .and_wakes_after(Some(POLL_AFTER_MS))
        .after(POLL_AFTER_MS - 1, Input::Woken)
        .then([])
        .and_wakes_after(Some(1))
        .after(1, Input::Woken)
        .then([poll()])
        .and_wakes_after(Some(TIME_LIMIT_MS - POLL_AFTER_MS))
        .after(700, Input::Woken)
        .then([])
        .when(QUIET)
        .then([])
        .and_wakes_after(Some(POLL_AFTER_MS))
        .after(POLL_AFTER_MS, Input::Woken)
        .then([poll()]);
}

#[test]
fn what_a_driver_has_written_itself_it_need_not_look_for() {
    given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .after(400, decides(1, [search()]))
        .then_append([decided(1, 1), asked("r1.1", search())])
        .and_wakes_after(None)
        .when_stored()
        .then([calls("r1.1", 1)])
        .and_wakes_after(Some(POLL_AFTER_MS));
}

#[test]
fn a_run_that_has_used_up_its_time_ends_and_not_a_moment_before() {
    let mut scene = given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)]);
    let poll = || Command::Poll { next: Seq(3) };
    scene = scene
        .after(TIME_LIMIT_MS - 1, Input::Woken)
        .then([poll()])
        .and_wakes_after(Some(1))
        .after(1, Input::Woken);
    let events = scene.appends();
    assert!(
        matches!(&events[0], Event::Error(error) if error.problem.code == "time_limit"),
        "{events:?}"
    );
    assert_eq!(events[1..], [complete(Status::Failed, TIME_LIMIT_MS)]);
    scene.then_append(events);
}

#[test]
fn an_answer_that_stands_when_the_time_is_over_is_the_answer() {
    let log = [
        started(),
        vec![
            text("r1.orchestrator", 1, 0, "Seven."),
            decided(1, 0),
            final_answer("r1.orchestrator", "llama"),
        ],
    ];
    given(log.concat())
        .after(TIME_LIMIT_MS, Input::Begin)
        .then_append([complete(Status::Completed, TIME_LIMIT_MS)]);
}

#[test]
fn a_clock_that_is_set_back_puts_no_look_at_the_log_off() {
    given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .set_back(3_600_000)
        .when(Input::Woken)
        .then([Command::Poll { next: Seq(3) }]);
}

#[test]
fn text_that_is_lost_before_it_was_stored_is_waited_for_no_longer() {
    let log = [
        started(),
        vec![decided(1, 2), asked("r1.1", search()), asked("r1.2", pay())],
    ];
    given(log.concat())
        .when(Input::Begin)
        .then([calls("r1.1", 1), calls("r1.2", 1)])
        .when(writes("r1.1", 1, "Hm"))
        .then([shows("r1.1", 1, 0, "Hm")])
        .when(Input::BrokenOff {
            call: call("r1.1", 1),
            restart: restart("llama", spent(1, 1, 1)),
        })
        .then([])
        .after(FLUSH_AFTER_MS, Input::Woken)
        .then([Command::Poll { next: Seq(6) }])
        .and_wakes_after(Some(TIME_LIMIT_MS - FLUSH_AFTER_MS));
}
