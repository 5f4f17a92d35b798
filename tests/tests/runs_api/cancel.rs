//! Cancel takes effect in the middle of whatever the run is doing, keeps what there is, and nothing else cancels.

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::{Client, send};
use tests::gate::Gate;
use tests::laws;
use tests::model_server::ModelServer;
use tests::program::EndlessProgram;
use tests::script::{call, calls, finish, gate, says, sse, text, usage};
use tests::stack::{Setup, Stack};
use tests::stream::{Events, Frame};
use tests::wait::within;

use crate::held_model::HeldModel;

pub const BEGINNING: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"It is 🦀 \"}}]}\n\n";

/// Status code and body of a cancel.
pub async fn cancel(client: &Client, run_id: &str) -> (u16, Value) {
    let request = client.request(Method::POST, &format!("/api/runs/{run_id}/cancel"));
    let response = send(request).await;
    (response.status().as_u16(), response.json().await.unwrap())
}

fn cancelling() -> (u16, Value) {
    (202, json!({"status": "cancelling"}))
}

pub async fn stack(model: &HeldModel) -> Stack {
    ["qwen", "phi", "llama"]
        .into_iter()
        .fold(Setup::new(), |setup, id| setup.model(id, &model.address))
        .start()
        .await
}

/// Reads a cancelled run to its end.
async fn cancelled(mut seen: Vec<Frame>, events: Events) -> Vec<Frame> {
    seen.extend(events.rest().await);
    let names: Vec<_> = seen.iter().map(Frame::event).collect();
    let wish = names.iter().position(|name| *name == "cancel_requested");
    let wish = wish.unwrap_or_else(|| panic!("no wish among {names:?}"));
    assert_eq!(seen[wish].data["by"], "user");
    let last = seen.last().unwrap();
    assert_eq!(last.data["summary"]["status"], "cancelled", "{names:?}");
    assert_eq!(last.data["summary"]["final_answer"], Value::Null);
    seen
}

#[tokio::test]
async fn in_the_middle_of_an_answer_its_text_is_kept_and_the_model_is_let_go() {
    let model = HeldModel::start(Some(BEGINNING)).await;
    let stack = stack(&model).await;
    let client = &stack.client;
    let mut events = client.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    let seen = events.until(|frame| frame.event() == "delta").await;
    assert!(model.is_still_asked());
    assert_eq!(cancel(client, &run_id).await, cancelling());
    let frames = cancelled(seen, events).await;
    laws::check(&frames);
    let kept = frames
        .iter()
        .find(|it| it.is_stored() && it.event() == "delta");
    assert_eq!(kept.unwrap().data["content"], "It is 🦀 ");
    model.dropped().await;
    let shown = client.json(&format!("/api/runs/{run_id}")).await;
    assert_eq!(shown["status"], "cancelled");
    let replayed = client.events(&run_id, 0).await.rest().await;
    let stored: Vec<_> = frames.into_iter().filter(Frame::is_stored).collect();
    assert_eq!(replayed, stored);
    let over = (200, json!({"status": "cancelled"}));
    assert_eq!(cancel(client, &run_id).await, over);
}

#[tokio::test]
async fn before_the_first_byte_of_a_reply_the_model_is_let_go() {
    let model = HeldModel::start(None).await;
    let stack = stack(&model).await;
    let events = stack.client.start(&json!({"query": "How many?"})).await;
    model.asked().await;
    assert_eq!(cancel(&stack.client, &events.run_id).await, cancelling());
    let frames = cancelled(Vec::new(), events).await;
    laws::check(&frames);
    let names: Vec<_> = frames.iter().map(Frame::event).collect();
    assert_eq!(
        names,
        ["start", "round_start", "cancel_requested", "complete"]
    );
    model.dropped().await;
}

#[tokio::test]
async fn an_expert_in_the_middle_of_its_text_is_let_go_and_its_call_gets_a_result() {
    let orchestrator = ModelServer::start().await;
    let expert = HeldModel::start(Some(BEGINNING)).await;
    let stack = Setup::with_models(&orchestrator)
        .model("phi", &expert.address)
        .start()
        .await;
    let reasoner = call("enhance_reasoning", json!({"model": "reasoner-2"}));
    orchestrator.orchestrator([calls([
        reasoner,
        call("answer", json!({"model": "answer-1"})),
    ])]);
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    let seen = events.until(|frame| frame.event() == "delta").await;
    assert_eq!(cancel(&stack.client, &run_id).await, cancelling());
    let frames = cancelled(seen, events).await;
    expert.dropped().await;
    let results = ended(&frames);
    assert_eq!(
        results,
        [("r1.1", false, "cancelled"), ("r1.2", false, "not_run")]
    );
    // The text stands in the log before the result that ends its call.
    let stored: Vec<_> = frames.iter().filter(|it| it.is_stored()).collect();
    let place = |event: &str| stored.iter().position(|it| it.event() == event).unwrap();
    assert!(place("delta") < place("tool_result"));
    orchestrator.assert_spent();
}

/// Calls with how they ended.
fn ended(frames: &[Frame]) -> Vec<(&str, bool, &str)> {
    let results = frames.iter().filter(|it| it.event() == "tool_result");
    results
        .map(|it| {
            let data = &it.data;
            let code = data["result"]["error"]["code"].as_str();
            (
                data["call_id"].as_str().unwrap(),
                data["ok"].as_bool().unwrap(),
                code.unwrap_or_default(),
            )
        })
        .collect()
}

#[tokio::test]
async fn running_code_is_killed() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let program = EndlessProgram::new();
    models.orchestrator([calls([call(
        "code_interpreter",
        json!({"code": program.code(), "timeout": 30}),
    )])]);
    let events = stack.client.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    within("the program to run", program.begun()).await;
    assert_eq!(cancel(&stack.client, &run_id).await, cancelling());
    let frames = cancelled(Vec::new(), events).await;
    assert_eq!(ended(&frames), [("r1.1", false, "cancelled")]);
    within("the program to be dead", program.dead()).await;
    models.assert_spent();
}

#[tokio::test]
async fn a_finished_run_keeps_its_status_and_an_unknown_one_is_not_found() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([says("Seven.")]);
    let told = stack.client.question("How many?").await;
    for _ in 0..2 {
        let answer = cancel(&stack.client, &told.run_id).await;
        assert_eq!(answer, (200, json!({"status": "completed"})));
    }
    let replayed = stack.client.events(&told.run_id, 0).await.told().await;
    assert_eq!(replayed.frames, told.stored());
    for unknown in ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "no-id"] {
        let (status, body) = cancel(&stack.client, unknown).await;
        assert_eq!((status, &body["error"]["code"]), (404, &json!("not_found")));
    }
}

#[tokio::test]
async fn many_at_once_are_one_wish() {
    let model = HeldModel::start(None).await;
    let stack = stack(&model).await;
    let events = stack.client.start(&json!({"query": "How many?"})).await;
    model.asked().await;
    let (client, run_id) = (&stack.client, &events.run_id.clone());
    let answers = futures_util::future::join_all([(); 8].map(|()| cancel(client, run_id))).await;
    for (status, body) in answers {
        let said = (status, body["status"].as_str().unwrap());
        assert!(
            [(202, "cancelling"), (200, "cancelled")].contains(&said),
            "{said:?}"
        );
    }
    let frames = cancelled(Vec::new(), events).await;
    let wishes = frames.iter().filter(|it| it.event() == "cancel_requested");
    assert_eq!(wishes.count(), 1);
    laws::check(&frames);
}

#[tokio::test]
async fn a_client_that_goes_away_changes_nothing() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let held = Gate::shut();
    models.orchestrator([sse([
        text("It is "),
        gate(&held),
        text("seven."),
        finish("stop"),
        usage(10, 5),
    ])]);
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    events.until(|frame| frame.event() == "delta").await;
    drop(events);
    let mut follower = stack.client.events(&run_id, 0).await;
    follower.until(|frame| frame.event() == "round_start").await;
    drop(follower);
    held.reached().await;
    held.open();
    let told = stack.client.events(&run_id, 0).await.told().await;
    assert_eq!(
        (told.status(), told.answer()),
        ("completed", "It is seven.")
    );
    models.assert_spent();
}
