//! Whole prompts of every form, as files beside this one: whoever changes a text under `prompts/` sees there what models will be told.
//!
//! `PROMPTS=write cargo test -p drive snapshots` writes them anew.

use std::path::PathBuf;

use model::ChatRequest;
use run::{Mode, Prior, Priority, Source, Stage};

use super::super::toolorchestra;
use super::discussion::Scene;
use super::*;

const VARIABLE: &str = "PROMPTS";
const CONTEXT_TOKENS: u32 = 32_768;

/// Compares a prompt with the file of its name, or writes that.
fn assert_kept(name: &str, told: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/prompt/tests/snapshots");
    let path = folder.join(format!("{name}.txt"));
    match std::env::var(VARIABLE).as_deref() {
        Ok("write") => {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, told).unwrap();
        }
        Ok(other) => panic!("{VARIABLE} is `write` or not set, not `{other}`"),
        Err(_) => {
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(
                told, kept,
                "{name}: the prompt has changed; where that is meant, {VARIABLE}=write takes it over"
            );
        }
    }
}

/// A request as people read it: each message under its role, the fields that are not text as JSON.
fn shown(request: &ChatRequest) -> String {
    let mut shown = Vec::new();
    for message in &request.messages {
        let mut message: Value = serde_json::from_str(message.json()).unwrap();
        let fields = message.as_object_mut().unwrap();
        let role = fields.remove("role").unwrap();
        shown.push(format!("=== {}", role.as_str().unwrap()));
        if let Some(content) = fields.remove("content") {
            shown.push(content.as_str().unwrap().to_owned());
        }
        if !fields.is_empty() {
            shown.push(format!("--- {message}"));
        }
    }
    let tools = request.tools.iter();
    shown.extend(tools.map(|tool| format!("=== tool\n{tool}")));
    let settings = json!({
        "aliases": request.aliases, "temperature": request.temperature, "max_tokens": request.max_tokens,
    });
    shown.push(format!("=== settings\n{settings}\n"));
    shown.join("\n")
}

/// A run that follows another one, of a person with wishes.
fn wishful(priority: Priority, mode: Mode) -> Run {
    let mut start = Start::clone(&run_at_its_start().start);
    start.prior = Some(Box::new(Prior {
        query: "How many were there?".to_owned(),
        answer: Some("There were seven.".to_owned()),
        sources: vec![Source {
            title: "Seven".to_owned(),
            url: "https://example.org/seven".to_owned(),
        }],
        earlier: Vec::new(),
    }));
    start.request.preferences.priority = priority;
    start.request.preferences.mode = mode;
    start.request.preferences.instructions = Some("Answer in German.".to_owned());
    Run::begin(start)
}

/// A run that has looked, run a program, been told something and failed.
fn experienced(mut run: Run) -> Run {
    look(&mut run, 1, 20);
    let code = Map::from_iter([("code".to_owned(), Value::from("print(7)"))]);
    let printed = json!({"success": true, "stdout": "7\n"});
    let Value::Object(printed) = printed else {
        unreachable!()
    };
    look_at(&mut run, 2, code, Outcome::Object(printed.into()));
    said(&mut run, 3, "I think that it is seven.");
    let failed = Outcome::Failed {
        code: "timeout".to_owned(),
        message: "It took too long.".to_owned(),
        retryable: true,
    };
    look_at(&mut run, 4, Map::new(), failed);
    run
}

/// The run in its next round, which is the last one where this is so.
fn in_round(mut run: Run, is_last: bool) -> Run {
    let round = u32::try_from(run.rounds.len()).unwrap() + 1;
    if is_last {
        let mut start = Start::clone(&run.start);
        start.request.max_rounds = round;
        run.start = start.into();
    }
    run.apply(&Event::RoundStart {
        round,
        reserved: None,
    });
    run
}

const fn form(calls: AskedBy) -> Form {
    Form {
        context_tokens: CONTEXT_TOKENS,
        calls,
        thinks_first: false,
    }
}

/// A catalogue whose only tool does not end the run.
fn catalog_without_answer() -> Catalog {
    let mut without = catalog(CONTEXT_TOKENS);
    without.tools.truncate(1);
    without
}

#[test]
fn the_growing_conversation() {
    let plain = || experienced(run_at_its_start());
    let all = catalog(CONTEXT_TOKENS);
    let none = catalog_without_answer();
    let wishes = |priority, mode| in_round(wishful(priority, mode), true);
    let cases = [
        (
            "chat",
            &all,
            in_round(plain(), false),
            form(AskedBy::Native),
        ),
        (
            "chat_last_round",
            &all,
            in_round(plain(), true),
            form(AskedBy::Native),
        ),
        (
            "chat_by_schema",
            &all,
            in_round(plain(), true),
            form(AskedBy::Schema),
        ),
        (
            "chat_in_text",
            &all,
            in_round(plain(), true),
            form(AskedBy::Text),
        ),
        (
            "chat_wishes_quality",
            &all,
            wishes(Priority::Quality, Mode::Auto),
            form(AskedBy::Native),
        ),
        (
            "chat_wishes_cost",
            &none,
            wishes(Priority::Cost, Mode::Auto),
            form(AskedBy::Native),
        ),
        (
            "chat_wishes_latency_discussion",
            &all,
            wishes(Priority::Latency, Mode::Discussion),
            form(AskedBy::Native),
        ),
    ];
    for (name, catalog, run, form) in cases {
        let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
        let request = Conversation::new(&run, &tool_set, form).request(&run);
        assert_kept(name, &shown(&request));
    }
}

#[test]
fn the_papers_two_messages() {
    let plain = || experienced(run_at_its_start());
    let all = catalog(CONTEXT_TOKENS);
    let none = catalog_without_answer();
    let cases = [
        (
            "toolorchestra_first_round",
            &all,
            in_round(run_at_its_start(), false),
            form(AskedBy::Native),
        ),
        (
            "toolorchestra",
            &all,
            in_round(plain(), false),
            form(AskedBy::Native),
        ),
        (
            "toolorchestra_last_round",
            &all,
            in_round(plain(), true),
            form(AskedBy::Native),
        ),
        (
            "toolorchestra_by_schema",
            &all,
            in_round(plain(), false),
            form(AskedBy::Schema),
        ),
        (
            "toolorchestra_in_text",
            &none,
            in_round(wishful(Priority::Balanced, Mode::Auto), true),
            form(AskedBy::Text),
        ),
    ];
    for (name, catalog, run, form) in cases {
        let tool_set = catalog.tool_set(&Preferences::default(), |_| true);
        let request = toolorchestra(&run, &tool_set, form);
        assert_kept(name, &shown(&request));
    }
}

#[test]
fn a_model_that_is_a_tool() {
    let run = experienced(wishful(Priority::Balanced, Mode::Auto));
    let aliases = ModelAliases {
        models: Vec::new(),
        system: "You reason.".to_owned(),
        default_to_question: Some("problem".to_owned()),
        focus: Some("focus".to_owned()),
    };
    let arguments = json!({"problem": "Are there seven?", "focus": "the number"});
    let Value::Object(arguments) = arguments else {
        unreachable!()
    };
    let call = CallSpec {
        tool: ToolName::new("enhance_reasoning"),
        arguments,
        model: Some(ModelId::new("qwen")),
        role: Role::Work,
        repeatable: true,
        origin: Origin::Model,
        sources: None,
        composition: None,
    };
    let request = expert(&run, &call, &aliases, CONTEXT_TOKENS, 512);
    assert_kept("expert", &shown(&request));
}

#[test]
fn the_stages_of_a_discussion() {
    let run = experienced(wishful(Priority::Balanced, Mode::Auto));
    let mut scene = Scene::of(run, json!({}));
    let told = |scene: &mut Scene, stage| {
        let (system, user) = scene.told(stage, "qwen", CONTEXT_TOKENS);
        format!("=== system\n{system}\n=== user\n{user}\n")
    };
    assert_kept("discussion_opinion", &told(&mut scene, Stage::Opinion));
    scene.part(Stage::Opinion, "qwen", Ok("Seven."));
    scene.part(Stage::Opinion, "phi", Ok("Eight."));
    scene.part(Stage::Opinion, "llama", Err("timeout"));
    assert_kept("discussion_reply", &told(&mut scene, Stage::Reply));
    scene.part(Stage::Reply, "qwen", Ok("Still seven."));
    scene.part(Stage::Reply, "phi", Err("timeout"));
    assert_kept("discussion_synthesis", &told(&mut scene, Stage::Synthesis));
}
