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

#[test]
fn after_a_reply_of_which_no_call_could_be_made_the_next_one_is_told_why() {
    let mut run = run_at_its_start();
    let refused = |number: u32, message: &str| {
        let (code, message) = ("invalid_arguments".to_owned(), message.to_owned());
        let call_id = CallId::Tool {
            round: number,
            index: 1,
        };
        [
            Event::RoundStart {
                round: number,
                reserved: None,
            },
            Event::RoundDecided {
                round: number,
                calls: 1,
                model: ModelId::new("qwen"),
                finish_reason: "tool_calls".to_owned(),
                asked_by: AskedBy::Native,
                duration_ms: 0,
                usage: None,
                cost: None,
                prompt: None,
            },
            Event::ToolCall(ToolCall {
                call_id,
                spec: CallSpec {
                    tool: ToolName::new("look"),
                    arguments: Map::new(),
                    model: None,
                    role: Role::Rejected {
                        code: code.clone(),
                        message: message.clone(),
                    },
                    repeatable: true,
                    origin: Origin::Model,
                    sources: None,
                    composition: None,
                },
                reserved: None,
            }),
            Event::ToolResult(ToolResult {
                call_id,
                outcome: Outcome::Rejected { code, message },
                spent: Spent::default(),
            }),
        ]
    };
    let told = "Your last reply called no tool that could be called: ";
    for event in refused(1, "`at` is no \"place\"") {
        run.apply(&event);
    }
    let next = |run: &Run, number| {
        let mut run = run.clone();
        run.apply(&Event::RoundStart {
            round: number,
            reserved: None,
        });
        asked(&run)
    };
    let question = next(&run, 2);
    assert!(
        question.contains(&format!("{told}\"`at` is no \\\"place\\\"\".\n")),
        "{question}"
    );
    look(&mut run, 2, 10);
    assert!(!next(&run, 3).contains(told));
}

#[test]
fn a_model_that_is_asked_by_a_schema_is_told_its_tools_as_decisions_where_it_has_any() {
    use model::CallForm;
    let run = run_at_its_start();
    let catalog = json!({
        "orchestrator": {"model": "qwen", "prompt": "toolorchestra"},
        "models": {"qwen": {
            "name": "Qwen", "url_env": "QWEN_API_URL", "model": "qwen", "context_tokens": 40_960,
        }},
        "tools": [{
            "type": "function",
            "function": {
                "name": "answer", "description": "Answers.", "parameters": {"type": "object", "properties": {}},
            },
            "target": {"models": {"answer-1": "qwen"}, "system": "You answer."},
            "ends_run": true, "timeout_ms": 15000, "retry": "safe",
        }],
    });
    let catalog = Catalog::parse(&catalog.to_string()).unwrap();
    for (calls, configured, is_schema) in [
        (AskedBy::Schema, true, true),
        (AskedBy::Schema, false, false),
        (AskedBy::Text, true, false),
    ] {
        let tool_set = catalog.tool_set(&Preferences::default(), |_| configured);
        let form = Form {
            context_tokens: 40_960,
            calls,
            thinks_first: false,
        };
        let request = toolorchestra(&run, &tool_set, form);
        let by_schema = matches!(request.calls, CallForm::Schema(_));
        assert_eq!(by_schema, is_schema, "{calls:?} {configured}");
        assert_eq!(request.tools.len(), usize::from(configured));
    }
}
