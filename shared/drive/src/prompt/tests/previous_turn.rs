//! What a follow-up is told of the run before it leaves room for its own.

use run::{Prior, Source};

use super::super::form::BYTES_PER_TOKEN;
use super::*;

/// A run that follows one of the longest question and answer that are kept.
fn run_after_a_long_one() -> Run {
    let mut start = Start::clone(&run_at_its_start().start);
    start.prior = Some(Box::new(Prior {
        query: format!("EARLIER QUESTION {}", "Q".repeat(24_000)),
        answer: Some(format!("EARLIER ANSWER {}", "A".repeat(24_000))),
        sources: vec![Source {
            title: "Seven".to_owned(),
            url: "https://example.org/seven".to_owned(),
        }],
        earlier: Vec::new(),
    }));
    Run::begin(start)
}

fn assert_quarter(told: &str, context_tokens: usize) {
    let told_of = told.matches(['Q', 'A']).count();
    let room = context_tokens * BYTES_PER_TOKEN;
    assert!(told_of < room / 4 && told_of > room / 10, "{told_of}");
    for text in [
        "EARLIER QUESTION",
        "EARLIER ANSWER",
        "https://example.org/seven",
        QUESTION,
        "r1 ",
    ] {
        assert!(told.contains(text), "no {text}");
    }
}

#[test]
fn an_earlier_answer_takes_a_quarter_of_any_prompt_at_most() {
    let mut run = run_after_a_long_one();
    look(&mut run, 1, 2000);
    run.apply(&Event::RoundStart {
        round: 2,
        reserved: None,
    });
    let catalog = catalog(8192);
    let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
    let form = Form {
        context_tokens: 8192,
        calls: AskedBy::Native,
        thinks_first: false,
    };
    let chat = messages(&mut Conversation::new(&run, &tool_set, form), &run).concat();
    assert_quarter(&chat, 8192);
    assert!(chat.len() < 8192 * BYTES_PER_TOKEN);
    assert_quarter(&asked_of_expert(&run, 8192, 512), 8192);
    assert_quarter(&toolorchestra::asked(&run), 24_000);
}

#[test]
fn a_short_earlier_answer_is_told_whole() {
    let mut start = Start::clone(&run_at_its_start().start);
    start.prior = Some(Box::new(Prior {
        query: "EARLIER QUESTION".to_owned(),
        answer: Some("A".repeat(4000)),
        sources: Vec::new(),
        earlier: Vec::new(),
    }));
    let told = asked_of_expert(&Run::begin(start), 8192, 512);
    assert!(told.contains(&"A".repeat(4000)) && !told.contains("left out"));
}

/// Turns further back have a quarter of their own, the newest of them first, and each is told whole.
#[test]
fn earlier_turns_take_another_quarter_of_any_prompt_at_most() {
    let turn = |at: usize| run::EarlierTurn {
        query: format!("EARLIER {at:02}"),
        answer: Some("A".repeat(1000)),
    };
    let mut start = Start::clone(&run_at_its_start().start);
    start.prior = Prior::of_turns((0..40).map(turn).collect()).map(Box::new);
    let run = Run::begin(start);
    let catalog = catalog(8192);
    let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
    let form = Form {
        context_tokens: 8192,
        calls: AskedBy::Native,
        thinks_first: false,
    };
    let chat = messages(&mut Conversation::new(&run, &tool_set, form), &run).concat();
    let quarter = 8192 * BYTES_PER_TOKEN / 4;
    for told in [chat, asked_of_expert(&run, 8192, 512)] {
        let turns = told.matches("EARLIER ").count();
        let answers = told.matches('A').count() - turns;
        assert!(answers >= (turns - 1) * 1000, "{answers} of {turns}");
        assert!((3..=1 + quarter / 1000).contains(&turns), "{turns}");
        let newest = (40 - turns..40).map(|at| format!("EARLIER {at:02}"));
        let places: Vec<_> = newest.map(|it| told.find(&it)).collect();
        assert!(places.iter().all(Option::is_some), "{places:?}");
    }
}
