//! The conversation grows at its end, keeps within the model's context, and is the same for whoever takes a run over.

use std::collections::BTreeMap;

use catalog::{Catalog, ModelAliases};
use model::ChatRequest;
use run::{
    AskedBy, CallId, CallSpec, Delta, Event, ModelId, Origin, Outcome, Plan, Preferences, Request,
    Role, Run, RunId, Spent, Start, ToolCall, ToolName, ToolResult,
};
use serde_json::{Map, Value, json};

use super::{Conversation, Form, expert};

const ASKED: [AskedBy; 3] = [AskedBy::Native, AskedBy::Schema, AskedBy::Text];

mod chain;
mod control_tokens;
mod decision;
mod discussion;
mod framing;
mod instructions;
mod making_room;
mod order;
mod previous_turn;
mod snapshots;
mod toolorchestra;
mod unseen;

const QUESTION: &str = "How many are there?";

fn catalog(context_tokens: u32) -> Catalog {
    let catalog = json!({
        "orchestrator": {"model": "qwen", "prompt": "chat"},
        "models": {"qwen": {
            "name": "Qwen", "url_env": "QWEN_API_URL", "model": "qwen", "context_tokens": context_tokens,
        }},
        "tools": [{
            "type": "function",
            "function": {
                "name": "look", "description": "Looks.",
                "parameters": {"type": "object", "properties": {"code": {"type": "string"}}},
            },
            "target": {"lambda": "look"}, "program": "code", "timeout_ms": 15000, "retry": "safe",
        }, {
            "type": "function",
            "function": {
                "name": "answer", "description": "Answers.", "parameters": {"type": "object", "properties": {}},
            },
            "target": {"models": {"answer-1": "qwen"}, "system": "You answer."},
            "ends_run": true, "timeout_ms": 15000, "retry": "safe",
        }],
    });
    Catalog::parse(&catalog.to_string()).unwrap()
}

fn run_at_its_start() -> Run {
    Run::begin(Start {
        run_id: RunId::from_parts(1, 1),
        created_at_ms: 1,
        owner: run::Owner::unnamed(),
        listed: Vec::new(),
        told: BTreeMap::new(),
        prior: None,
        allowances: Vec::new(),
        plan: Plan {
            fallback: None,
            time_limit_ms: 1,
        },
        request: Request {
            query: QUESTION.to_owned(),
            max_rounds: 50,
            temperature: 0.0,
            max_tokens: 256,
            preferences: Preferences::default(),
            previous_run_id: None,
            answer_schema: None,
            echo: None,
        },
    })
}

/// A round that looks once and is brought so many bytes.
fn look(run: &mut Run, number: u32, bytes: usize) {
    let Value::Object(at) = json!({"at": number}) else {
        unreachable!()
    };
    let brought = json!({"text": format!("r{number} {}", "x".repeat(bytes))});
    let Value::Object(brought) = brought else {
        unreachable!()
    };
    look_at(run, number, at, Outcome::Object(brought.into()));
}

/// A round in which a model said this.
fn said(run: &mut Run, number: u32, text: &str) {
    let outcome = Outcome::Text {
        model_name: "Qwen".to_owned(),
        finish_reason: "stop".to_owned(),
    };
    look_and_hear(run, number, Map::new(), Some(text), outcome);
}

/// A round that looks once.
fn look_at(run: &mut Run, number: u32, arguments: Map<String, Value>, outcome: Outcome) {
    look_and_hear(run, number, arguments, None, outcome);
}

fn look_and_hear(
    run: &mut Run,
    number: u32,
    arguments: Map<String, Value>,
    words: Option<&str>,
    outcome: Outcome,
) {
    run.apply(&Event::RoundStart {
        round: number,
        reserved: None,
    });
    look_and_hear_of(run, "look", number, arguments, words, outcome);
}

/// A call in a round that has begun.
fn look_and_hear_of(
    run: &mut Run,
    tool: &str,
    number: u32,
    arguments: Map<String, Value>,
    words: Option<&str>,
    outcome: Outcome,
) {
    let call_id = CallId::Tool {
        round: number,
        index: 1,
    };
    let decided = Event::RoundDecided {
        round: number,
        calls: 1,
        model: ModelId::new("qwen"),
        finish_reason: "tool_calls".to_owned(),
        asked_by: run::AskedBy::Native,
        duration_ms: 0,
        usage: None,
        cost: None,
        prompt: None,
    };
    let call = Event::ToolCall(ToolCall {
        call_id,
        spec: CallSpec {
            tool: ToolName::new(tool),
            arguments,
            model: None,
            role: Role::Work,
            repeatable: true,
            origin: Origin::Model,
            sources: None,
            composition: None,
        },
        reserved: None,
    });
    let words = words.map(|words| {
        Event::Delta(Delta {
            call_id,
            attempt: 1,
            offset: 0,
            content: words.to_owned(),
        })
    });
    let result = Event::ToolResult(ToolResult {
        call_id,
        outcome,
        spent: Spent::default(),
    });
    let events = [decided, call];
    for event in events.into_iter().chain(words).chain([result]) {
        run.apply(&event);
    }
}

fn messages(conversation: &mut Conversation, run: &Run) -> Vec<String> {
    let request = conversation.request(run);
    request
        .messages
        .iter()
        .map(|message| message.json().to_owned())
        .collect()
}

/// What the model is told in each of so many rounds, every one of which brings so many bytes.
fn told(context_tokens: u32, rounds: u32, bytes: usize) -> Vec<Vec<String>> {
    let catalog = catalog(context_tokens);
    let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
    let form = Form {
        context_tokens,
        calls: AskedBy::Native,
        thinks_first: false,
    };
    let mut run = run_at_its_start();
    let mut conversation = Conversation::new(&run, &tool_set, form);
    let mut told = Vec::new();
    for number in 1..=rounds {
        run.apply(&Event::RoundStart {
            round: number,
            reserved: None,
        });
        let kept = messages(&mut conversation, &run);
        let anew = messages(&mut Conversation::new(&run, &tool_set, form), &run);
        assert_eq!(
            kept, anew,
            "whoever takes the run over in round {number} tells the same"
        );
        told.push(kept);
        look(&mut run, number, bytes);
    }
    told
}

/// What an expert is asked, in one message, once the run has found what it has.
fn asked_of_expert(run: &Run, context_tokens: u32, max_tokens: u32) -> String {
    let call = CallSpec {
        tool: ToolName::new("answer"),
        arguments: Map::new(),
        model: Some(ModelId::new("qwen")),
        role: Role::Answer,
        repeatable: true,
        origin: Origin::Model,
        sources: None,
        composition: None,
    };
    let aliases = ModelAliases {
        models: Vec::new(),
        system: "You answer.".to_owned(),
        default_to_question: None,
        focus: None,
    };
    let request = expert(run, &call, &aliases, context_tokens, max_tokens);
    let question: Value = serde_json::from_str(request.messages[1].json()).unwrap();
    question["content"].as_str().unwrap().to_owned()
}

#[test]
fn each_request_begins_with_the_whole_of_the_one_before() {
    for pair in told(32_768, 12, 1000).windows(2) {
        assert!(pair[1].starts_with(&pair[0]));
        assert_eq!(pair[1].len(), pair[0].len() + 2);
    }
}

#[test]
fn a_full_context_loses_the_oldest_first_and_rarely() {
    let told = told(8192, 40, 2000);
    let limit = 8192 * super::form::BYTES_PER_TOKEN;
    let mut changed = 0;
    for (number, pair) in (2..).zip(told.windows(2)) {
        let bytes: usize = pair[1].iter().map(String::len).sum();
        assert!(bytes < limit, "{bytes} bytes in round {number}");
        assert!(pair[1][1].contains(QUESTION));
        let newest = pair[1].last().unwrap();
        assert!(newest.contains(&format!("r{} ", number - 1)) && newest.len() > 2000);
        changed += u32::from(!pair[1].starts_with(&pair[0]));
    }
    assert!(
        (1..=12).contains(&changed),
        "the beginning changed {changed} times"
    );
    let last = told.last().unwrap();
    assert!(!last.iter().any(|message| message.contains("r1 ")));
    assert!(last.iter().any(|message| message.contains("left out")));
}

#[test]
fn what_failed_and_what_was_asked_again_goes_before_what_is_older_and_of_use() {
    let catalog = catalog(16_384);
    let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
    for calls in ASKED {
        let form = Form {
            context_tokens: 16_384,
            calls,
            thinks_first: false,
        };
        let mut run = run_at_its_start();
        let mut conversation = Conversation::new(&run, &tool_set, form);
        look(&mut run, 1, 8000);
        let failed = Outcome::Failed {
            code: "timeout".to_owned(),
            message: format!("r2 {}", "x".repeat(8000)),
            retryable: true,
        };
        look_at(&mut run, 2, Map::new(), failed);
        for number in [3, 4] {
            let text = format!("r{number} {}", "x".repeat(8000));
            let brought = Map::from_iter([("text".to_owned(), Value::from(text))]);
            look_at(
                &mut run,
                number,
                Map::new(),
                Outcome::Object(brought.into()),
            );
        }
        look(&mut run, 5, 4000);
        run.apply(&Event::RoundStart {
            round: 6,
            reserved: None,
        });
        let told = messages(&mut conversation, &run);
        let told_of = |number: u32| {
            let found = told.iter().find(|it| it.contains(&format!("r{number} x")));
            found.map_or(0, String::len)
        };
        let lengths = [1, 2, 3, 4, 5].map(told_of);
        let [first, failed, again, last, newest] = lengths;
        assert!(first > 8000 && last > 8000 && newest > 4000, "{lengths:?}");
        assert!(failed < 1000 && again < 1000, "{lengths:?}");
    }
}

#[test]
fn one_result_that_is_larger_than_the_context_is_shortened() {
    let told = told(4096, 2, 60_000);
    let bytes: usize = told[1].iter().map(String::len).sum();
    assert!(bytes < 4096 * super::form::BYTES_PER_TOKEN, "{bytes} bytes");
    assert!(told[1].last().unwrap().contains("left out"));
}

#[test]
fn tools_in_text_take_turns_of_user_and_assistant() {
    let catalog = catalog(8192);
    let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
    let form = Form {
        context_tokens: 8192,
        calls: AskedBy::Text,
        thinks_first: false,
    };
    let mut run = run_at_its_start();
    let mut conversation = Conversation::new(&run, &tool_set, form);
    for number in 1..=3 {
        look(&mut run, number, 100);
    }
    run.apply(&Event::RoundStart {
        round: 4,
        reserved: None,
    });
    let told = messages(&mut conversation, &run);
    let roles: Vec<_> = told
        .iter()
        .map(|message| {
            let message: Value = serde_json::from_str(message).unwrap();
            message["role"].as_str().unwrap().to_owned()
        })
        .collect();
    let turns = ["assistant", "user"].repeat(3);
    assert_eq!(roles, [vec!["system", "user"], turns].concat());
    assert!(told[0].contains("<tools>") && told[0].contains("look"));
    assert!(told[2].contains("<tool_call>") && told[3].contains("<tool_response>"));
}

#[test]
fn an_expert_is_told_as_much_of_the_results_as_its_context_holds_beside_its_reply() {
    let mut run = run_at_its_start();
    for number in 1..=8 {
        look(&mut run, number, 4000);
    }
    let told = asked_of_expert(&run, 16_384, 8192);
    let room = 8192 * super::form::BYTES_PER_TOKEN;
    assert!(
        told.len() < room && told.len() > room - 1000,
        "{}",
        told.len()
    );
    assert!(told.contains("r8 ") && told.contains("r4 ") && !told.contains("r1 "));
}

#[test]
fn a_result_has_the_room_that_its_frame_leaves() {
    let mut run = run_at_its_start();
    look(&mut run, 1, 10_000);
    let frame = "<result call=\"r1.1\" tool=\"look\" ok=\"true\">\n\n</result>".len();
    let json = r#"{"text":"r1 "}"#.len();
    let told = super::expert::findings(&run, frame + 400);
    let (_, body) = told.split_once("\">\n").unwrap();
    let of_the_name = 1;
    assert_eq!(body.matches('x').count(), of_the_name + 400 - json);
}

#[test]
fn what_a_request_takes_is_all_that_is_sent_and_its_reply() {
    let request = ChatRequest {
        messages: vec![json!({"role": "user", "content": "x".repeat(274)}).into()],
        tools: vec![json!({"a": "y".repeat(92)})],
        calls: model::CallForm::Native,
        aliases: Vec::new(),
        temperature: None,
        max_tokens: Some(50),
        ..ChatRequest::default()
    };
    assert_eq!(request.messages[0].len() + 100, 402);
    assert_eq!(super::form::tokens(&request), 134 + 50);
}
