//! More text than the server has room for.

use serde_json::json;
use tests::llama::{Llama, Trained, hermes};
use tests::stack::Setup;

use crate::shown;

/// Room for the first round, but not for a long result. The catalogue promises more, so that no estimate shortens anything.
const CONTEXT_TOKENS: u32 = 8192;
/// A result that is too much beside the rest.
const LONG_OUTPUT: &str = "print('seven ' * 1500)";

#[tokio::test]
#[ignore = "needs xllamacpp and gguf from PyPI: cargo test --workspace --test llama -- --ignored"]
async fn a_question_that_is_too_long_for_the_server_ends_the_run_and_says_so() {
    let server = Llama::trained_for(Trained::ToolCalls)
        .context(CONTEXT_TOKENS)
        .says("long", ["It is seven."])
        .start()
        .await;
    let stack = Setup::with_models_at(&server.address).start().await;
    let question = format!("[long] How many? {}", "seven ".repeat(4000));
    let told = stack.client.question(&question).await;
    assert_eq!(told.status(), "failed");
    let error = &told.of("error")[0]["error"];
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("context"), "{error}");
    let remedy = error["remedy"].as_str().unwrap();
    assert!(remedy.contains("a context of 8192 tokens"), "{remedy}");
    let told = stack.client.question("[long] How many?").await;
    assert_eq!(told.answer(), "It is seven.");
}

#[tokio::test]
#[ignore = "needs xllamacpp and gguf from PyPI: cargo test --workspace --test llama -- --ignored"]
async fn a_result_that_is_too_long_for_the_server_is_shortened_and_the_run_goes_on() {
    let call = hermes("code_interpreter", json!({"code": LONG_OUTPUT}));
    let server = Llama::trained_for(Trained::ToolCalls)
        .context(CONTEXT_TOKENS)
        .says("result", [&*call, "It is seven."])
        .start()
        .await;
    let stack = Setup::with_models_at(&server.address).start().await;
    let told = stack.client.question("[result] How many?").await;
    assert_eq!(told.status(), "completed", "{:#?}", told.of("error"));
    assert_eq!(told.answer(), "It is seven.");
    assert_eq!(shown(&told, "r2.orchestrator"), "It is seven.", "told once");
}

#[tokio::test]
#[ignore = "needs xllamacpp and gguf from PyPI: cargo test --workspace --test llama -- --ignored"]
async fn results_that_are_too_long_for_an_experts_server_are_shortened_and_it_answers() {
    let call = hermes("code_interpreter", json!({"code": LONG_OUTPUT}));
    let answer = hermes("answer", json!({"model": "answer-2"}));
    let orchestrator = Llama::trained_for(Trained::ToolCalls)
        .says("result", [&*call, &*answer, "Nobody answers."])
        .start()
        .await;
    let expert = Llama::trained_for(Trained::Text)
        .context(CONTEXT_TOKENS)
        .expert("result", 1, "It is seven.")
        .start()
        .await;
    let stack = Setup::with_models_at(&orchestrator.address);
    let stack = stack.model("phi", &expert.address).start().await;
    let told = stack.client.question("[result] How many?").await;
    assert_eq!(
        told.answer(),
        "It is seven.",
        "{:#?}",
        told.of("tool_result")
    );
}
