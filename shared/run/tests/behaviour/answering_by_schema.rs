//! Runs whose answer has to fit a schema.

use run::{
    AnswerSchema, Attempt, CallEnd, Event, Input, InvalidAnswer, ModelId, Outcome, Problem, Run,
    RunError, Start, Status, StopReason, Takeover, Thought,
};
use serde_json::json;

use crate::kit::*;

fn start_by_schema() -> Start {
    let mut start = start();
    start.request.answer_schema = Some(Box::new(AnswerSchema {
        schema: json!({"type": "object"}),
        strict: false,
    }));
    start
}

fn wrong() -> InvalidAnswer {
    InvalidAnswer {
        text: "Seven.".to_owned(),
        faults: "it is not one whole JSON object".to_owned(),
    }
}

fn to_be_mended() -> Event {
    Event::Retry {
        call_id: id("r1.1"),
        attempt: 2,
        reason: "because".to_owned(),
        model: Some(ModelId::new("phi")),
        ended: Attempt {
            invalid_answer: Some(Box::new(wrong())),
            ..attempt("phi", spent(9, 3, 4))
        },
        reserved: None,
    }
}

fn answering() -> Vec<Event> {
    let mut log = log_of(start_by_schema());
    log.extend([decided(1, 1), asked("r1.1", answer("phi"))]);
    log
}

#[test]
fn text_without_a_call_is_thinking_and_the_last_resort_answers() {
    let thinking = Event::OrchestratorThinking {
        round: 1,
        thought: Thought::Streamed,
    };
    given(log_of(start_by_schema()))
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(writes("r1.orchestrator", 1, "It is 7."))
        .then([shows("r1.orchestrator", 1, 0, "It is 7.")])
        .when(decides(1, []))
        .then_append([
            text("r1.orchestrator", 1, 0, "It is 7."),
            thinking,
            decided(1, 0),
            asked("r1.1", last_resort()),
        ])
        .when_stored()
        .then([calls("r1.1", 1)]);
}

/// Whoever drives the run then asks for it once more, and not twice.
#[test]
fn what_is_to_be_mended_stands_in_the_log_and_outlives_its_driver() {
    let mut log = answering();
    log.push(to_be_mended());
    let of = |log: &[Event]| {
        let run = Run::fold(log).unwrap();
        let call = run.call(id("r1.1")).unwrap();
        call.attempts.invalid_answer().cloned()
    };
    assert_eq!(of(&log[..log.len() - 1]), None);
    assert_eq!(of(&log), Some(wrong()));
    let stored = serde_json::to_string(log.last().unwrap()).unwrap();
    assert_eq!(
        serde_json::from_str::<Event>(&stored).unwrap(),
        to_be_mended()
    );
    let scene = given(log).when(Input::TakeOver(Takeover {
        epoch: run::Epoch(2),
        reason: "lost".to_owned(),
        lost: true,
        orchestrator: ModelId::new("llama"),
        fallback: Vec::new(),
    }));
    let scene = scene.then_append([
        Event::Resumed {
            epoch: run::Epoch(2),
            reason: "lost".to_owned(),
            lost: true,
        },
        Event::Retry {
            call_id: id("r1.1"),
            attempt: 3,
            reason: "lost".to_owned(),
            model: Some(ModelId::new("phi")),
            ended: Attempt::default(),
            reserved: None,
        },
    ]);
    let scene = scene.when_stored().then([calls("r1.1", 3)]);
    let call = scene.state.run().call(id("r1.1")).unwrap();
    assert_eq!(call.attempts.invalid_answer(), Some(&wrong()));
}

#[test]
fn a_run_fails_whose_answer_fits_neither_time() {
    let message = "What phi wrote does not fit.";
    let outcome = Outcome::Failed {
        code: run::INVALID_ANSWER.to_owned(),
        message: message.to_owned(),
        retryable: false,
    };
    let end = CallEnd::Tool {
        outcome: outcome.clone(),
        spent: spent(7, 0, 9),
    };
    let problem = Problem {
        code: "invalid_answer".to_owned(),
        message: message.to_owned(),
        remedy: "Ask with a simpler schema, a larger max_tokens, or a stronger model.".to_owned(),
    };
    given(answering())
        .when(Input::Begin)
        .then([calls("r1.1", 1)])
        .when(ends("r1.1", 1, end))
        .then_append([
            result("r1.1", outcome, spent(7, 0, 9)),
            Event::Error(RunError {
                problem,
                fatal: true,
                attempt: None,
            }),
            complete(Status::Failed, 0),
        ])
        .when_stored()
        .then_stop(StopReason::Ended(Status::Failed));
}

/// The answer is the JSON in the text.
#[test]
fn what_stands_around_the_json_is_no_part_of_the_answer() {
    let mut log = answering();
    log.extend([
        text("r1.1", 1, 0, "Here:\n{\"n\": 7}\nDone."),
        result("r1.1", written(), spent(10, 5, 3)),
        final_answer("r1.1", "phi"),
    ]);
    let run = Run::fold(&log).unwrap();
    assert_eq!(run.answer(), Some(r#"{"n": 7}"#));
    let (_, object) = run.answer_object().unwrap();
    assert_eq!(serde_json::Value::Object(object), json!({"n": 7}));
}
