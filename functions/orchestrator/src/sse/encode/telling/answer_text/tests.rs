//! What a client has at the end is the answer, whatever was taken back, came twice or came in pieces.

use proptest::prelude::*;
use run::Origin;
use serde_json::Map;

use super::*;

const CALL: CallId = CallId::Tool { round: 1, index: 1 };
const OTHER: CallId = CallId::Tool { round: 1, index: 2 };

fn spec(role: Role) -> CallSpec {
    CallSpec {
        tool: run::ToolName::new("answer"),
        arguments: Map::new(),
        model: None,
        role,
        repeatable: true,
        origin: Origin::Model,
        sources: None,
        composition: None,
    }
}

/// What a client has of an answer.
#[derive(Default)]
struct Client {
    text: String,
    times_begun_anew: usize,
}

impl Client {
    fn take(&mut self, given: Option<Given>) {
        match given {
            None => {}
            Some(Given::More(more)) => {
                assert_ne!(more, "");
                self.text.push_str(&more);
            }
            Some(Given::Anew { void, text }) => {
                assert_eq!(void, self.text.chars().count());
                self.text = text;
                self.times_begun_anew += 1;
            }
        }
    }
}

/// An attempt: the text that it writes, in pieces, each of them told live, stored, or both.
fn attempts() -> impl Strategy<Value = Vec<Vec<(String, bool)>>> {
    let piece = (prop_oneof!["[ab]{1,3}", "[é😀七]{1,2}"], any::<bool>());
    prop::collection::vec(prop::collection::vec(piece, 0..6), 1..4)
}

proptest! {
    #[test]
    fn a_client_ends_with_the_answer(attempts in attempts(), other in prop::option::of("[ab]{0,4}")) {
        let mut answer = AnswerText::default();
        let mut client = Client::default();
        answer.calls(CALL, &spec(Role::Answer));
        let mut last = String::new();
        for (number, pieces) in (1..).zip(&attempts) {
            if number > 1 {
                answer.starts_over(CALL, number);
            }
            last.clear();
            let mut stored = String::new();
            for (piece, is_live) in pieces {
                if *is_live {
                    client.take(answer.wrote((CALL, number), units(&last), piece));
                }
                last.push_str(piece);
                if !is_live {
                    // All that was told live since is stored as one.
                    let offset = units(&stored);
                    let chunk = last[stored.len()..].to_owned();
                    client.take(answer.wrote((CALL, number), offset, &chunk));
                    stored.clone_from(&last);
                }
                let ahead = client.text.starts_with(&last);
                prop_assert!(ahead || client.text == last, "{:?} of {last:?}", client.text);
            }
        }
        let expected = other.unwrap_or(last);
        client.take(answer.settle(&expected));
        prop_assert_eq!(&client.text, &expected);
        prop_assert!(client.times_begun_anew <= attempts.len());
        prop_assert_eq!(answer.given(), expected);
    }
}

#[test]
fn an_attempt_that_writes_the_same_again_is_not_seen() {
    let mut answer = AnswerText::default();
    answer.calls(CALL, &spec(Role::Answer));
    let more = |text: &str| Some(Given::More(text.to_owned()));
    assert_eq!(
        answer.wrote((CALL, 1), 0, "The answer is 4"),
        more("The answer is 4")
    );
    answer.starts_over(CALL, 2);
    assert_eq!(answer.wrote((CALL, 2), 0, "The answer"), None);
    assert_eq!(answer.wrote((CALL, 2), 10, " is 42."), more("2."));
    assert_eq!(answer.settle("The answer is 42."), None);
}

/// What stands before calls is short; what is longer is most likely the answer.
#[test]
fn a_long_text_of_the_orchestrator_is_given_out_as_it_comes() {
    let orchestrator = CallId::Orchestrator { round: 2 };
    let mut answer = AnswerText::default();
    answer.asks_orchestrator(2);
    let (first, rest) = ("a".repeat(LONGEST_PREAMBLE - 1), "b".repeat(10));
    assert_eq!(answer.wrote((orchestrator, 1), 0, &first), None);
    let more = |text: &str| Some(Given::More(text.to_owned()));
    let begun = format!("{first}{rest}");
    assert_eq!(
        answer.wrote((orchestrator, 1), units(&first), &rest),
        more(&begun)
    );
    assert_eq!(
        answer.wrote((orchestrator, 1), units(&begun), "c"),
        more("c")
    );
    answer.drop_thought();
    answer.calls(CALL, &spec(Role::Answer));
    let text = "So.".to_owned();
    let void = begun.len() + 1;
    assert_eq!(
        answer.wrote((CALL, 1), 0, "So."),
        Some(Given::Anew { void, text })
    );
    // Who plans at length once is not believed again.
    answer.asks_orchestrator(3);
    let plan = "p".repeat(LONGEST_PREAMBLE * 2);
    let orchestrator = CallId::Orchestrator { round: 3 };
    assert_eq!(answer.wrote((orchestrator, 1), 0, &plan), None);
}

#[test]
fn a_short_text_of_the_orchestrator_waits_for_what_it_is() {
    let orchestrator = CallId::Orchestrator { round: 1 };
    let mut answer = AnswerText::default();
    answer.asks_orchestrator(1);
    assert_eq!(answer.wrote((orchestrator, 1), 0, "Let me ask."), None);
    answer.drop_thought();
    answer.calls(CALL, &spec(Role::Answer));
    assert_eq!(
        answer.wrote((CALL, 1), 0, "So."),
        Some(Given::More("So.".to_owned()))
    );
    let mut answer = AnswerText::default();
    answer.asks_orchestrator(1);
    assert_eq!(answer.wrote((orchestrator, 1), 0, "It is so."), None);
    assert_eq!(
        answer.settle("It is so."),
        Some(Given::More("It is so.".to_owned()))
    );
}

#[test]
fn of_two_calls_that_may_answer_neither_is_given_out_before_it_is_settled() {
    let mut answer = AnswerText::default();
    for call in [CALL, OTHER] {
        answer.calls(call, &spec(Role::Answer));
    }
    for call in [CALL, OTHER] {
        assert_eq!(answer.wrote((call, 1), 0, "One."), None);
    }
    assert_eq!(answer.settle("Two."), Some(Given::More("Two.".to_owned())));
}

#[test]
fn only_a_call_that_may_answer_by_itself_is_given_out() {
    let within = CallSpec {
        origin: Origin::InnerStep {
            within: OTHER,
            stage: run::Stage::Opinion,
        },
        ..spec(Role::Answer)
    };
    for spec in [spec(Role::Work), within] {
        let mut answer = AnswerText::default();
        answer.calls(CALL, &spec);
        assert_eq!(answer.wrote((CALL, 1), 0, "Found."), None, "{spec:?}");
    }
    let mut answer = AnswerText::default();
    answer.calls(CALL, &spec(Role::Answer));
    assert_eq!(answer.wrote((CALL, 2), 0, "of another attempt"), None);
    assert_eq!(answer.wrote((CALL, 1), 4, "behind a gap"), None);
    assert_eq!(
        answer.wrote((CALL, 1), 0, "So."),
        Some(Given::More("So.".to_owned()))
    );
}

/// The orchestrator said nothing, and a model is asked as the last resort in the same round.
#[test]
fn the_last_resort_of_a_round_is_given_out_as_it_comes() {
    let mut answer = AnswerText::default();
    answer.asks_orchestrator(1);
    answer.calls(CALL, &spec(Role::Answer));
    let more = |text: &str| Some(Given::More(text.to_owned()));
    assert_eq!(answer.wrote((CALL, 1), 0, "One"), more("One"));
    answer.fails(CALL);
    answer.calls(OTHER, &spec(Role::Answer));
    assert_eq!(answer.wrote((OTHER, 1), 0, "One more."), more(" more."));
}
