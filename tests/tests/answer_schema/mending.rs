//! What becomes of a run whose answer has to be mended.

use serde_json::{Value, json};
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, finish, says, sse, text, usage};
use tests::stack::Setup;

const SCHEMA: &str =
    r#"{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}"#;

fn body() -> Value {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    json!({"query": "How many?", "answer_schema": schema})
}

/// What the orchestrator writes itself is no answer: it was not asked for by the schema.
#[tokio::test]
async fn text_of_the_orchestrator_is_a_thought_and_the_strongest_model_answers() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([says("Seven.")]);
    models.experts([says(r#"{"n": 7}"#)]);
    let told = stack.client.ask(&body()).await;
    assert_eq!(told.status(), "completed");
    assert_eq!(told.of("final_answer")[0]["json"], json!({"n": 7}));
    assert_eq!(told.of("orchestrator_thinking")[0]["content"], "Seven.");
    let system = &models.asked_of_orchestrator()[0]["messages"][0]["content"];
    assert!(
        system.as_str().unwrap().contains("Do not answer in text"),
        "{system}"
    );
    models.assert_spent();
}

/// A reply that the limit of tokens cut says so, or the same would come again.
#[tokio::test]
async fn an_answer_that_was_cut_is_asked_for_shorter() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([
        sse([
            text(r#"{"n": 7, "why": "because of"#),
            finish("length"),
            usage(10, 5),
        ]),
        says(r#"{"n": 7}"#),
    ]);
    let told = stack.client.ask(&body()).await;
    assert_eq!(told.status(), "completed");
    let reason = told.of("retry")[0]["reason"].clone();
    assert!(
        reason.as_str().unwrap().contains("cut at the limit"),
        "{reason}"
    );
    models.assert_spent();
}

/// Both attempts are paid for.
#[tokio::test]
async fn the_first_answer_is_counted_too() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([says("Seven."), says(r#"{"n": 7}"#)]);
    let told = stack.client.ask(&body()).await;
    assert_eq!(told.summary()["usage"]["output_tokens"], 15);
    assert_eq!(told.of("retry")[0]["usage"]["output_tokens"], 5);
}

/// Of several answers of a round one is enough.
#[tokio::test]
async fn an_answer_that_fits_ends_the_run_beside_one_that_does_not() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([calls([answer("answer-1"), answer("answer-2")])]);
    models.experts([says("Seven."), says("Seven!"), says(r#"{"n": 7}"#)]);
    let told = stack.client.ask(&body()).await;
    assert_eq!(told.status(), "completed");
    assert_eq!(told.of("final_answer")[0]["json"], json!({"n": 7}));
    models.assert_spent();
}

/// The best text there was is told, and as JSON only where it is.
#[tokio::test]
async fn a_run_whose_money_is_used_up_tells_its_text_and_no_json() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let reasoner = call("enhance_reasoning", json!({"model": "reasoner-2"}));
    models.orchestrator([sse([reasoner, finish("tool_calls"), usage(17_000, 100)])]);
    models.experts([says("As far as I know, seven.")]);
    let mut body = body();
    body["preferences"] = json!({"max_cost_usd": 0.004});
    let told = stack.client.ask(&body).await;
    assert_eq!(told.status(), "over_budget");
    let answer = &told.of("final_answer")[0];
    assert_eq!(answer["content"], "As far as I know, seven.");
    assert_eq!(answer.get("json"), None);
}

/// The snapshot tells what was asked for.
#[tokio::test]
async fn a_run_tells_the_schema_that_it_was_asked_by() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([says(r#"{"n": 7}"#)]);
    let told = stack.client.ask(&body()).await;
    let run = stack
        .client
        .json(&format!("/api/runs/{}", told.run_id))
        .await;
    assert_eq!(run["request"]["answer_schema"], body()["answer_schema"]);
    assert_eq!(run["answer"], r#"{"n": 7}"#);
}
