//! Attempts that come to nothing: their text is void, what they took is kept, and nothing comes of them any more.

use run::{CallEnd, Event, Input, ModelId, Spent, Status, StopReason};

use crate::kit::*;

const CALL: &str = "r1.orchestrator";

fn retry(attempt_no: u32, model: &str, spent: Spent) -> Event {
    Event::Retry {
        call_id: id(CALL),
        attempt: attempt_no,
        reason: "because".to_owned(),
        model: Some(ModelId::new(model)),
        ended: attempt("llama", spent),
        reserved: None,
    }
}

#[test]
fn a_new_attempt_is_told_before_its_text_is_shown() {
    given(started())
        .when(Input::Begin)
        .then([calls(CALL, 1)])
        .when(writes(CALL, 1, "Hm"))
        .then([shows(CALL, 1, 0, "Hm")])
        .when(starts_over(CALL, 1, "llama", spent(9, 3, 4)))
        .then_append([retry(2, "llama", spent(9, 3, 4))])
        .when(writes(CALL, 2, "Seven."))
        .then([])
        .when_stored()
        .then([shows(CALL, 2, 0, "Seven.")]);
}

#[test]
fn the_end_of_an_attempt_that_is_void_is_not_taken_for_that_of_the_next() {
    given(started())
        .when(Input::Begin)
        .then([calls(CALL, 1)])
        .when(starts_over(CALL, 1, "llama", spent(9, 3, 4)))
        .then_append([retry(2, "llama", spent(9, 3, 4))])
        .when_stored()
        .then([])
        .when(ends(CALL, 1, CallEnd::Decided(reply([search()]))))
        .then([])
        .when(ends(CALL, 3, CallEnd::Decided(reply([search()]))))
        .then([])
        .when(starts_over(CALL, 1, "llama", spent(1, 1, 1)))
        .then([])
        .when(ends(CALL, 2, CallEnd::Decided(reply([search()]))))
        .then_append([decided(1, 1), asked("r1.1", search())]);
}

#[test]
fn attempts_by_several_models_are_counted_for_each_and_together() {
    let scene = given(started())
        .when(Input::Begin)
        .then([calls(CALL, 1)])
        .when(starts_over(CALL, 1, "qwen", spent(9, 3, 4)))
        .then_append([retry(2, "qwen", spent(9, 3, 4))])
        // Before that is stored there is one more.
        .when(Input::StartedOver {
            call: call(CALL, 2),
            restart: run::Restart {
                ended: attempt("qwen", spent(8, 2, 5)),
                ..restart("llama", Spent::default())
            },
        })
        .then([])
        .when_stored()
        .then_append([Event::Retry {
            call_id: id(CALL),
            attempt: 3,
            reason: "because".to_owned(),
            model: Some(ModelId::new("llama")),
            ended: attempt("qwen", spent(8, 2, 5)),
            reserved: None,
        }])
        .when_stored()
        .then([])
        .when(writes(CALL, 3, "Seven."))
        .then([shows(CALL, 3, 0, "Seven.")])
        .when(ends(CALL, 3, CallEnd::Decided(reply([]))))
        .then_append([
            text(CALL, 3, 0, "Seven."),
            decided(1, 0),
            final_answer(CALL, "llama"),
            complete(Status::Completed, 0),
        ])
        .when_stored()
        .then_stop(StopReason::Ended(Status::Completed));
    let run = scene.state.run();
    let round = run.current().unwrap();
    assert_eq!(round.attempts.total(), summed(spent(27, 10, 12)));
    let summary = run.summary();
    assert_eq!(
        (Some(summary.usage), Some(summary.cost)),
        (spent(27, 10, 0).usage, spent(27, 10, 0).cost)
    );
    let by_model: Vec<_> = summary
        .by_model
        .iter()
        .map(|(model, tally)| {
            (
                model.as_str(),
                tally.calls,
                tally.usage.total(),
                tally.duration_ms,
            )
        })
        .collect();
    assert_eq!(by_model, [("llama", 1, 27, 7), ("qwen", 1, 10, 5)]);
}

/// Logs from before attempts told what they took.
#[test]
fn a_retry_of_an_older_log_is_read_and_took_nothing_that_is_known() {
    let stored = r#"{"event":"retry","call_id":"r1.orchestrator","attempt":2,"reason":"lost"}"#;
    let retry: Event = serde_json::from_str(stored).unwrap();
    let log = [started(), vec![retry.clone(), decided(1, 1)]];
    let scene = given(log.concat());
    let round = scene.state.run().current().unwrap();
    assert_eq!(round.attempts.ended(), [attempt("llama", spent(10, 5, 3))]);
    assert_eq!(serde_json::to_string(&retry).unwrap(), stored);
}
