//! What chains, in which a model writes what a tool gets, come to in prompts.

use run::{Chain, ChainedCall, Composition, Otherwise, Stage, Take};

use super::super::chained;
use super::super::of_use::is_of_use;
use super::toolorchestra::asked;
use super::*;

fn chain(take: Take) -> Chain {
    Chain {
        model: ModelId::new("qwen"),
        take,
        max_chars: None,
        otherwise: Otherwise::Fail,
        then: ChainedCall {
            tool: ToolName::new("look"),
            argument: "at".to_owned(),
            arguments: Map::new(),
            repeatable: true,
            sources: None,
            timeout_ms: 1000,
        },
        timeout_ms: 2000,
        max_result_bytes: 1000,
    }
}

/// A round whose only call is a chain in which the tool got what was taken, and brought a text.
fn look_up(run: &mut Run, number: u32, take: Take, taken: &str, brought: &str) {
    let id = |index| CallId::Tool {
        round: number,
        index,
    };
    let spec = |origin, arguments, composition| CallSpec {
        tool: ToolName::new("look_up"),
        arguments,
        model: None,
        role: Role::Work,
        repeatable: true,
        origin,
        sources: None,
        composition,
    };
    let whole = Composition::Chain(chain(take));
    let running = Origin::InnerStep {
        within: id(1),
        stage: Stage::Running,
    };
    let arguments = Map::from_iter([("at".to_owned(), Value::from(taken))]);
    let brought = Map::from_iter([("text".to_owned(), Value::from(brought))]);
    let call = |call_id, spec| {
        Event::ToolCall(ToolCall {
            call_id,
            spec,
            reserved: None,
        })
    };
    let result = |call_id, outcome| {
        Event::ToolResult(ToolResult {
            call_id,
            outcome,
            spent: Spent::default(),
        })
    };
    for event in [
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
        call(
            id(1),
            spec(Origin::Model, Map::new(), Some(Box::new(whole))),
        ),
        call(id(2), spec(running, arguments, None)),
        result(id(2), Outcome::Object(brought.into())),
        result(id(1), Outcome::Composed { by: id(2) }),
    ] {
        run.apply(&event);
    }
}

#[test]
fn what_another_text_was_taken_for_is_another_call() {
    let tag = || Take::Tag("query".to_owned());
    let mut run = run_at_its_start();
    for (number, taken) in [(1, "first query"), (2, "second query"), (3, "first query")] {
        look_up(&mut run, number, tag(), taken, "found");
    }
    let is_of_use = |at: usize| {
        let call = run.rounds[at].asked_calls().next().unwrap();
        is_of_use(&run.rounds, call)
    };
    assert_eq!([0, 1, 2].map(is_of_use), [false, true, true]);
}

#[test]
fn a_program_that_was_taken_is_told_as_one_and_a_query_with_what_it_found() {
    let program = "print(1 + 1)";
    for (take, is_program) in [
        (Take::Fence("python".to_owned()), true),
        (Take::Tag("query".to_owned()), false),
    ] {
        let mut run = run_at_its_start();
        look_up(&mut run, 1, take, program, "found it");
        run.apply(&Event::RoundStart {
            round: 2,
            reserved: None,
        });
        let question = asked(&run);
        let fenced = format!("```python\n{program}\n```");
        assert_eq!(question.contains(&fenced), is_program, "{question}");
        assert_eq!(
            question.contains("Doc 1: look_up"),
            !is_program,
            "{question}"
        );
        assert!(question.contains("found it"), "{question}");
    }
}

#[test]
fn who_writes_what_a_tool_gets_is_told_the_question_and_what_is_known() {
    let mut run = run_at_its_start();
    look(&mut run, 1, 10);
    let request = chained(&run, "Write a query.", 4096, 256);
    let message =
        |at: usize| -> Value { serde_json::from_str(request.messages[at].json()).unwrap() };
    assert_eq!(request.messages.len(), 2);
    assert_eq!(
        message(0),
        json!({"role": "system", "content": "Write a query."})
    );
    let told = message(1)["content"].as_str().unwrap().to_owned();
    assert!(
        told.contains(QUESTION) && told.contains("r1 xxxxxxxxxx"),
        "{told}"
    );
    assert_eq!((request.max_tokens, request.tools.len()), (Some(256), 0));
}
