//! Catalogues other than the shipped one: what a tool is to the run is what the catalogue declares of it, whatever it is called.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use tests::model_server::ModelServer;
use tests::script::{Script, call, calls, says};
use tests::stack::{Counted, Setup};
use tests::story::Told;

const QUERY: &str = "How many?";

fn shipped() -> Value {
    serde_json::from_str(include_str!("../../tools_config.json")).unwrap()
}

/// The shipped catalogue with fields set, by their pointers; null takes one out.
fn catalogue(changes: &[(&str, Value)]) -> Value {
    let mut catalogue = shipped();
    for (pointer, value) in changes {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let parent = catalogue.pointer_mut(parent).unwrap();
        let parent = parent.as_object_mut().unwrap();
        if value.is_null() {
            parent.remove(field).unwrap();
        } else {
            parent.insert(field.to_owned(), value.clone());
        }
    }
    catalogue
}

/// A service with this catalogue; its search finds one page, under `pages` and under `results`, and its programs print.
async fn service(catalogue: &Value, models: &ModelServer) -> Counted {
    let pages = json!([{"title": "Seven", "url": "https://example.org/seven"}]);
    let found = move |_: tool::Request| {
        let result = json!({"pages": pages, "results": [{"title": "Eight", "url": "https://example.org/eight"}]});
        tool::Response::Ok {
            result: result.as_object().unwrap().clone(),
            artifacts: Vec::new(),
        }
    };
    let printed = |_: tool::Request| tool::Response::Ok {
        result: json!({"stdout": "7\n"}).as_object().unwrap().clone(),
        artifacts: Vec::new(),
    };
    Setup::with_catalog(catalogue)
        .models(models)
        .tool("search", found)
        .tool("code_interpreter", printed)
        .start_counted()
        .await
}

/// One question to a service with this catalogue.
async fn tell(
    catalogue: &Value,
    orchestrator: Vec<Script>,
    experts: Vec<Script>,
    max_rounds: u32,
) -> (Told, ModelServer) {
    let models = ModelServer::start().await;
    models.orchestrator(orchestrator);
    models.experts(experts);
    let service = service(catalogue, &models).await;
    let body = json!({"query": QUERY, "max_rounds": max_rounds});
    let told = service.client.ask(&body).await;
    models.assert_spent();
    (told, models)
}

/// What stands in the messages of the orchestrator's request of a round, from 0.
fn prompt(models: &ModelServer, round: usize) -> String {
    models.asked_of_orchestrator()[round]["messages"].to_string()
}

#[tokio::test]
async fn a_tool_of_any_name_ends_the_run_and_prompts_name_it() {
    let renamed = catalogue(&[("/tools/1/function/name", json!("reply_to_user"))]);
    let reply = calls([call("reply_to_user", json!({"model": "answer-2"}))]);
    let (told, models) = tell(&renamed, vec![reply], vec![says("It is seven.")], 5).await;
    assert_eq!(
        (told.status(), told.answer()),
        ("completed", "It is seven.")
    );
    assert_eq!(told.tools_used(), ["reply_to_user"]);
    let prompt = prompt(&models, 0);
    assert!(prompt.contains("call `reply_to_user`, which writes the final answer"));
    assert!(!prompt.contains("`answer`"), "{prompt}");
}

#[tokio::test]
async fn the_last_resort_is_the_tool_that_ends_the_run() {
    let renamed = catalogue(&[("/tools/1/function/name", json!("reply_to_user"))]);
    let search = calls([call("search", json!({"query": "seven"}))]);
    let (told, models) = tell(&renamed, vec![search], vec![says("Perhaps seven.")], 1).await;
    assert_eq!(
        (told.status(), told.answer()),
        ("completed", "Perhaps seven.")
    );
    assert_eq!(told.tools_used(), ["reply_to_user"]);
    assert!(
        prompt(&models, 0).contains("the last round: call `reply_to_user` now, or answer in text.")
    );
}

/// No tool of it ends a run, and it says so.
fn without_an_end() -> Value {
    catalogue(&[("/tools/1/ends_run", json!(false))])
}

#[tokio::test]
async fn where_no_tool_ends_the_run_text_is_the_answer() {
    let judged = calls([call("answer", json!({"model": "answer-1"}))]);
    let orchestrator = vec![judged, says("So it is seven.")];
    let (told, models) = tell(&without_an_end(), orchestrator, vec![says("Seven.")], 5).await;
    assert_eq!(
        (told.status(), told.answer()),
        ("completed", "So it is seven.")
    );
    assert_eq!(told.tools_used(), ["answer"]);
    let prompt = prompt(&models, 0);
    assert!(
        prompt.contains("write the final answer in text"),
        "{prompt}"
    );
    assert!(!prompt.contains("call `"), "{prompt}");
}

#[tokio::test]
async fn where_no_tool_ends_the_run_and_no_text_comes_it_runs_out_of_rounds() {
    let search = || calls([call("search", json!({"query": "seven"}))]);
    let orchestrator = vec![search(), search()];
    let (told, models) = tell(&without_an_end(), orchestrator, vec![], 2).await;
    assert_eq!(told.status(), "out_of_rounds");
    assert_eq!(told.summary()["final_answer"], Value::Null);
    assert!(prompt(&models, 1).contains("the last round: answer in text now."));
    let refusal = &told.of("tool_result")[1]["result"]["error"];
    assert_eq!(refusal["code"], "unknown_tool");
}

#[tokio::test]
async fn a_catalogue_of_before_works_as_it_did() {
    let before = catalogue(&[
        ("/tools/0/target/default_to_question", Value::Null),
        ("/tools/0/target/focus", Value::Null),
        ("/tools/1/target/default_to_question", Value::Null),
        ("/tools/1/ends_run", Value::Null),
        ("/tools/2/sources", Value::Null),
        ("/tools/3/program", Value::Null),
    ]);
    let round = || {
        let work = calls([
            call("search", json!({"query": "seven"})),
            call(
                "enhance_reasoning",
                json!({"model": "reasoner-1", "problem": "Why?", "reasoning_focus": "Primes"}),
            ),
        ]);
        vec![work, calls([call("answer", json!({"model": "answer-2"}))])]
    };
    let experts = || vec![says("It is odd."), says("It is seven.")];
    let (told, models) = tell(&before, round(), experts(), 5).await;
    let (told_now, models_now) = tell(&shipped(), round(), experts(), 5).await;
    assert_eq!(told.story(), told_now.story());
    let asked = |models: &ModelServer| {
        let messages = |request: &Value| request["messages"].clone();
        let orchestrator = models.asked_of_orchestrator();
        let experts = models.asked_of_experts();
        orchestrator
            .iter()
            .chain(&experts)
            .map(messages)
            .collect::<Vec<_>>()
    };
    assert_eq!(asked(&models), asked(&models_now));
    assert_eq!(told.of("final_answer")[0]["sources"][0]["title"], "Eight");
}

#[tokio::test]
async fn a_model_is_asked_what_the_declared_arguments_say() {
    let renamed = catalogue(&[
        (
            "/tools/0/function/parameters/properties",
            json!({"model": {"type": "string", "enum": ["reasoner-1"]}, "task": {"type": "string"}, "aim": {"type": "string"},
                   "problem": {"type": "string"}}),
        ),
        ("/tools/0/target/default_to_question", json!("task")),
        ("/tools/0/target/focus", json!("aim")),
    ]);
    let asked = json!({"model": "reasoner-1", "task": "Is it odd?", "aim": "Primes", "problem": "NOT SHOWN"});
    let orchestrator = vec![calls([call("enhance_reasoning", asked)]), says("Seven.")];
    let (_, models) = tell(&renamed, orchestrator, vec![says("It is.")], 5).await;
    let question = models.asked_of_experts()[0]["messages"][1]["content"].clone();
    let expected =
        format!("Problem:\nIs it odd?\n\nThe question it comes from:\n{QUERY}\n\nFocus: Primes");
    assert_eq!(question, expected);
}

#[tokio::test]
async fn a_program_is_shown_as_one_where_the_catalogue_says_which_argument_it_is() {
    let asks = || {
        let run = calls([call(
            "code_interpreter",
            json!({"code": "print(7)", "stdin": "IN"}),
        )]);
        vec![run, says("Seven.")]
    };
    for (program, shown) in [
        ("code", "```python\\nprint(7)\\n```"),
        ("stdin", "```python\\nIN\\n```"),
    ] {
        let paper = catalogue(&[
            ("/orchestrator/prompt", json!("toolorchestra")),
            ("/tools/3/program", json!(program)),
        ]);
        let (_, models) = tell(&paper, asks(), vec![], 5).await;
        assert!(prompt(&models, 1).contains(shown), "{}", prompt(&models, 1));
    }
    let undeclared = catalogue(&[
        ("/orchestrator/prompt", json!("toolorchestra")),
        ("/tools/3/program", Value::Null),
    ]);
    let (_, models) = tell(&undeclared, asks(), vec![], 5).await;
    let prompt = prompt(&models, 1);
    assert!(
        prompt.contains("Doc 1: code_interpreter") && !prompt.contains("```"),
        "{prompt}"
    );
}

#[tokio::test]
async fn sources_are_where_the_catalogue_says_they_are() {
    let titles = |told: &Told| {
        let sources = told.of("final_answer")[0]["sources"].clone();
        let sources = sources.as_array().unwrap().clone();
        let titles = sources
            .into_iter()
            .map(|source| source["title"].as_str().unwrap().to_owned());
        titles.collect::<Vec<_>>()
    };
    let cases: [(Value, &[&str]); 3] = [
        (json!("pages"), &["Seven"]),
        (json!("results"), &["Eight"]),
        (Value::Null, &[]),
    ];
    for (field, expected) in cases {
        let declared = catalogue(&[("/tools/2/sources", field.clone())]);
        let search = calls([call("search", json!({"query": "seven"}))]);
        let (told, _) = tell(&declared, vec![search, says("Seven.")], vec![], 5).await;
        assert_eq!(titles(&told), expected, "{field}");
    }
}
