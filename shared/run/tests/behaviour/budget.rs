//! Money is set aside before it is spent: what is begun, what is not, and how a run ends whose money is used up.

use run::{
    CallEnd, Command, Cost, Epoch, Event, Input, ModelId, Outcome, Quote, Reservation, Spent,
    Start, Status, StopReason, Takeover, Usage,
};

use crate::kit::*;

const fn usd(nano_usd: u64) -> Cost {
    Cost { nano_usd }
}

/// A run that may cost so much.
fn capped(nano_usd: u64) -> Start {
    let mut start = start();
    start.request.preferences.max_cost = Some(usd(nano_usd));
    start
}

fn most(nano_usd: u64) -> Reservation {
    Reservation {
        usage: Some(Usage {
            input_tokens: nano_usd,
            ..Usage::default()
        }),
        cost: usd(nano_usd),
    }
}

/// It is asked what these calls can take at most, and told.
fn quoted(scene: Scene, quotes: &[(&str, u32, u64)]) -> Scene {
    let commands = scene.commands();
    let [Command::Quote { calls: asked, .. }] = &commands[..] else {
        panic!("no question for quotes: {commands:?}");
    };
    let expected: Vec<_> = quotes
        .iter()
        .map(|(id, attempt, _)| call(id, *attempt))
        .collect();
    assert_eq!(*asked, expected);
    let quotes = quotes.iter().map(|(id, attempt, nano_usd)| Quote {
        call: call(id, *attempt),
        most: Some(most(*nano_usd)),
    });
    let quotes = quotes.collect();
    scene.then_anything().when(Input::Quoted { quotes })
}

fn round_with(round: u32, reserved: u64) -> Event {
    Event::RoundStart {
        round,
        reserved: Some(most(reserved)),
    }
}

fn asked_with(call_id: &str, spec: run::CallSpec, reserved: Option<u64>) -> Event {
    match asked(call_id, spec) {
        Event::ToolCall(call) => Event::ToolCall(run::ToolCall {
            reserved: reserved.map(most),
            ..call
        }),
        other => other,
    }
}

fn partial(call_id: &str) -> Event {
    Event::FinalAnswer {
        call_id: id(call_id),
        model: None,
        is_partial: true,
    }
}

fn started_with(cap: u64, reserved: u64) -> Vec<Event> {
    vec![Event::Start(Box::new(capped(cap))), round_with(1, reserved)]
}

const NOT_MADE: Outcome = Outcome::OverBudget { has_begun: false };

#[test]
fn a_question_is_asked_with_what_it_can_take_set_aside() {
    let scene = given([Event::Start(Box::new(capped(100)))]).when(Input::Begin);
    quoted(scene, &[("r1.orchestrator", 1, 100)])
        .then_append([round_with(1, 100)])
        .when_stored()
        .then([calls("r1.orchestrator", 1)]);
}

#[test]
fn a_question_that_could_pass_the_cap_is_not_asked_and_that_is_told() {
    let scene = given([Event::Start(Box::new(capped(100)))]).when(Input::Begin);
    let scene = quoted(scene, &[("r1.orchestrator", 1, 101)]);
    let [Event::Error(error), end] = &scene.appends()[..] else {
        panic!("{:?}", scene.appends());
    };
    assert_eq!((&*error.problem.code, error.fatal), ("over_budget", true));
    assert_eq!(*end, complete(Status::OverBudget, 0));
    scene.then_anything();
}

#[test]
fn a_call_of_which_nobody_knows_what_it_takes_is_not_made() {
    let scene = given([Event::Start(Box::new(capped(100)))])
        .when(Input::Begin)
        .then_anything();
    let quotes = vec![Quote {
        call: call("r1.orchestrator", 1),
        most: None,
    }];
    let scene = scene.when(Input::Quoted { quotes });
    assert_eq!(
        scene.appends().last(),
        Some(&complete(Status::OverBudget, 0))
    );
    scene.then_anything();
}

#[test]
fn calls_of_one_round_are_set_aside_together_and_what_does_not_fit_is_not_made() {
    let scene = given(started_with(100, 60))
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(decides(1, [answer("phi"), answer("qwen"), search()]));
    // 15 are spent, so 85 are left: for the first and the last.
    quoted(scene, &[("r1.1", 1, 50), ("r1.2", 1, 40), ("r1.3", 1, 35)])
        .then_append([
            decided(1, 3),
            asked_with("r1.1", answer("phi"), Some(50)),
            asked_with("r1.2", answer("qwen"), None),
            asked_with("r1.3", search(), Some(35)),
            result("r1.2", NOT_MADE, Spent::default()),
        ])
        .when_stored()
        .then([calls("r1.3", 1)])
        .when(brings("r1.3"))
        .then_append([brought("r1.3")])
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
fn a_run_that_cannot_pay_for_its_next_round_answers_from_what_it_has() {
    let mut reasoner = answer("phi");
    reasoner.role = run::Role::Work;
    let log = [
        started_with(100, 60),
        vec![
            decided(1, 1),
            asked_with("r1.1", reasoner, Some(20)),
            text("r1.1", 1, 0, "It may be seven."),
        ],
    ];
    let scene = given(log.concat())
        .when(Input::Begin)
        .then([calls("r1.1", 1)])
        .when(has_written("r1.1", 1));
    // 15 and 15 are spent: 71 are more than is left, 70 would not be.
    quoted(scene, &[("r2.orchestrator", 1, 71)])
        .then_append([
            result("r1.1", written(), spent(10, 5, 3)),
            partial("r1.1"),
            complete(Status::OverBudget, 0),
        ])
        .when_stored()
        .then_stop(StopReason::Ended(Status::OverBudget));
}

#[test]
fn a_text_that_was_written_to_its_end_is_nearer_to_an_answer_than_a_later_one_that_was_not() {
    let mut reasoner = answer("phi");
    reasoner.role = run::Role::Work;
    let failed = Outcome::Failed {
        code: "model_answer_cut".to_owned(),
        message: "It broke off.".to_owned(),
        retryable: false,
    };
    for (first, second, nearest) in [
        (written(), failed.clone(), "r1.1"),
        (failed.clone(), written(), "r1.2"),
        (failed.clone(), failed, "r1.2"),
    ] {
        let log = [
            started_with(100, 60),
            vec![
                decided(1, 2),
                asked_with("r1.1", reasoner.clone(), Some(10)),
                asked_with("r1.2", reasoner.clone(), Some(10)),
                text("r1.1", 1, 0, "It is seven."),
                result("r1.1", first, spent(1, 0, 3)),
                text("r1.2", 1, 0, "It may"),
            ],
        ];
        let end = CallEnd::Tool {
            outcome: second.clone(),
            spent: spent(1, 0, 3),
        };
        let scene = given(log.concat())
            .when(Input::Begin)
            .then([calls("r1.2", 1)])
            .when(ends("r1.2", 1, end));
        quoted(scene, &[("r2.orchestrator", 1, 99)]).then_append([
            result("r1.2", second, spent(1, 0, 3)),
            partial(nearest),
            complete(Status::OverBudget, 0),
        ]);
    }
}

#[test]
fn what_was_set_aside_and_not_used_is_free_again() {
    let log = [
        started_with(100, 100),
        vec![decided(1, 1), asked_with("r1.1", search(), Some(85))],
    ];
    let scene = given(log.concat())
        .when(Input::Begin)
        .then([calls("r1.1", 1)])
        .when(brings("r1.1"));
    quoted(scene, &[("r2.orchestrator", 1, 85)])
        .then_append([brought("r1.1"), round_with(2, 85)])
        .when_stored()
        .then([calls("r2.orchestrator", 1)]);
}

#[test]
fn an_attempt_that_has_to_be_paid_for_again_waits_for_its_money() {
    let mut again = restart("llama", spent(20, 5, 1));
    again.reserves = Some(most(60));
    let over = |cap: u64| {
        given(started_with(cap, 60))
            .when(Input::Begin)
            .then([calls("r1.orchestrator", 1)])
            .when(Input::StartedOver {
                call: call("r1.orchestrator", 1),
                restart: again.clone(),
            })
    };
    let retry = |reserved: Option<u64>| Event::Retry {
        call_id: id("r1.orchestrator"),
        attempt: 2,
        reason: again.reason.clone(),
        model: again.model.clone(),
        ended: again.ended.clone(),
        reserved: reserved.map(most),
    };
    // 25 are spent.
    over(85)
        .then_append([retry(Some(60))])
        .when_stored()
        .then([]);
    let scene = over(84);
    let events = scene.appends();
    assert_eq!(events[0], retry(None));
    assert_eq!(events.last(), Some(&complete(Status::OverBudget, 0)));
    scene.then_anything();
}

#[test]
fn what_was_charged_beyond_what_was_set_aside_is_not_there_for_the_next_attempt() {
    let mut again = restart("llama", spent(70, 0, 1));
    again.reserves = Some(most(40));
    let scene = given(started_with(100, 40))
        .when(Input::Begin)
        .then([calls("r1.orchestrator", 1)])
        .when(Input::StartedOver {
            call: call("r1.orchestrator", 1),
            restart: again,
        });
    assert_eq!(
        scene.appends().last(),
        Some(&complete(Status::OverBudget, 0))
    );
    scene.then_anything();
}

#[test]
fn a_tool_whose_next_attempt_cannot_be_paid_for_has_failed() {
    let log = [
        started_with(100, 60),
        vec![decided(1, 1), asked_with("r1.1", answer("phi"), Some(80))],
    ];
    let mut again = restart("phi", spent(50, 5, 1));
    again.reserves = Some(most(80));
    let scene = given(log.concat())
        .when(Input::Begin)
        .then([calls("r1.1", 1)])
        .when(Input::StartedOver {
            call: call("r1.1", 1),
            restart: again,
        });
    let events = scene.appends();
    let ended = result(
        "r1.1",
        Outcome::OverBudget { has_begun: true },
        Spent::default(),
    );
    assert!(events.contains(&ended), "{events:?}");
    assert_eq!(events.last(), Some(&complete(Status::OverBudget, 0)));
    let scene = scene.then_anything();
    assert_eq!(
        scene.state.run().committed(),
        usd(95),
        "nothing of it is stored yet"
    );
}

#[test]
fn what_a_lost_driver_had_set_aside_counts_as_spent_and_says_that_it_is_estimated() {
    let scene = given(started_with(100, 40)).when(Input::TakeOver(Takeover {
        epoch: Epoch(2),
        reason: "lost".to_owned(),
        lost: true,
        orchestrator: ModelId::new("llama"),
        fallback: Vec::new(),
    }));
    let lost = Spent {
        duration_ms: 0,
        usage: Some(Usage {
            input_tokens: 40,
            estimated: true,
            ..Usage::default()
        }),
        cost: Some(usd(40)),
        prompt: None,
    };
    let retry = |reserved: Option<u64>| Event::Retry {
        call_id: id("r1.orchestrator"),
        attempt: 2,
        reason: "lost".to_owned(),
        model: Some(ModelId::new("llama")),
        ended: run::Attempt {
            model: None,
            spent: lost,
            invalid_answer: None,
        },
        reserved: reserved.map(most),
    };
    let resumed = Event::Resumed {
        epoch: Epoch(2),
        reason: "lost".to_owned(),
        lost: true,
    };
    quoted(scene, &[("r1.orchestrator", 2, 60)]).then_append([resumed, retry(Some(60))]);
}

#[test]
fn a_server_that_charges_more_than_there_is_ends_the_run_with_its_answer() {
    let dear = Spent {
        cost: Some(usd(5_000)),
        ..spent(10, 5, 3)
    };
    let log = [
        started_with(100, 60),
        vec![
            decided(1, 1),
            asked_with("r1.1", answer("phi"), Some(40)),
            text("r1.1", 1, 0, "Seven."),
        ],
    ];
    let end = CallEnd::Tool {
        outcome: written(),
        spent: dear,
    };
    given(log.concat())
        .when(Input::Begin)
        .then([calls("r1.1", 1)])
        .when(ends("r1.1", 1, end))
        .then_append([
            result("r1.1", written(), dear),
            final_answer("r1.1", "phi"),
            complete(Status::OverBudget, 0),
        ])
        .when_stored()
        .then_stop(StopReason::Ended(Status::OverBudget));
}

#[test]
fn a_run_that_costs_all_that_it_may_and_no_more_has_come_to_its_end_like_any_other() {
    let log = [
        started_with(100, 60),
        vec![
            decided(1, 1),
            asked_with("r1.1", answer("phi"), Some(40)),
            text("r1.1", 1, 0, "Seven."),
        ],
    ];
    let scene = given(log.concat());
    let before = scene.state.run().committed().nano_usd - 40;
    for (charged, status) in [
        (100 - before, Status::Completed),
        (101 - before, Status::OverBudget),
    ] {
        let spent = Spent {
            cost: Some(usd(charged)),
            ..spent(10, 5, 3)
        };
        let outcome = written();
        given(log.concat())
            .when(Input::Begin)
            .then([calls("r1.1", 1)])
            .when(ends("r1.1", 1, CallEnd::Tool { outcome, spent }))
            .then_append([
                result("r1.1", written(), spent),
                final_answer("r1.1", "phi"),
                complete(status, 0),
            ]);
    }
}

#[test]
fn a_decision_that_was_lost_when_its_run_was_cancelled_is_charged_what_was_set_aside_for_it() {
    let cancelled = Event::CancelRequested {
        by: "outside".to_owned(),
    };
    for (log, charged) in [(started_with(100, 40), Some(usd(40))), (started(), None)] {
        let scene = given([log, vec![cancelled.clone()]].concat());
        let scene = scene.when(Input::TakeOver(Takeover {
            epoch: Epoch(2),
            reason: "lost".to_owned(),
            lost: true,
            orchestrator: ModelId::new("llama"),
            fallback: Vec::new(),
        }));
        let ended = scene.appends().into_iter().find_map(|event| match event {
            Event::Complete { attempt, .. } => Some(attempt),
            _ => None,
        });
        assert_eq!(ended.unwrap().and_then(|it| it.spent.cost), charged);
        scene.then_anything();
    }
}

#[test]
fn a_call_that_is_cancelled_is_charged_what_was_set_aside_for_it() {
    let log = [
        started_with(100, 60),
        vec![
            decided(1, 1),
            asked_with("r1.1", answer("phi"), Some(40)),
            Event::CancelRequested {
                by: "outside".to_owned(),
            },
        ],
    ];
    let scene = given(log.concat()).when(Input::TakeOver(Takeover {
        epoch: Epoch(2),
        reason: "lost".to_owned(),
        lost: true,
        orchestrator: ModelId::new("llama"),
        fallback: Vec::new(),
    }));
    let events = scene.appends();
    let charged = events.iter().find_map(|event| match event {
        Event::ToolResult(result) => Some(result.spent),
        _ => None,
    });
    assert_eq!(charged.unwrap().cost, Some(usd(40)));
    assert!(charged.unwrap().usage.unwrap().estimated);
    scene.then_anything();
}
