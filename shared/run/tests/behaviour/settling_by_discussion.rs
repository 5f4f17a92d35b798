//! Runs whose answer has to be the result of a discussion.

use run::{
    Command, Event, Fallback, Input, Mode, Origin, Role, Start, StopReason, Thought, ToolName,
};
use serde_json::Map;

use crate::discussing::discuss;
use crate::kit::*;

/// A run whose caller wants a discussion, and in which one is the last resort.
fn start_of_discussion() -> Start {
    let mut start = start();
    start.request.preferences.mode = Mode::Discussion;
    start.plan.fallback = Some(Fallback {
        tool: ToolName::new("discuss"),
        arguments: Map::new(),
        model: None,
        composition: discuss(&["qwen"]).composition,
    });
    start
}

/// The discussion of the question that the loop itself asks for, and its first step.
fn last_resort_of(round: u32, index: u32) -> [Event; 2] {
    let mut spec = discuss(&["qwen"]);
    spec.role = Role::Answer;
    spec.origin = Origin::LastResort;
    let whole = format!("r{round}.{index}");
    let mut step = discuss(&["qwen"]);
    step.composition = None;
    step.model = Some(run::ModelId::new("qwen"));
    step.arguments = Map::from_iter([("stage".to_owned(), "opinion".into())]);
    step.origin = Origin::InnerStep {
        within: id(&whole),
        stage: run::Stage::Opinion,
    };
    let first = format!("r{round}.{}", index + 1);
    [asked(&whole, spec), asked(&first, step)]
}

#[test]
fn text_without_a_call_is_thinking_and_the_question_is_discussed() {
    let thinking = Event::OrchestratorThinking {
        round: 1,
        thought: Thought::Streamed,
    };
    let [whole, step] = last_resort_of(1, 1);
    given(log_of(start_of_discussion()))
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(writes("r1.orchestrator", 1, "It is 7."))
        .then([shows("r1.orchestrator", 1, 0, "It is 7.")])
        .when(decides(1, []))
        .then_append([
            text("r1.orchestrator", 1, 0, "It is 7."),
            thinking,
            decided(1, 0),
            whole,
            step,
        ])
        .when_stored()
        .then([calls("r1.2", 1)]);
}

#[test]
fn a_reply_without_anything_leads_to_the_discussion_too() {
    let [whole, step] = last_resort_of(1, 1);
    given(log_of(start_of_discussion()))
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(decides(1, []))
        .then_append([decided(1, 0), whole, step])
        .when_stored()
        .then([calls("r1.2", 1)]);
}

#[test]
fn other_tools_come_first_and_the_last_round_ends_in_the_discussion() {
    let mut start = start_of_discussion();
    start.request.max_rounds = 1;
    let [whole, step] = last_resort_of(1, 2);
    given(log_of(start))
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(decides(1, [search()]))
        .then_append([decided(1, 1), asked("r1.1", search())])
        .when_stored()
        .then([calls("r1.1", 1)])
        .when(brings("r1.1"))
        .then_append([brought("r1.1"), whole, step])
        .when_stored()
        .then([calls("r1.3", 1)]);
}

#[test]
fn a_discussion_that_fails_in_the_last_round_leaves_the_run_without_an_answer() {
    let mut start = start_of_discussion();
    start.request.max_rounds = 1;
    let [whole, step] = last_resort_of(1, 1);
    let events = [log_of(start), vec![decided(1, 0), whole, step]].concat();
    let failed = run::CallEnd::Tool {
        outcome: run::Outcome::Failed {
            code: "timeout".to_owned(),
            message: "m".to_owned(),
            retryable: true,
        },
        spent: run::Spent::default(),
    };
    let scene = given(events)
        .when(Input::Begin)
        .then([calls("r1.2", 1)])
        .when(ends("r1.2", 1, failed));
    let events = scene.appends();
    assert_eq!(
        events.last(),
        Some(&complete(run::Status::OutOfRounds, 0)),
        "{events:?}"
    );
    let stored = Input::Stored { events };
    let scene = scene.then_anything().when(stored);
    let stop = Command::Stop(StopReason::Ended(run::Status::OutOfRounds));
    assert_eq!(scene.commands().last(), Some(&stop));
    scene.then_anything();
}
