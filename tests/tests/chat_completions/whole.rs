//! An answer as one object.

use serde_json::{Value, json};
use tests::gate::Gate;
use tests::openapi::{OpenApi, fits};
use tests::script::{
    Part, Step, answer, call, calls, finish, gate, says, sse, text, unfinished, usage,
};

use crate::kit::{self, request, stack, whole};

#[tokio::test]
async fn an_answer_is_one_object_with_its_steps() {
    let (models, stack) = stack().await;
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([sse([text("Seven."), finish("stop"), usage(20, 7)])]);
    let (status, headers, body) = kit::answer(request(&stack.client, &whole("How many?"))).await;
    assert_eq!(status, 200);
    let run_id = headers["x-run-id"].to_str().unwrap();
    assert_eq!(headers["x-request-id"], run_id);
    fits(
        &OpenApi::new().schema("ChatCompletion"),
        &body,
        "a completion",
    );
    assert_eq!(body["id"], format!("chatcmpl-{run_id}"));
    let choice = &body["choices"][0];
    assert_eq!(choice["finish_reason"], "stop");
    assert_eq!(choice["message"]["content"], "Seven.");
    assert_eq!(choice["message"]["reasoning_content"], "answer (qwen)\n");
}

/// Proxies close what is silent for a minute: blanks stand before the object, which JSON allows.
#[tokio::test]
async fn what_takes_long_begins_with_blanks() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")])]);
    let mut response = kit::ask(&stack.client, &whole("How many?")).await;
    assert_eq!(response.status(), 200);
    let first = response.chunk().await.unwrap().unwrap();
    assert_eq!(&first[..], b"\n");
    held.open();
    let rest = response.text().await.unwrap();
    let body: Value = serde_json::from_str(&rest).unwrap();
    assert_eq!(body["choices"][0]["message"]["content"], "Seven.");
}

#[tokio::test]
async fn an_answer_that_was_begun_twice_is_told_once() {
    let (models, stack) = stack().await;
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([
        unfinished([text("The answer is not kno"), Part::Step(Step::Break)]),
        says("It is 42."),
    ]);
    let (_, _, body) = kit::answer(request(&stack.client, &whole("What is it?"))).await;
    assert_eq!(body["choices"][0]["message"]["content"], "It is 42.");
}

#[tokio::test]
async fn an_answer_for_which_the_money_did_not_last_ends_for_its_length() {
    let (models, stack) = stack().await;
    let reasoner = call("enhance_reasoning", json!({"model": "reasoner-2"}));
    models.orchestrator([sse([reasoner, finish("tool_calls"), usage(17_000, 100)])]);
    models.experts([says("As far as I know, seven.")]);
    let mut body = whole("How many?");
    body["max_cost_usd"] = 0.004.into();
    body["max_tokens"] = 512.into();
    let (status, _, body) = kit::answer(request(&stack.client, &body)).await;
    let choice = &body["choices"][0];
    assert_eq!(status, 200, "{body}");
    assert_eq!(choice["message"]["content"], "As far as I know, seven.");
    assert_eq!(choice["finish_reason"], "length");
}
