//! Which call answers, and when.

use run::{Outcome, Spent, Status, StopReason};

use crate::kit::*;

fn not_run(reason: &str) -> Outcome {
    let reason = reason.to_owned();
    Outcome::NotRun { reason }
}

#[test]
fn an_answer_waits_for_its_siblings() {
    let log = [
        started(),
        vec![
            decided(1, 2),
            asked("r1.1", answer("phi")),
            asked("r1.2", search()),
        ],
    ];
    given(log.concat())
        .when(run::Input::Begin)
        .then([calls("r1.2", 1)])
        .when(brings("r1.2"))
        .then_append([brought("r1.2")])
        .when_stored()
        .then([calls("r1.1", 1)])
        .when(writes("r1.1", 1, "Seven."))
        .then([shows("r1.1", 1, 0, "Seven.")])
        .when(has_written("r1.1", 1))
        .then_append([
            text("r1.1", 1, 0, "Seven."),
            result("r1.1", written(), spent(10, 5, 3)),
            final_answer("r1.1", "phi"),
            complete(Status::Completed, 0),
        ])
        .when_stored()
        .then_stop(StopReason::Ended(Status::Completed));
}

#[test]
fn of_two_answers_the_first_counts_and_the_second_is_not_run() {
    let log = [
        started(),
        vec![
            decided(1, 2),
            asked("r1.1", answer("phi")),
            asked("r1.2", answer("qwen")),
        ],
    ];
    let scene = given(log.concat())
        .when(run::Input::Begin)
        .then([calls("r1.1", 1)])
        .when(has_written("r1.1", 1))
        .then_append([
            result("r1.1", written(), spent(10, 5, 3)),
            result(
                "r1.2",
                not_run("An earlier answer ended the run."),
                Spent::default(),
            ),
            final_answer("r1.1", "phi"),
            complete(Status::Completed, 0),
        ])
        .when_stored()
        .then_stop(StopReason::Ended(Status::Completed));
    let summary = scene.state.run().summary();
    assert_eq!(summary.tools_used, [run::ToolName::new("answer")]);
    assert_eq!(summary.by_tool[&run::ToolName::new("answer")].calls, 1);
}

/// The last of three rounds, in which the orchestrator has called a tool.
fn in_last_round() -> Scene {
    let mut log = started();
    for number in 1..=2 {
        let call = format!("r{number}.1");
        log.extend([
            decided(number, 1),
            asked(&call, search()),
            brought(&call),
            round(number + 1),
        ]);
    }
    log.extend([decided(3, 1), asked("r3.1", search())]);
    given(log).when(run::Input::Begin).then([calls("r3.1", 1)])
}

#[test]
fn in_the_last_round_the_last_resort_is_asked_once_and_is_told_by_its_origin() {
    let failed = Outcome::Failed {
        code: "timeout".to_owned(),
        message: "Too slow.".to_owned(),
        retryable: true,
    };
    let end = run::CallEnd::Tool {
        outcome: failed.clone(),
        spent: spent(7, 0, 9),
    };
    in_last_round()
        .when(brings("r3.1"))
        .then_append([brought("r3.1"), asked("r3.2", last_resort())])
        .when_stored()
        .then([calls("r3.2", 1)])
        .when(ends("r3.2", 1, end))
        .then_append([
            result("r3.2", failed, spent(7, 0, 9)),
            complete(Status::OutOfRounds, 0),
        ])
        .when_stored()
        .then_stop(StopReason::Ended(Status::OutOfRounds));
}

/// Logs from before origins were written tell the last resort by its being one call more than was decided.
#[test]
fn a_last_resort_of_an_older_log_is_not_asked_again() {
    let stored = serde_json::to_value(asked("r1.2", answer("qwen"))).unwrap();
    assert_eq!(stored.get("origin"), None);
    let mut start = start();
    start.request.max_rounds = 1;
    let log = [
        log_of(start),
        vec![
            decided(1, 1),
            asked("r1.1", search()),
            brought("r1.1"),
            serde_json::from_value(stored).unwrap(),
        ],
    ];
    let failed = Outcome::Failed {
        code: "timeout".to_owned(),
        message: "Too slow.".to_owned(),
        retryable: true,
    };
    let end = run::CallEnd::Tool {
        outcome: failed.clone(),
        spent: Spent::default(),
    };
    given(log.concat())
        .when(run::Input::Begin)
        .then([calls("r1.2", 1)])
        .when(ends("r1.2", 1, end))
        .then_append([
            result("r1.2", failed, Spent::default()),
            complete(Status::OutOfRounds, 0),
        ])
        .when_stored()
        .then_stop(StopReason::Ended(Status::OutOfRounds));
}
