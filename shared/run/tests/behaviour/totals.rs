//! What a run came to.

use run::{Attempt, Event, Input, ModelId, Origin, Spent, Stage, ToolName, Usage};

use crate::kit::*;

#[test]
fn calls_of_tools_and_models_are_counted_by_name_with_what_they_took() {
    let mut step = search();
    step.origin = Origin::InnerStep {
        within: id("r1.1"),
        stage: Stage::Opinion,
    };
    let took = Spent {
        duration_ms: 40,
        ..Spent::default()
    };
    let log = [
        started(),
        vec![
            decided(1, 2),
            asked("r1.1", search()),
            asked("r1.2", answer("phi")),
            asked("r1.3", step),
            result("r1.1", written(), took),
            result("r1.3", written(), took),
            result("r1.2", written(), spent(20, 7, 9)),
        ],
    ];
    let scene = given(log.concat());
    let summary = scene.state.run().summary();
    let names: Vec<_> = summary.tools_used.iter().map(ToolName::as_str).collect();
    assert_eq!(names, ["search", "answer"], "inner steps are left out");
    assert_eq!(Some(summary.usage), spent(30, 12, 0).usage);
    assert_eq!(summary.cost.nano_usd, 42);
    let search = summary.by_tool[&ToolName::new("search")];
    assert_eq!(
        (search.calls, search.duration_ms, search.usage.total()),
        (2, 80, 0)
    );
    let phi = summary.by_model[&ModelId::new("phi")];
    assert_eq!((phi.calls, phi.duration_ms, phi.cost.nano_usd), (1, 9, 27));
    assert_eq!(summary.by_model[&ModelId::new("llama")].calls, 1);
}

#[test]
fn a_sum_of_which_a_part_was_estimated_is_an_estimate() {
    for (first, second, sum) in [
        (false, false, false),
        (true, false, true),
        (false, true, true),
        (true, true, true),
    ] {
        let of = |estimated| Usage {
            estimated,
            ..Usage::default()
        };
        let mut both = of(first);
        both += of(second);
        assert_eq!(both.estimated, sum, "{first} {second}");
    }
}

#[test]
fn an_inner_step_is_no_call_of_the_decision() {
    let mut step = search();
    step.origin = Origin::InnerStep {
        within: id("r1.1"),
        stage: Stage::Opinion,
    };
    let log = [
        started(),
        vec![decided(1, 2), asked("r1.1", search()), asked("r1.2", step)],
    ];
    let scene = given(log.concat()).when(Input::Begin);
    let round = scene.state.run().current().unwrap();
    assert!(
        !round.is_whole(),
        "one call of the decision is still to come"
    );
    scene.then([calls("r1.1", 1), calls("r1.2", 1)]);
}

#[test]
fn a_decision_that_is_made_again_is_told_without_what_the_lost_one_took() {
    let reopened = Event::Retry {
        call_id: id("r1.orchestrator"),
        attempt: 2,
        reason: "its calls were lost".to_owned(),
        model: None,
        ended: Attempt::default(),
        reserved: None,
    };
    let log = [
        started(),
        vec![
            decided_with(1, 2, spent(20, 7, 9)),
            reopened,
            decided_with(1, 1, spent(30, 1, 4)),
        ],
    ];
    let scene = given(log.concat());
    let round = scene.state.run().current().unwrap();
    assert_eq!(
        round.decision.as_ref().unwrap().spent,
        summed(spent(30, 1, 4))
    );
    assert_eq!(round.attempts.total(), summed(spent(50, 8, 13)));
}
