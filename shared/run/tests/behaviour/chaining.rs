//! A call in which a model writes what a tool gets, and the tool gets it.

use run::{
    CallEnd, CallSpec, Chain, ChainedCall, Composition, Event, Input, ModelId, Origin, Otherwise,
    Outcome, Run, Spent, Stage, Status, Take, ToolName,
};
use serde_json::{Map, json};

use crate::kit::*;

const QUERY: &str = "<query>people of Tokyo</query>";

fn chained_by(otherwise: Otherwise, tool_is_repeatable: bool) -> CallSpec {
    CallSpec {
        tool: ToolName::new("search"),
        sources: None,
        composition: Some(Box::new(Composition::Chain(Chain {
            model: ModelId::new("phi"),
            take: Take::Tag("query".to_owned()),
            max_chars: Some(9),
            otherwise,
            then: ChainedCall {
                tool: ToolName::new("web_search"),
                argument: "query".to_owned(),
                arguments: Map::from_iter([("num_results".to_owned(), json!(5))]),
                repeatable: tool_is_repeatable,
                sources: Some("results".to_owned()),
                timeout_ms: 15_000,
            },
            timeout_ms: 40_000,
            max_result_bytes: 1000,
        }))),
        ..search()
    }
}

fn chained() -> CallSpec {
    chained_by(Otherwise::Problem, true)
}

fn writing(call_id: &str) -> Event {
    asked(
        call_id,
        CallSpec {
            tool: ToolName::new("search"),
            arguments: Map::from_iter([("stage".to_owned(), json!("writing"))]),
            model: Some(ModelId::new("phi")),
            origin: Origin::InnerStep {
                within: id("r1.1"),
                stage: Stage::Writing,
            },
            sources: None,
            ..search()
        },
    )
}

fn running(call_id: &str, query: &str, repeatable: bool) -> Event {
    let arguments = [("query", json!(query)), ("num_results", json!(5))];
    let arguments = arguments.map(|(name, value)| (name.to_owned(), value));
    asked(
        call_id,
        CallSpec {
            tool: ToolName::new("web_search"),
            arguments: Map::from_iter(arguments),
            repeatable,
            origin: Origin::InnerStep {
                within: id("r1.1"),
                stage: Stage::Running,
            },
            ..search()
        },
    )
}

fn begun(spec: CallSpec) -> Vec<Event> {
    let begun = vec![decided(1, 1), asked("r1.1", spec), writing("r1.2")];
    [started(), begun].concat()
}

/// The model has written, and the tool is being called.
fn under_way(spec: CallSpec, repeatable: bool) -> Vec<Event> {
    let more = vec![
        text("r1.2", 1, 0, QUERY),
        result("r1.2", written(), spent(10, 5, 3)),
        running("r1.3", "people of", repeatable),
    ];
    [begun(spec), more].concat()
}

fn came_to(outcome: Outcome) -> Event {
    result("r1.1", outcome, Spent::default())
}

fn failed(code: &str, message: &str, retryable: bool) -> Outcome {
    Outcome::Failed {
        code: code.to_owned(),
        message: message.to_owned(),
        retryable,
    }
}

fn fails(call_id: &str, code: &str) -> Input {
    let outcome = failed(code, "It went wrong.", true);
    let spent = Spent::default();
    ends(call_id, 1, CallEnd::Tool { outcome, spent })
}

#[test]
fn the_model_is_asked_with_the_decision_and_the_tool_once_its_text_is_stored() {
    given(started())
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(decides(1, [chained()]))
        .then_append([decided(1, 1), asked("r1.1", chained()), writing("r1.2")])
        .when_stored()
        .then([calls("r1.2", 1)])
        .when(writes("r1.2", 1, QUERY))
        .then([shows("r1.2", 1, 0, QUERY)])
        .when(has_written("r1.2", 1))
        .then_append([
            text("r1.2", 1, 0, QUERY),
            result("r1.2", written(), spent(10, 5, 3)),
            running("r1.3", "people of", true),
        ])
        .when_stored()
        .then([calls("r1.3", 1)])
        .when(brings("r1.3"))
        .then_append([
            brought("r1.3"),
            came_to(Outcome::Composed { by: id("r1.3") }),
            round(2),
        ])
        .when_stored()
        .then([calls("r2.orchestrator", 1)]);
}

#[test]
fn a_program_that_a_limit_has_cut_is_none_and_one_whose_fence_is_merely_left_open_is() {
    let program = "```python\nprint(1)";
    let mut whole = chained_by(Otherwise::Fail, true);
    if let Some(Composition::Chain(chain)) = whole.composition.as_deref_mut() {
        chain.take = Take::Fence("python".to_owned());
    }
    let message =
        "phi wrote no program in a closed fence, so web_search was not called. Ask another model.";
    let not_called = came_to(failed("nothing_taken", message, true));
    for (finish_reason, next) in [
        ("stop", vec![running("r1.3", "print(1)", true)]),
        ("length", vec![not_called, round(2)]),
    ] {
        let outcome = Outcome::Text {
            model_name: "Qwen".to_owned(),
            finish_reason: finish_reason.to_owned(),
        };
        let spent = spent(10, 5, 3);
        let ended = CallEnd::Tool {
            outcome: outcome.clone(),
            spent,
        };
        let mut stored = vec![text("r1.2", 1, 0, program), result("r1.2", outcome, spent)];
        stored.extend(next);
        given(begun(whole.clone()))
            .when(Input::Begin)
            .then([calls("r1.2", 1)])
            .when(writes("r1.2", 1, program))
            .then([shows("r1.2", 1, 0, program)])
            .when(ends("r1.2", 1, ended))
            .then_append(stored);
    }
}

#[test]
fn the_call_of_the_tool_may_be_made_again_where_that_tool_and_the_whole_may() {
    for (tool, whole, repeatable) in [
        (true, true, true),
        (true, false, false),
        (false, true, false),
        (false, false, false),
    ] {
        let chained = CallSpec {
            repeatable: whole,
            ..chained_by(Otherwise::Problem, tool)
        };
        given(begun(chained))
            .when(Input::Begin)
            .then([calls("r1.2", 1)])
            .when(writes("r1.2", 1, QUERY))
            .then([shows("r1.2", 1, 0, QUERY)])
            .when(has_written("r1.2", 1))
            .then_append([
                text("r1.2", 1, 0, QUERY),
                result("r1.2", written(), spent(10, 5, 3)),
                running("r1.3", "people of", repeatable),
            ]);
    }
}

#[test]
fn where_the_model_writes_nothing_to_take_the_tool_gets_the_question_or_is_not_called() {
    given(begun(chained()))
        .when(Input::Begin)
        .then([calls("r1.2", 1)])
        .when(has_written("r1.2", 1))
        .then_append([
            result("r1.2", written(), spent(10, 5, 3)),
            running("r1.3", "How many?", true),
        ])
        .when_stored()
        .then([calls("r1.3", 1)]);
    for (take, wanted) in [
        (Take::Tag("query".to_owned()), "query between its tags"),
        (
            Take::Fence("python".to_owned()),
            "program in a closed fence",
        ),
    ] {
        let mut whole = chained_by(Otherwise::Fail, true);
        if let Some(Composition::Chain(chain)) = whole.composition.as_deref_mut() {
            chain.take = take;
        }
        let message =
            format!("phi wrote no {wanted}, so web_search was not called. Ask another model.");
        given(begun(whole))
            .when(Input::Begin)
            .then([calls("r1.2", 1)])
            .when(has_written("r1.2", 1))
            .then_append([
                result("r1.2", written(), spent(10, 5, 3)),
                came_to(failed("nothing_taken", &message, true)),
                round(2),
            ])
            .when_stored()
            .then([calls("r2.orchestrator", 1)]);
    }
}

#[test]
fn a_step_that_fails_fails_the_whole_for_the_same_reason() {
    given(begun(chained()))
        .when(Input::Begin)
        .then([calls("r1.2", 1)])
        .when(fails("r1.2", "timeout"))
        .then_append([
            result(
                "r1.2",
                failed("timeout", "It went wrong.", true),
                Spent::default(),
            ),
            came_to(failed("timeout", "phi: It went wrong.", true)),
            round(2),
        ])
        .when_stored()
        .then([calls("r2.orchestrator", 1)]);
    given(under_way(chained(), true))
        .when(Input::Begin)
        .then([calls("r1.3", 1)])
        .when(fails("r1.3", "search_failed"))
        .then_append([
            result(
                "r1.3",
                failed("search_failed", "It went wrong.", true),
                Spent::default(),
            ),
            came_to(failed("search_failed", "web_search: It went wrong.", true)),
            round(2),
        ])
        .when_stored()
        .then([calls("r2.orchestrator", 1)]);
}

fn again(call_id: &str, model: Option<&str>) -> Event {
    Event::Retry {
        call_id: id(call_id),
        attempt: 2,
        reason: "the driver was lost".to_owned(),
        model: model.map(ModelId::new),
        ended: run::Attempt::default(),
        reserved: None,
    }
}

#[test]
fn a_takeover_repeats_only_the_step_that_had_not_ended() {
    let (takes_over, resumed) = taken_over();
    given(begun(chained()))
        .when(takes_over)
        .then_append([resumed, again("r1.2", Some("phi"))])
        .when_stored()
        .then([calls("r1.2", 2)]);
    let (takes_over, resumed) = taken_over();
    given(under_way(chained(), true))
        .when(takes_over)
        .then_append([resumed, again("r1.3", None)])
        .when_stored()
        .then([calls("r1.3", 2)]);
    // Its text is whole, and the tool has not been asked for.
    let (takes_over, resumed) = taken_over();
    let mut between = under_way(chained(), true);
    between.pop();
    given(between)
        .when(takes_over)
        .then_append([resumed, running("r1.3", "people of", true)])
        .when_stored()
        .then([calls("r1.3", 1)]);
}

#[test]
fn a_tool_that_may_not_be_repeated_is_called_once() {
    let (takes_over, resumed) = taken_over();
    let spec = chained_by(Otherwise::Problem, false);
    let unknown = "The call was under way when its driver was lost, and it may not be repeated: \
                   whether it took effect is unknown.";
    let whole = format!("web_search: {unknown}");
    given(under_way(spec, false))
        .when(takes_over)
        .then_append([
            resumed,
            result(
                "r1.3",
                failed("outcome_unknown", unknown, false),
                Spent::default(),
            ),
            came_to(failed("outcome_unknown", &whole, false)),
            round(2),
        ])
        .when_stored()
        .then([calls("r2.orchestrator", 1)]);
}

#[test]
fn a_cancel_ends_the_steps_before_the_whole() {
    let mut events = under_way(chained(), true);
    events.push(Event::CancelRequested {
        by: "me".to_owned(),
    });
    let cancelled = |reason: &str| Outcome::Cancelled {
        reason: reason.to_owned(),
    };
    let (takes_over, resumed) = taken_over();
    given(events).when(takes_over).then_append([
        resumed,
        result(
            "r1.3",
            cancelled("The run was cancelled."),
            Spent::default(),
        ),
        came_to(cancelled("The run was cancelled.")),
        complete(Status::Cancelled, 0),
    ]);
}

#[test]
fn each_step_counts_once_and_the_whole_lasts_as_long_as_both() {
    let ended = [
        result(
            "r1.3",
            Outcome::Object(Map::new().into()),
            Spent {
                duration_ms: 7,
                ..Spent::default()
            },
        ),
        came_to(Outcome::Composed { by: id("r1.3") }),
    ];
    let events = [under_way(chained(), true), ended.to_vec()].concat();
    let run = Run::fold(&events).unwrap();
    let summary = run.summary();
    let names: Vec<_> = summary.tools_used.iter().map(ToolName::as_str).collect();
    assert_eq!(names, ["search"]);
    let of = |tool: &str| {
        let tally = summary.by_tool[&ToolName::new(tool)];
        (tally.calls, tally.usage.total(), tally.duration_ms)
    };
    assert_eq!(of("search"), (1, 15, 10));
    assert_eq!(of("web_search"), (1, 0, 7));
    let phi = summary.by_model[&ModelId::new("phi")];
    assert_eq!((phi.calls, phi.usage.total()), (1, 15));
    let round = run.current().unwrap();
    let whole = round.call(id("r1.1")).unwrap();
    assert_eq!(round.taken(whole), Some(("query", "people of")));
    assert_eq!(round.brought_by(whole).call_id, id("r1.3"));
}

#[test]
fn the_tool_keeps_its_time_and_the_model_has_the_rest() {
    let limit = |call_id: &str, events: &[Event]| {
        let run = Run::fold(events).unwrap();
        let round = run.current().unwrap();
        round.step_limit_ms(round.call(id(call_id)).unwrap())
    };
    let events = under_way(chained(), true);
    assert_eq!(limit("r1.1", &events), None);
    assert_eq!(limit("r1.2", &events), Some(25_000));
    assert_eq!(limit("r1.3", &events), Some(15_000));
    let mut slow = events;
    slow[6] = result("r1.2", written(), spent(10, 5, 30_000));
    assert_eq!(limit("r1.3", &slow), Some(10_000));
}

#[test]
fn what_the_tool_does_not_take_is_not_called_and_told() {
    let refusal = Outcome::Rejected {
        code: "invalid_arguments".to_owned(),
        message: "query: expected a number".to_owned(),
    };
    let end = CallEnd::Tool {
        outcome: refusal.clone(),
        spent: Spent::default(),
    };
    let message =
        "web_search does not take what phi wrote: query: expected a number. Ask another model.";
    given(under_way(chained(), true))
        .when(Input::Begin)
        .then([calls("r1.3", 1)])
        .when(ends("r1.3", 1, end))
        .then_append([
            result("r1.3", refusal, Spent::default()),
            came_to(failed("unfit_arguments", message, true)),
            round(2),
        ])
        .when_stored()
        .then([calls("r2.orchestrator", 1)]);
}
