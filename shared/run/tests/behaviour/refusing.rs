//! Calls that cannot be made: they are answered at once, stand in no total, and a model that learns nothing from them is asked no more.

use run::{Input, Outcome, Spent};

use crate::kit::*;

#[test]
fn a_refused_call_has_its_result_in_the_write_that_tells_of_it() {
    let scene = given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(decides(1, [unknown(), search()]))
        .then_append([
            decided(1, 2),
            asked("r1.1", unknown()),
            asked("r1.2", search()),
            result("r1.1", refused(), Spent::default()),
        ])
        .when_stored()
        .then([calls("r1.2", 1)]);
    let run = scene.state.run();
    let round = run.current().unwrap();
    assert!(!round.is_refused(), "one of its calls can be made");
    assert_eq!(run.summary().tools_used, [run::ToolName::new("search")]);
    let [refused, made] = &round.calls[..] else {
        panic!("{round:?}");
    };
    assert!(!refused.was_called() && made.was_called());
}

#[test]
fn after_one_refused_round_the_model_may_mend_its_calls_and_after_two_the_last_resort_answers() {
    given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(decides(1, [unknown()]))
        .then_append([
            decided(1, 1),
            asked("r1.1", unknown()),
            result("r1.1", refused(), Spent::default()),
            round(2),
        ])
        .when_stored()
        .then([calls("r2.orchestrator", 1)])
        .when(decides(2, [unknown()]))
        .then_append([
            decided(2, 1),
            asked("r2.1", unknown()),
            result("r2.1", refused(), Spent::default()),
            asked("r2.2", last_resort()),
        ])
        .when_stored()
        .then([calls("r2.2", 1)]);
}

#[test]
fn where_nothing_is_said_to_a_refusal_the_last_resort_answers() {
    let log = [
        started(),
        vec![
            decided(1, 1),
            asked("r1.1", unknown()),
            result("r1.1", refused(), Spent::default()),
            round(2),
        ],
    ];
    given(log.concat())
        .when(Input::Begin)
        .then([calls("r2.orchestrator", 1)])
        .when(decides(2, []))
        .then_append([decided(2, 0), asked("r2.1", last_resort())])
        .when_stored()
        .then([calls("r2.1", 1)]);
}

#[test]
fn a_round_of_calls_that_were_made_is_not_a_refused_one() {
    let log = [
        started(),
        vec![
            decided(1, 1),
            asked("r1.1", search()),
            brought("r1.1"),
            round(2),
        ],
    ];
    let scene = given(log.concat())
        .when(Input::Begin)
        .then([calls("r2.orchestrator", 1)])
        .when(decides(2, [unknown()]))
        .then_append([
            decided(2, 1),
            asked("r2.1", unknown()),
            result("r2.1", refused(), Spent::default()),
            round(3),
        ])
        .when_stored()
        .then([calls("r3.orchestrator", 1)]);
    let run = scene.state.run();
    assert!(!run.is_stuck());
    let refused: Vec<_> = run.rounds.iter().map(|round| round.is_refused()).collect();
    assert_eq!(refused, [false, true, false]);
}

/// Older logs hold a refusal as the failure of a call that was never made.
#[test]
fn a_refusal_of_an_older_log_is_one() {
    let failed = Outcome::Failed {
        code: "unknown_tool".to_owned(),
        message: "There is none.".to_owned(),
        retryable: false,
    };
    let log = [
        started(),
        vec![
            decided(1, 1),
            asked("r1.1", unknown()),
            result("r1.1", failed, Spent::default()),
        ],
    ];
    let scene = given(log.concat());
    let call = scene.state.run().call(id("r1.1")).unwrap();
    assert_eq!(call.outcome, Some(refused()));
    assert!(!call.was_called());
}

#[test]
fn each_end_has_one_name_and_says_whether_the_tool_was_called() {
    let reason = "The run has ended.".to_owned();
    let not_run = Outcome::NotRun {
        reason: reason.clone(),
    };
    let cancelled = Outcome::Cancelled {
        reason: reason.clone(),
    };
    let failed = Outcome::Failed {
        code: "timeout".to_owned(),
        message: reason,
        retryable: true,
    };
    for (outcome, code, retryable, called) in [
        (refused(), Some("unknown_tool"), false, false),
        (not_run, Some("not_run"), false, false),
        (cancelled, Some("cancelled"), false, true),
        (failed, Some("timeout"), true, true),
        (written(), None, false, true),
        (
            Outcome::Object(serde_json::Map::new().into()),
            None,
            false,
            true,
        ),
    ] {
        let error = outcome.error();
        assert_eq!(error.map(|error| error.code), code, "{outcome:?}");
        assert_eq!(error.is_some_and(|error| error.retryable), retryable);
        assert_eq!(outcome.is_ok(), code.is_none());
        assert_eq!(outcome.was_called(), called, "{outcome:?}");
    }
}
