//! Thinking, told apart by the server or left in the text.

use serde_json::json;
use tests::llama::{Llama, Trained, hermes};
use tests::stack::Setup;

use crate::{asked, shown};

#[tokio::test]
#[ignore = "needs xllamacpp and gguf from PyPI: cargo test --workspace --test llama -- --ignored"]
async fn thinking_is_told_as_thinking_and_never_as_answer() {
    let code = json!({"code": "print(6 * 7)"});
    let call = hermes("code_interpreter", code.clone());
    let first = format!("<think>\nI should count.\n</think>\n\n{call}");
    let second = "<think>\nSo it is 42.\n</think>\n\nIt is 42.";
    let expert = hermes("answer", json!({"model": "answer-2"}));
    for trained in [Trained::Thinking, Trained::ToolCalls, Trained::Text] {
        let server = Llama::trained_for(trained)
            .says("direct", [&*first, second])
            .says("expert", [&*expert])
            .expert(
                "expert",
                0,
                "<think>\nAn expert thinks.\n</think>\n\nForty-two.",
            )
            .start()
            .await;
        let stack = Setup::with_models_at(&server.address).calls(trained.calls());
        let stack = stack.start().await;
        let told = stack.client.question("[direct] How many?").await;
        assert_eq!(
            asked(&told),
            [("code_interpreter".to_owned(), code.clone())]
        );
        let thoughts = told.of("orchestrator_thinking");
        let thoughts: Vec<_> = thoughts
            .iter()
            .map(|it| it["content"].as_str().unwrap().trim())
            .collect();
        assert_eq!(thoughts, ["I should count.", "So it is 42."], "{trained:?}");
        assert_eq!(shown(&told, "r1.orchestrator"), "", "{trained:?}");
        assert_eq!(told.answer(), "It is 42.", "{trained:?}");
        let told = stack.client.question("[expert] How many?").await;
        assert_eq!(told.answer(), "Forty-two.", "{trained:?}");
    }
}
