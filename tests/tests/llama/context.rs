//! More text than the server has room for.

use tests::llama::{Llama, Trained};
use tests::stack::Setup;

/// Room for the first round, but not for a long result. The catalogue promises more, so that no estimate shortens anything.
const CONTEXT_TOKENS: u32 = 8192;

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
    let told = stack.client.question("[long] How many?").await;
    assert_eq!(told.answer(), "It is seven.");
}
