//! Names of runs, events and calls.

use run::{CallId, EarlierTurn, MAX_PRIOR_BYTES, Outcome, Prior, RunId, Seq, Spent, Status};
use serde_json::json;

use crate::kit::*;

#[test]
fn a_run_is_named_by_the_time_of_its_start() {
    for at_ms in [0, 1, BEGIN_MS, (1 << 48) - 1] {
        let id = RunId::from_parts(at_ms, 7);
        assert_eq!(id.at_ms(), at_ms);
        assert_eq!(id.number(), u128::from(at_ms) << 80 | 7);
        assert_eq!(id.to_string().parse(), Ok(id));
    }
    assert!(RunId::from_parts(1, 9).to_string() < RunId::from_parts(2, 0).to_string());
    for malformed in [
        "",
        "01m82b6wk1k9r53m1pqbkjs5qp",
        "01M82B6WK1K9R53M1PQBKJS5QP0",
        "x",
    ] {
        let refused = malformed.parse::<RunId>().unwrap_err();
        assert_eq!(refused.to_string(), "not a valid run id");
    }
}

#[test]
fn events_and_calls_are_written_as_the_contract_has_them() {
    assert_eq!(Seq(17).to_string(), "17");
    assert_eq!(Seq(17).next(), Seq(18));
    for (text, call_id, round, index) in [
        ("r2.orchestrator", CallId::Orchestrator { round: 2 }, 2, 0),
        ("r2.3", CallId::Tool { round: 2, index: 3 }, 2, 3),
    ] {
        assert_eq!(text.parse(), Ok(call_id));
        assert_eq!(call_id.to_string(), text);
        assert_eq!((call_id.round(), call_id.index()), (round, index));
    }
    for malformed in ["", "r1", "1.1", "r.1", "r1.", "rx.1", "r1.x", "r1.-1"] {
        assert!(malformed.parse::<CallId>().is_err(), "{malformed}");
    }
}

#[test]
fn what_a_follow_up_takes_over_is_bounded_as_it_is_written() {
    for (character, written) in [("x", 1), ("\"", 2), ("\u{1}", 6), ("七", 3)] {
        let mut start = start();
        start.request.query = character.repeat(MAX_PRIOR_BYTES);
        let scene = given(log_of(start));
        let query = Prior::of(scene.state.run()).query;
        assert_eq!(
            query,
            character.repeat(MAX_PRIOR_BYTES / written),
            "{character:?}"
        );
    }
}

#[test]
fn a_follow_up_takes_over_the_answer_and_as_many_sources_as_have_room() {
    let page = |title: &str, url: &str| json!({"title": title, "url": url});
    let long = "x".repeat(MAX_PRIOR_BYTES / 2);
    let pages = json!({"results": [page(&long, "https://a.example/"), page(&long, "https://b.example/"), page("Short", "https://c.example/")]});
    let found = Outcome::Object(pages.as_object().unwrap().clone().into());
    let log = [
        started(),
        vec![
            decided(1, 2),
            asked("r1.1", search()),
            asked("r1.2", answer("phi")),
            result("r1.1", found, Spent::default()),
            text("r1.2", 1, 0, "It is 7."),
            result("r1.2", written(), Spent::default()),
        ],
    ];
    let mut log = log.concat();
    assert_eq!(Prior::of(given(log.clone()).state.run()).answer, None);
    log.push(final_answer("r1.2", "phi"));
    let scene = given(log);
    let prior = Prior::of(scene.state.run());
    assert_eq!(prior.answer.as_deref(), Some("It is 7."));
    let urls: Vec<_> = prior.sources.iter().map(|source| &*source.url).collect();
    assert_eq!(urls, ["https://a.example/"], "the second would be too much");
}

fn turn(query: &str, answer: &str) -> EarlierTurn {
    EarlierTurn {
        query: query.to_owned(),
        answer: Some(answer.to_owned()),
    }
}

#[test]
fn a_follow_up_knows_the_turns_before_the_one_that_it_follows() {
    let mut start = start();
    start.prior = Prior::of_turns(vec![turn("One?", "1."), turn("Two?", "2.")]).map(Box::new);
    let next = Prior::of(given(log_of(start.clone())).state.run());
    assert_eq!(next.query, start.request.query);
    assert_eq!(next.earlier, [turn("One?", "1."), turn("Two?", "2.")]);
}

#[test]
fn of_a_long_conversation_the_newest_turns_are_kept_whole() {
    let text = "x".repeat(MAX_PRIOR_BYTES / 8);
    let turns = |count| (0..count).map(|at| turn(&format!("{at}"), &text));
    let prior = Prior::of_turns(turns(40).collect()).unwrap();
    assert_eq!(prior.query, "39");
    let kept: Vec<_> = turns(39).skip(32).collect();
    assert_eq!(prior.earlier, kept, "seven and their numbers");
    let longest = turn("", &"x".repeat(MAX_PRIOR_BYTES + 1));
    let cut = Prior::of_turns(vec![turn("a", "b"), longest.clone(), turn("c", "d")]).unwrap();
    assert_eq!(cut.earlier, [], "nothing before a gap");
    let last = Prior::of_turns(vec![longest]).unwrap();
    assert_eq!(
        last.answer.map(|answer| answer.len()),
        Some(MAX_PRIOR_BYTES)
    );
    assert_eq!(Prior::of_turns(Vec::new()), None);
}

#[test]
fn a_status_has_one_name_in_the_log_on_the_wire_and_in_the_table() {
    for (status, name) in [
        (Status::Completed, "completed"),
        (Status::Failed, "failed"),
        (Status::Cancelled, "cancelled"),
        (Status::OutOfRounds, "out_of_rounds"),
    ] {
        assert_eq!(status.as_str(), name);
        assert_eq!(serde_json::to_value(status).unwrap(), name);
    }
}
