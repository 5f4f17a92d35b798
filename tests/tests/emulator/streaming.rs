//! Frames reach the client through the function URL one by one: proved with gates, without a clock.

use serde_json::json;
use tests::emulator::Setup;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{answer, calls, finish, gate, sse, text, usage};
use tests::stream::Frame;

/// A live piece of text.
fn is_live(call_id: &str, content: &str) -> impl Fn(&Frame) -> bool {
    let expected = json!({"event": "delta", "call_id": call_id, "attempt": 1, "offset": 0, "content": content});
    move |frame| !frame.is_stored() && frame.data == expected
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn text_is_seen_through_the_function_url_before_the_model_has_written_its_end() {
    let models = ModelServer::start().await;
    let stage = Setup::with_models(&models).start().await;
    let _orchestrator = stage.run("orchestrator");
    let held = Gate::shut();
    let end = [text("seven."), finish("stop"), usage(10, 5)];
    let rest = [text("It is "), gate(&held)].into_iter().chain(end);
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([sse(rest)]);
    let mut events = stage.client.start(&json!({"query": "How many?"})).await;
    let seen = events.until(is_live("r1.1", "It is ")).await;
    held.open();
    let told = events.told_after(seen).await;
    assert_eq!(told.answer(), "It is seven.");
    models.assert_spent();
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn a_follower_in_another_process_is_told_the_same() {
    let models = ModelServer::start().await;
    let stage = Setup::with_models(&models).start().await;
    let _orchestrators = [stage.run("orchestrator"), stage.run("orchestrator")];
    let held = Gate::shut();
    let end = [gate(&held), text("Seven."), finish("stop"), usage(10, 5)];
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([sse(end)]);
    let mut events = stage.client.start(&json!({"query": "How many?"})).await;
    let is_call = |frame: &Frame| frame.event() == "tool_call";
    let seen = events.until(is_call).await;
    let mut follower = stage.client.events(&events.run_id, 0).await;
    assert_eq!(follower.until(is_call).await, seen);
    held.open();
    let told = events.told_after(seen.clone()).await;
    assert_eq!(follower.told_after(seen).await.frames, told.stored());
    let path = format!(
        "/api/runs/{}/events?after={}",
        told.run_id,
        told.stored().len()
    );
    assert_eq!(stage.client.get(&path).await.status(), 204);
    let snapshot = stage
        .client
        .json(&format!("/api/runs/{}", told.run_id))
        .await;
    assert_eq!(snapshot["summary"], *told.summary());
    models.assert_spent();
}
