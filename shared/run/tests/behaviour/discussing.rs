//! A call in which several models discuss: each answers, each replies to the others, and one writes what came of it.

use run::{
    CallEnd, CallId, CallSpec, Command, Composition, Discussion, Epoch, Event, Input, ModelId,
    Origin, Outcome, Role, Spent, Stage, Status, StopReason, ToolName,
};
use serde_json::{Map, json};

use crate::kit::*;

/// How long a discussion may take.
const TIMEOUT_MS: u64 = 40_000;

/// A discussion between these models, which the first of them writes up.
pub fn discuss(models: &[&str]) -> CallSpec {
    written_by(models[0], models)
}

fn written_by(writer: &str, models: &[&str]) -> CallSpec {
    CallSpec {
        tool: ToolName::new("discuss"),
        sources: None,
        composition: Some(Box::new(Composition::Discussion(Discussion {
            models: models.iter().map(|id| ModelId::new(*id)).collect(),
            writer: ModelId::new(writer),
            default_to_question: None,
            timeout_ms: TIMEOUT_MS,
            max_result_bytes: 1000,
        }))),
        ..search()
    }
}

/// The same, whose result is the answer.
fn final_discussion(models: &[&str]) -> CallSpec {
    CallSpec {
        role: Role::Answer,
        ..discuss(models)
    }
}

/// A model's part in the discussion `r1.1`.
fn part(call_id: &str, stage: Stage, model: &str) -> Event {
    part_of("r1.1", call_id, stage, model)
}

fn part_of(within: &str, call_id: &str, stage: Stage, model: &str) -> Event {
    let spec = CallSpec {
        tool: ToolName::new("discuss"),
        arguments: Map::from_iter([("stage".to_owned(), json!(stage.as_str()))]),
        model: Some(ModelId::new(model)),
        origin: Origin::InnerStep {
            within: id(within),
            stage,
        },
        sources: None,
        ..search()
    };
    asked(call_id, spec)
}

fn said(call_id: &str) -> Event {
    result(call_id, written(), spent(10, 5, 3))
}

fn failure(code: &str) -> Outcome {
    Outcome::Failed {
        code: code.to_owned(),
        message: "m".to_owned(),
        retryable: true,
    }
}

fn failed(call_id: &str, code: &str) -> Event {
    result(call_id, failure(code), Spent::default())
}

fn fails(call_id: &str, code: &str) -> Input {
    let (outcome, spent) = (failure(code), Spent::default());
    ends(call_id, 1, CallEnd::Tool { outcome, spent })
}

fn composed(by: &str) -> Event {
    result("r1.1", Outcome::Composed { by: id(by) }, Spent::default())
}

/// What a failed discussion came to.
fn no_result(code: &str, message: &str) -> Event {
    let outcome = Outcome::Failed {
        code: code.to_owned(),
        message: message.to_owned(),
        retryable: true,
    };
    result("r1.1", outcome, Spent::default())
}

/// Both models have been asked for an opinion.
fn opinions_asked() -> Vec<Event> {
    vec![
        decided(1, 1),
        asked("r1.1", discuss(&["qwen", "phi"])),
        part("r1.2", Stage::Opinion, "qwen"),
        part("r1.3", Stage::Opinion, "phi"),
    ]
}

/// Both have answered, and have been asked for a reply.
fn replies_asked() -> Vec<Event> {
    let replies = [
        said("r1.2"),
        said("r1.3"),
        part("r1.4", Stage::Reply, "qwen"),
        part("r1.5", Stage::Reply, "phi"),
    ];
    [opinions_asked(), replies.to_vec()].concat()
}

/// Both have replied, and the first has been asked for the synthesis.
fn synthesis_asked() -> Vec<Event> {
    let synthesis = [
        said("r1.4"),
        said("r1.5"),
        part("r1.6", Stage::Synthesis, "qwen"),
    ];
    [replies_asked(), synthesis.to_vec()].concat()
}

fn log(of: Vec<Event>) -> Vec<Event> {
    [started(), of].concat()
}

#[test]
fn opinions_are_asked_for_with_the_decision_and_side_by_side() {
    given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(decides(1, [discuss(&["qwen", "phi"])]))
        .then_append(opinions_asked())
        .when_stored()
        .then([calls("r1.2", 1), calls("r1.3", 1)]);
}

#[test]
fn steps_are_numbered_behind_all_calls_of_the_decision() {
    given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(decides(1, [discuss(&["qwen"]), search(), unknown()]))
        .then_append([
            decided(1, 3),
            asked("r1.1", discuss(&["qwen"])),
            asked("r1.2", search()),
            asked("r1.3", unknown()),
            result("r1.3", refused(), Spent::default()),
            part("r1.4", Stage::Opinion, "qwen"),
        ])
        .when_stored()
        .then([calls("r1.2", 1), calls("r1.4", 1)]);
}

#[test]
fn replies_are_asked_for_when_all_opinions_have_come() {
    given(log(opinions_asked()))
        .when(Input::Begin)
        .then([calls("r1.2", 1), calls("r1.3", 1)])
        .when(has_written("r1.3", 1))
        .then_append([said("r1.3")])
        .when_stored()
        .then([])
        .when(has_written("r1.2", 1))
        .then_append([
            said("r1.2"),
            part("r1.4", Stage::Reply, "qwen"),
            part("r1.5", Stage::Reply, "phi"),
        ])
        .when_stored()
        .then([calls("r1.4", 1), calls("r1.5", 1)]);
}

#[test]
fn the_synthesis_ends_the_call_and_the_round() {
    given(log(replies_asked()))
        .when(Input::Begin)
        .then([calls("r1.4", 1), calls("r1.5", 1)])
        .when(has_written("r1.4", 1))
        .then_append([said("r1.4")])
        .when_stored()
        .when(has_written("r1.5", 1))
        .then_append([said("r1.5"), part("r1.6", Stage::Synthesis, "qwen")])
        .when_stored()
        .then([calls("r1.6", 1)])
        .when(has_written("r1.6", 1))
        .then_append([said("r1.6"), composed("r1.6"), round(2)])
        .when_stored()
        .then([calls("r2.orchestrator", 1)]);
}

#[test]
fn the_synthesis_of_one_that_ends_the_run_is_the_answer_and_its_writer_has_given_it() {
    let mut events = log(synthesis_asked());
    events[3] = asked("r1.1", final_discussion(&["qwen", "phi"]));
    given(events)
        .when(Input::Begin)
        .then([calls("r1.6", 1)])
        .when(writes("r1.6", 1, "Seven."))
        .then([shows("r1.6", 1, 0, "Seven.")])
        .when(has_written("r1.6", 1))
        .then_append([
            text("r1.6", 1, 0, "Seven."),
            said("r1.6"),
            composed("r1.6"),
            final_answer("r1.6", "qwen"),
            complete(Status::Completed, 0),
        ])
        .when_stored()
        .then_stop(StopReason::Ended(Status::Completed));
}

#[test]
fn one_model_alone_replies_to_nobody() {
    let one = log(vec![
        decided(1, 1),
        asked("r1.1", written_by("llama", &["qwen"])),
        part("r1.2", Stage::Opinion, "qwen"),
    ]);
    given(one)
        .when(Input::Begin)
        .then([calls("r1.2", 1)])
        .when(has_written("r1.2", 1))
        .then_append([said("r1.2"), part("r1.3", Stage::Synthesis, "llama")])
        .when_stored()
        .then([calls("r1.3", 1)]);
}

#[test]
fn a_model_that_fails_is_left_out_of_what_follows() {
    given(log(opinions_asked()))
        .when(Input::Begin)
        .then([calls("r1.2", 1), calls("r1.3", 1)])
        .when(fails("r1.2", "timeout"))
        .then_append([failed("r1.2", "timeout")])
        .when_stored()
        .when(has_written("r1.3", 1))
        // The one that is left has nobody to reply to.
        .then_append([said("r1.3"), part("r1.4", Stage::Synthesis, "qwen")])
        .when_stored()
        .then([calls("r1.4", 1)]);
}

#[test]
fn where_nobody_answers_it_fails_with_what_all_failed_with() {
    for (first, second, code) in [
        ("timeout", "timeout", "timeout"),
        ("timeout", "model_unreachable", "discussion_failed"),
    ] {
        let message = format!(
            "The discussion has no result: no model answered (qwen: {first}, phi: {second})."
        );
        given(log(opinions_asked()))
            .when(Input::Begin)
            .then([calls("r1.2", 1), calls("r1.3", 1)])
            .when(fails("r1.2", first))
            .then_append([failed("r1.2", first)])
            .when_stored()
            .when(fails("r1.3", second))
            .then_append([failed("r1.3", second), no_result(code, &message), round(2)])
            .when_stored()
            .then([calls("r2.orchestrator", 1)]);
    }
}

#[test]
fn another_that_answered_writes_once_where_the_writer_fails() {
    let message = "The discussion has no result: no model could write the synthesis (qwen: timeout, phi: timeout).";
    given(log(synthesis_asked()))
        .when(Input::Begin)
        .then([calls("r1.6", 1)])
        .when(fails("r1.6", "timeout"))
        .then_append([
            failed("r1.6", "timeout"),
            part("r1.7", Stage::Synthesis, "phi"),
        ])
        .when_stored()
        .then([calls("r1.7", 1)])
        .when(fails("r1.7", "timeout"))
        .then_append([
            failed("r1.7", "timeout"),
            no_result("timeout", message),
            round(2),
        ])
        .when_stored()
        .then([calls("r2.orchestrator", 1)]);
}

#[test]
fn the_other_writer_is_one_that_has_also_replied() {
    let models = ["qwen", "phi", "llama"];
    let events = log(vec![
        decided(1, 1),
        asked("r1.1", discuss(&models)),
        part("r1.2", Stage::Opinion, "qwen"),
        part("r1.3", Stage::Opinion, "phi"),
        part("r1.4", Stage::Opinion, "llama"),
        said("r1.2"),
        said("r1.3"),
        said("r1.4"),
        part("r1.5", Stage::Reply, "qwen"),
        part("r1.6", Stage::Reply, "phi"),
        part("r1.7", Stage::Reply, "llama"),
        said("r1.5"),
        failed("r1.6", "timeout"),
        said("r1.7"),
        part("r1.8", Stage::Synthesis, "qwen"),
    ]);
    given(events)
        .when(Input::Begin)
        .then([calls("r1.8", 1)])
        .when(fails("r1.8", "timeout"))
        .then_append([
            failed("r1.8", "timeout"),
            part("r1.9", Stage::Synthesis, "llama"),
        ])
        .when_stored()
        .then([calls("r1.9", 1)])
        // It is tried twice, also where a third has answered.
        .when(fails("r1.9", "timeout"))
        .then_append([
            failed("r1.9", "timeout"),
            no_result("timeout", "The discussion has no result: no model could write the synthesis (qwen: timeout, llama: timeout)."),
            round(2),
        ]);
}

#[test]
fn a_discussion_that_ends_the_run_begins_after_its_siblings_alone() {
    given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(decides(1, [final_discussion(&["qwen"]), search()]))
        .then_append([
            decided(1, 2),
            asked("r1.1", final_discussion(&["qwen"])),
            asked("r1.2", search()),
        ])
        .when_stored()
        .then([calls("r1.2", 1)])
        .when(brings("r1.2"))
        .then_append([brought("r1.2"), part("r1.3", Stage::Opinion, "qwen")])
        .when_stored()
        .then([calls("r1.3", 1)]);
}

fn again(call_id: &str, model: &str) -> Event {
    Event::Retry {
        call_id: id(call_id),
        attempt: 2,
        reason: "the driver was lost".to_owned(),
        model: Some(ModelId::new(model)),
        ended: run::Attempt::default(),
        reserved: None,
    }
}

#[test]
fn a_takeover_makes_again_only_what_had_not_ended() {
    let (takes_over, resumed) = taken_over();
    let mut events = log(replies_asked());
    events.push(said("r1.4"));
    given(events)
        .when(takes_over)
        .then_append([resumed, again("r1.5", "phi")])
        .when_stored()
        .then([calls("r1.5", 2)]);
}

#[test]
fn a_takeover_between_two_stages_begins_the_next_one() {
    let (takes_over, resumed) = taken_over();
    let mut events = log(replies_asked());
    events.truncate(events.len() - 2);
    given(events)
        .when(takes_over)
        .then_append([
            resumed,
            part("r1.4", Stage::Reply, "qwen"),
            part("r1.5", Stage::Reply, "phi"),
        ])
        .when_stored()
        .then([calls("r1.4", 1), calls("r1.5", 1)]);
}

#[test]
fn a_stage_of_which_a_part_is_in_the_log_is_completed() {
    let (takes_over, resumed) = taken_over();
    let mut events = log(opinions_asked());
    events.pop();
    given(events)
        .when(takes_over)
        .then_append([
            resumed,
            again("r1.2", "qwen"),
            part("r1.3", Stage::Opinion, "phi"),
        ])
        .when_stored()
        .then([calls("r1.2", 2), calls("r1.3", 1)]);
}

#[test]
fn a_discussion_whose_steps_have_not_begun_when_the_run_ends_has_not_either() {
    let by = "somebody".to_owned();
    let suspended = Event::Suspended {
        reason: "no time is left".to_owned(),
        resume_after_ms: 0,
    };
    let end = [suspended, Event::CancelRequested { by }];
    let not_run = |call_id: &str| {
        let reason = "The run ended before this call began.".to_owned();
        result(call_id, Outcome::NotRun { reason }, Spent::default())
    };
    let (takes_over, resumed) = taken_over();
    given(log([opinions_asked(), end.to_vec()].concat()))
        .when(takes_over)
        .then_append([
            resumed,
            not_run("r1.2"),
            not_run("r1.3"),
            not_run("r1.1"),
            complete(Status::Cancelled, 0),
        ]);
}

#[test]
fn a_cancel_ends_its_steps_and_then_itself() {
    let by = "somebody".to_owned();
    let cancelled = |call_id: &str| {
        let reason = "The run was cancelled.".to_owned();
        result(call_id, Outcome::Cancelled { reason }, Spent::default())
    };
    let cancel = Event::CancelRequested { by };
    let polled = Input::Polled {
        epoch: Epoch(1),
        events: vec![(run::Seq(11), cancel.clone())],
    };
    let scene = given(log(replies_asked()))
        .when(Input::Begin)
        .then([calls("r1.4", 1), calls("r1.5", 1)])
        .when(polled);
    let [Command::Emit(_), Command::Append { events, .. }] = &scene.commands()[..] else {
        panic!("{:?}", scene.commands());
    };
    assert_eq!(
        events[..],
        [
            cancelled("r1.4"),
            cancelled("r1.5"),
            cancelled("r1.1"),
            complete(Status::Cancelled, 0)
        ]
    );
    scene.then_anything();
}

#[test]
fn its_steps_tell_what_it_took_and_it_tells_how_long() {
    let mut events = log(opinions_asked());
    events.extend([
        result("r1.2", written(), spent(10, 5, 30)),
        result("r1.3", written(), spent(20, 5, 70)),
        part("r1.4", Stage::Reply, "qwen"),
        part("r1.5", Stage::Reply, "phi"),
        result("r1.4", written(), spent(1, 1, 20)),
        failed("r1.5", "timeout"),
        part("r1.6", Stage::Synthesis, "qwen"),
        result("r1.6", written(), spent(2, 2, 5)),
        composed("r1.6"),
    ]);
    let scene = given(events);
    let run = scene.state.run();
    let round = run.current().unwrap();
    let whole = round.call(id("r1.1")).unwrap();
    let lasted = Spent {
        duration_ms: 70 + 20 + 5,
        ..Spent::default()
    };
    assert_eq!(round.spent(whole), lasted);
    let summary = run.summary();
    let names: Vec<_> = summary.tools_used.iter().map(ToolName::as_str).collect();
    assert_eq!(names, ["discuss"]);
    let decision = 15;
    let steps = 15 + 25 + 2 + 4;
    assert_eq!(summary.usage.total(), decision + steps);
    assert_eq!(summary.cost.nano_usd, decision + steps);
    let tool = summary.by_tool[&ToolName::new("discuss")];
    assert_eq!(
        (tool.calls, tool.usage.total(), tool.duration_ms),
        (1, steps, 95)
    );
    let qwen = summary.by_model[&ModelId::new("qwen")];
    assert_eq!((qwen.calls, qwen.usage.total()), (3, 15 + 2 + 4));
    let phi = summary.by_model[&ModelId::new("phi")];
    assert_eq!((phi.calls, phi.usage.total()), (2, 25));
}

#[test]
fn inner_steps_are_no_calls_that_anybody_asked_for() {
    let scene = given(log(vec![
        decided(1, 2),
        asked("r1.1", discuss(&["qwen"])),
        asked("r1.2", search()),
        part("r1.3", Stage::Opinion, "qwen"),
    ]));
    let round = scene.state.run().current().unwrap();
    let asked: Vec<_> = round.asked_calls().map(|call| call.call_id).collect();
    assert_eq!(asked, [id("r1.1"), id("r1.2")]);
}

/// What a step may take, in a discussion of which these are the events so far.
fn limit_of(call_id: &str, events: Vec<Event>) -> Option<u64> {
    let scene = given(log(events));
    let round = scene.state.run().current().unwrap();
    round.step_limit_ms(round.call(id(call_id)).unwrap())
}

#[test]
fn each_stage_gets_its_share_of_what_is_left_of_the_time() {
    let took = |call_id: &str, duration_ms| {
        let outcome = failure("timeout");
        result(call_id, outcome, spent(0, 0, duration_ms))
    };
    let cases = [
        ("r1.2", opinions_asked(), Some(10_000)),
        // How long others of its stage took is nothing to it.
        (
            "r1.3",
            [opinions_asked(), vec![took("r1.2", 20_000)]].concat(),
            Some(10_000),
        ),
        // What the opinions left over is there for the others.
        ("r1.4", replies_asked(), Some((TIMEOUT_MS - 3) / 3)),
        ("r1.6", synthesis_asked(), Some((TIMEOUT_MS - 6) / 2)),
        ("r1.1", synthesis_asked(), None),
        (
            "r1.7",
            [
                synthesis_asked(),
                vec![took("r1.6", 19_000), part("r1.7", Stage::Synthesis, "phi")],
            ]
            .concat(),
            Some(TIMEOUT_MS - 6 - 19_000),
        ),
        (
            "r1.7",
            [
                synthesis_asked(),
                vec![took("r1.6", 99_000), part("r1.7", Stage::Synthesis, "phi")],
            ]
            .concat(),
            Some(0),
        ),
    ];
    for (call_id, events, expected) in cases {
        assert_eq!(limit_of(call_id, events), expected, "{call_id}");
    }
    let alone = vec![
        decided(1, 1),
        asked("r1.1", discuss(&["qwen"])),
        part("r1.2", Stage::Opinion, "qwen"),
    ];
    assert_eq!(limit_of("r1.2", alone.clone()), Some(TIMEOUT_MS / 2));
    let wrote = vec![said("r1.2"), part("r1.3", Stage::Synthesis, "qwen")];
    let alone = [alone, wrote].concat();
    assert_eq!(limit_of("r1.3", alone), Some(TIMEOUT_MS - 3));
}

#[test]
fn sixteen_discussions_are_sixteen_calls() {
    let many = vec![discuss(&["qwen", "phi"]); 16];
    let scene = given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(decides(1, many));
    let events = scene.appends();
    let steps = events.iter().filter(|event| match event {
        Event::ToolCall(call) => call.spec.origin.within().is_some(),
        _ => false,
    });
    assert_eq!((events.len(), steps.count()), (1 + 16 + 32, 32));
    let last = CallId::Tool {
        round: 1,
        index: 48,
    };
    assert!(matches!(events.last(), Some(Event::ToolCall(call)) if call.call_id == last));
    scene.then_anything();
}
