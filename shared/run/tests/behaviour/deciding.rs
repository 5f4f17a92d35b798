//! What a decision comes to.

use run::{
    CallEnd, Event, MAX_CALLS_PER_ROUND, Outcome, Problem, Role, RunError, Status, StopReason,
};

use crate::kit::*;

fn asked_orchestrator() -> Scene {
    given(started())
        .when(run::Input::Begin)
        .then([calls("r1.orchestrator", 1)])
}

#[test]
fn calls_are_stored_with_their_decision_and_begun_then_side_by_side() {
    asked_orchestrator()
        .when(decides(1, [search(), pay()]))
        .then_append([decided(1, 2), asked("r1.1", search()), asked("r1.2", pay())])
        .when_stored()
        .then([calls("r1.1", 1), calls("r1.2", 1)])
        .when(brings("r1.2"))
        .then_append([brought("r1.2")])
        .when_stored()
        .then([])
        .when(brings("r1.1"))
        .then_append([brought("r1.1"), round(2)])
        .when_stored()
        .then([calls("r2.orchestrator", 1)]);
}

#[test]
fn the_last_resort_is_asked_where_a_model_says_nothing_in_the_last_round_or_has_thought() {
    let mut start = start();
    start.request.max_rounds = 1;
    given(log_of(start))
        .when(run::Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(decides(1, []))
        .then_append([decided(1, 0), asked("r1.1", last_resort())]);
    let thought = run::Reply {
        reasoning: Some("Hm.".to_owned()),
        ..reply([])
    };
    asked_orchestrator()
        .when(ends("r1.orchestrator", 1, CallEnd::Decided(thought)))
        .then_append([
            Event::OrchestratorThinking {
                round: 1,
                thought: run::Thought::Inline("Hm.".to_owned()),
            },
            decided(1, 0),
            asked("r1.1", last_resort()),
        ]);
}

#[test]
fn a_round_begins_in_its_turn_and_not_while_another_is_decided() {
    let start = || log_of(start()).swap_remove(0);
    given([start()])
        .when(run::Input::Begin)
        .then_append([round(1)])
        .when_stored()
        .then([calls("r1.orchestrator", 1)]);
    for (log, rounds) in [
        (vec![start(), round(2)], vec![]),
        (vec![start(), round(1), round(2)], vec![1]),
        (vec![start(), round(1), decided(1, 1), round(3)], vec![1]),
        (vec![start(), round(1), decided(1, 1), round(2)], vec![1, 2]),
    ] {
        let scene = given(log);
        let begun = scene.state.run().rounds.iter().map(|round| round.number);
        assert_eq!(begun.collect::<Vec<_>>(), rounds);
    }
}

#[test]
fn text_without_a_call_is_the_answer() {
    asked_orchestrator()
        .when(writes("r1.orchestrator", 1, "Seven."))
        .then([shows("r1.orchestrator", 1, 0, "Seven.")])
        .when(decides(1, []))
        .then_append([
            text("r1.orchestrator", 1, 0, "Seven."),
            decided(1, 0),
            final_answer("r1.orchestrator", "llama"),
            complete(Status::Completed, 0),
        ])
        .when_stored()
        .then_stop(StopReason::Ended(Status::Completed));
}

#[test]
fn neither_text_nor_call_nor_thought_ends_the_run_and_its_tokens_are_told() {
    let scene = asked_orchestrator().when(decides(1, []));
    let events = scene.appends();
    assert_eq!(events[0], decided(1, 0));
    assert!(
        matches!(&events[1], Event::Error(error) if error.fatal && error.problem.code == "empty_reply"),
        "{events:?}"
    );
    assert_eq!(events[2], complete(Status::Failed, 0));
    scene.then_append(events);
}

#[test]
fn an_orchestrator_that_could_not_be_asked_ends_the_run_and_its_tokens_are_kept() {
    let problem = Problem {
        code: "model_answer_cut".to_owned(),
        message: "It broke off.".to_owned(),
        remedy: "Ask again.".to_owned(),
    };
    let attempt = attempt("llama", spent(9, 3, 4));
    let end = CallEnd::OrchestratorFailed {
        problem: problem.clone(),
        attempt: attempt.clone(),
    };
    let scene = asked_orchestrator()
        .when(ends("r1.orchestrator", 1, end))
        .then_append([
            Event::Error(RunError {
                problem,
                fatal: true,
                attempt: Some(attempt),
            }),
            complete(Status::Failed, 0),
        ])
        .when_stored()
        .then_stop(StopReason::Ended(Status::Failed));
    let summary = scene.state.run().summary();
    assert_eq!(Some(summary.usage), spent(9, 3, 4).usage);
    let tally = summary.by_model[&run::ModelId::new("llama")];
    assert_eq!((tally.calls, tally.duration_ms), (1, 4));
}

#[test]
fn the_first_call_too_many_is_told_and_those_behind_it_are_left_out() {
    let scene = asked_orchestrator().when(decides(1, vec![search(); MAX_CALLS_PER_ROUND + 3]));
    let events = scene.appends();
    assert_eq!(events[0], decided(1, 17));
    let roles: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::ToolCall(call) => Some(&call.spec.role),
            _ => None,
        })
        .collect();
    assert_eq!(roles.len(), MAX_CALLS_PER_ROUND + 1);
    let (last, made) = roles.split_last().unwrap();
    assert!(made.iter().all(|role| **role == Role::Work));
    assert!(matches!(last, Role::Rejected { code, .. } if code == "too_many_calls"));
    let results: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::ToolResult(result) => Some(&result.outcome),
            _ => None,
        })
        .collect();
    assert!(matches!(results[..], [Outcome::Rejected { code, .. }] if code == "too_many_calls"));
    scene.then_append(events);
}
