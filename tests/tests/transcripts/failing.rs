//! Runs in which something fails, is refused or is stopped.

use reqwest::Method;
use serde_json::json;
use tests::client::send;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{
    Part, Script, Step, answer, call, call_text, calls, finish, gate, json_body, says, sse, text,
    unfinished, usage,
};
use tests::stack::Setup;

use crate::{is_live, recorded};

#[tokio::test]
async fn rejected_calls() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let unfit = [
        call("search", json!({"query": "seven", "num_results": 9})),
        call_text("search", "{\"query\": "),
    ];
    let unknown = (1..=15).map(|n| call("telepathy", json!({"to": n})));
    models.orchestrator([
        calls(unfit.into_iter().chain(unknown)),
        says("I cannot tell."),
    ]);
    let told = stack.client.question("How many?").await;
    recorded("rejected", &[told.frames], &[]);
}

#[tokio::test]
async fn failed_tools() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([
        calls([call("search", json!({"query": "seven"}))]),
        calls([answer("answer-2")]),
        calls([answer("answer-2")]),
    ]);
    let refused =
        json!({"error": {"message": "The account has no credit.", "code": "insufficient_quota"}});
    models.experts([json_body(402, &refused), says("Seven.")]);
    // Nobody else may be asked in its place.
    let body = json!({"query": "How many?", "preferences": {"models": ["phi"]}});
    let told = stack.client.ask(&body).await;
    recorded("failed_tool", &[told.frames], &[]);
}

/// A reply whose first words are shown and then turn out to have been a thought: another attempt takes their place.
fn takes_back(begun: &str, shown: &Gate, rest: impl IntoIterator<Item = Part>) -> Script {
    let thought = [text(begun), gate(shown), text(" think.\n</think>\n\n")];
    sse(thought.into_iter().chain(rest))
}

#[tokio::test]
async fn attempts_that_are_taken_back() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let [deciding, answering] = [Gate::shut(), Gate::shut()];
    let decision = [answer("answer-2"), finish("tool_calls"), usage(60, 12)];
    models.orchestrator([takes_back("To look, I", &deciding, decision)]);
    let written = [text("Seven."), finish("stop"), usage(70, 9)];
    models.experts([takes_back("Six, I", &answering, written)]);
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let mut seen = events.until(is_live("r1.orchestrator", "To look, I")).await;
    deciding.open();
    seen.extend(events.until(is_live("r1.1", "Six, I")).await);
    answering.open();
    recorded(
        "retry",
        &[events.told_after(seen).await.frames],
        &["To look, I", "Six, I"],
    );
    models.assert_spent();
}

/// What the first decision takes leaves too little for the next one.
#[tokio::test]
async fn over_budget() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let reasoner = call("enhance_reasoning", json!({"model": "reasoner-2"}));
    models.orchestrator([sse([reasoner, finish("tool_calls"), usage(17_000, 100)])]);
    models.experts([says("It is seven, as four and three are.")]);
    let body = json!({"query": "How many?", "preferences": {"max_cost_usd": 0.004}});
    let told = stack.client.ask(&body).await;
    recorded("over_budget", &[told.frames], &[]);
    models.assert_spent();
}

#[tokio::test]
async fn a_reply_that_breaks_off() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let shown = Gate::shut();
    models.orchestrator([calls([answer("answer-2")])]);
    let breaks_off = [
        text("Six, or"),
        usage(60, 2),
        gate(&shown),
        Part::Step(Step::Break),
    ];
    models.experts([unfinished(breaks_off), says("Seven.")]);
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let seen = events.until(is_live("r1.1", "Six, or")).await;
    shown.open();
    recorded(
        "broken_off",
        &[events.told_after(seen).await.frames],
        &["Six, or"],
    );
    models.assert_spent();
}

/// One call is under way, and one waits for it and is never begun.
#[tokio::test]
async fn cancelled() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let never = Gate::shut();
    let part = json!({"model": "reasoner-2", "problem": "Part one"});
    models.orchestrator([calls([answer("answer-1"), call("enhance_reasoning", part)])]);
    models.experts([sse([text("One gives"), gate(&never), text(" three.")])]);
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let seen = events.until(is_live("r1.2", "One gives")).await;
    let path = format!("/api/runs/{}/cancel", events.run_id);
    let response = send(stack.client.request(Method::POST, &path)).await;
    assert_eq!(response.status(), 202);
    recorded(
        "cancelled",
        &[events.told_after(seen).await.frames],
        &["One gives"],
    );
}

/// A text that was being written as the answer when the run was stopped.
#[tokio::test]
async fn cancelled_in_the_middle_of_an_answer() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let never = Gate::shut();
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([sse([text("Seven, or"), gate(&never), text(" eight.")])]);
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let seen = events.until(is_live("r1.1", "Seven, or")).await;
    let path = format!("/api/runs/{}/cancel", events.run_id);
    let response = send(stack.client.request(Method::POST, &path)).await;
    assert_eq!(response.status(), 202);
    recorded(
        "cancelled_answer",
        &[events.told_after(seen).await.frames],
        &["Seven, or"],
    );
}

#[tokio::test]
async fn out_of_rounds() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([calls([call("search", json!({"query": "seven"}))])]);
    models.experts([(); 3].map(|()| sse([finish("stop"), usage(50, 0)])));
    let body = json!({"query": "How many?", "max_rounds": 1, "preferences": {"models": ["qwen"]}});
    recorded(
        "out_of_rounds",
        &[stack.client.ask(&body).await.frames],
        &[],
    );
    models.assert_spent();
}

#[tokio::test]
async fn a_fatal_error() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let refused =
        json!({"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}});
    models.orchestrator([json_body(401, &refused)]);
    let told = stack.client.question("How many?").await;
    recorded("fatal", &[told.frames], &[]);
}
