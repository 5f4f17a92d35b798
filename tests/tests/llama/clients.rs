//! Several clients of one server, and one that goes away.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tests::client::send;
use tests::llama::{Llama, Trained, hermes};
use tests::stack::Setup;
use tests::stream::Frame;

use crate::shown;

/// The most that a request may ask for.
const MAX_TOKENS: u32 = 32_768;

#[tokio::test]
#[ignore = "needs xllamacpp and gguf from PyPI: cargo test --workspace --test llama -- --ignored"]
async fn clients_at_once_get_their_own_streams() {
    let tags = ["one", "two", "three", "four"];
    let call = hermes("answer", json!({"model": "answer-1"}));
    let said = |tag: &str| format!("It is {tag}. ").repeat(200);
    let mut setup = Llama::trained_for(Trained::ToolCalls);
    for tag in tags {
        setup = setup.says(tag, [&*call]).expert(tag, 0, &said(tag));
    }
    let server = setup.start().await;
    let stack = Setup::with_models_at(&server.address).start().await;
    let told = join_all(tags.map(async |tag| {
        let mut events = stack
            .client
            .start(&json!({"query": format!("[{tag}] How many?")}))
            .await;
        let seen = events.until(|frame| frame.event() == "delta").await;
        events.told_after(seen).await
    }));
    for (tag, told) in tags.into_iter().zip(told.await) {
        assert_eq!(told.answer(), said(tag));
    }
}

#[tokio::test]
#[ignore = "needs xllamacpp and gguf from PyPI: cargo test --workspace --test llama -- --ignored"]
async fn a_cancelled_run_frees_the_server_for_the_next_one() {
    let server = Llama::trained_for(Trained::ToolCalls)
        .slots(1)
        .context(2 * MAX_TOKENS)
        .says(
            "endless",
            [&*hermes("answer", json!({"model": "answer-1"}))],
        )
        .endless_expert("endless", "And so on, ")
        .says("next", ["It is seven."])
        .start()
        .await;
    let stack = Setup::with_models_at(&server.address).start().await;
    let question = json!({"query": "[endless] How many?", "max_tokens": MAX_TOKENS});
    let mut events = stack.client.start(&question).await;
    let seen = events.until(|frame: &Frame| frame.event() == "delta").await;
    let path = format!("/api/runs/{}/cancel", events.run_id);
    let cancelled = send(stack.client.request(Method::POST, &path)).await;
    assert_eq!(cancelled.status(), 202);
    let told = events.told_after(seen).await;
    assert_eq!(told.status(), "cancelled");
    assert!(shown(&told, "r1.1").starts_with("And so on, "));
    let tokens: u64 = server.idle().await.into_iter().sum();
    assert!(
        tokens < u64::from(MAX_TOKENS),
        "{tokens}: it wrote on to its end"
    );
    let told = stack.client.question("[next] How many?").await;
    assert_eq!(told.answer(), "It is seven.");
}
