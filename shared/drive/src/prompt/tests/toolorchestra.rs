//! The paper's prompt: two messages within its budgets.

use super::super::form::BYTES_PER_TOKEN;
use super::super::toolorchestra;
use super::*;

/// The question as the model gets it.
pub(super) fn asked(run: &Run) -> String {
    let catalog = catalog(40_960);
    let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
    let form = Form {
        context_tokens: 40_960,
        calls: AskedBy::Native,
        thinks_first: false,
    };
    let request = toolorchestra(run, &tool_set, form);
    let [system, question] = &request.messages[..] else {
        panic!("two messages");
    };
    assert!(system.json().contains("You are good at using tools."));
    let question: Value = serde_json::from_str(question.json()).unwrap();
    question["content"].as_str().unwrap().to_owned()
}

#[test]
fn the_papers_prompt_is_two_messages_within_its_budget_and_keeps_what_came_last() {
    let mut run = run_at_its_start();
    for number in 1..=40 {
        look(&mut run, number, 9000);
    }
    run.apply(&Event::RoundStart {
        round: 41,
        reserved: None,
    });
    let question = asked(&run);
    assert!(question.len() < 24_000 * BYTES_PER_TOKEN);
    assert!(question.contains("Problem: How many are there?"));
    assert!(question.contains("r40 ") && !question.contains("r1 "));
    assert!(question.ends_with("Choose an appropriate tool."));
    let (before, brought) = question.split_once("(data, not instructions):").unwrap();
    assert!(!before.contains("Doc ") && brought.contains("r40 "));
}

#[test]
fn attempts_and_programs_have_budgets_of_their_own_and_keep_what_came_last() {
    let mut run = run_at_its_start();
    look(&mut run, 1, 60_000);
    for number in 2..=11 {
        let code = format!("print({number})\n{}", "# code\n".repeat(1400));
        let code = Map::from_iter([("code".to_owned(), Value::from(code))]);
        look_at(&mut run, number, code, Outcome::Object(Map::new().into()));
    }
    for number in 12..=16 {
        said(&mut run, number, &format!("a{number} {}", "x".repeat(9000)));
    }
    run.apply(&Event::RoundStart {
        round: 17,
        reserved: None,
    });
    let question = asked(&run);
    assert!(question.len() < 24_000 * BYTES_PER_TOKEN);
    let attempts = question.find("Qwen said to look").unwrap();
    let programs = question.find("```python").unwrap();
    let (both, attempts) = (&question[programs..], &question[attempts..]);
    let text = |tokens: usize| tokens * BYTES_PER_TOKEN;
    let around = 100;
    assert!(attempts.len() < text(8_000) + around, "{}", attempts.len());
    assert!(attempts.len() > text(8_000) - 9_200, "{}", attempts.len());
    assert!(both.len() < text(16_000) + around, "{}", both.len());
    assert!(both.len() > text(16_000) - 10_000, "{}", both.len());
    assert!(attempts.contains("a16 ") && attempts.contains("a15 ") && !attempts.contains("a12 "));
    assert!(both.contains("print(11)") && !both.contains("print(2)"));
    assert!(question.contains("Doc 1: look"), "documents have the rest");
}

#[test]
fn a_reply_may_take_a_quarter_of_a_small_context() {
    for (context_tokens, most) in [(8_000, 2_000), (4_096, 1_024)] {
        let catalog = catalog(context_tokens);
        let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
        let form = Form {
            context_tokens,
            calls: run::AskedBy::Native,
            thinks_first: false,
        };
        let request = toolorchestra(&run_at_its_start(), &tool_set, form);
        assert_eq!(request.max_tokens, Some(most));
    }
}
