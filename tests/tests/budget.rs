//! A run that may cost so much and no more: what is asked within it, what is not, and what the person gets where it does not suffice.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use reqwest::Method;
use serde_json::{Map, Value, json};
use tests::client::send;
use tests::model_server::ModelServer;
use tests::script::{
    Script, answer, call, calls, finish, json_body, says, sse, text, unfinished, usage,
};
use tests::stack::Setup;

/// Dollars that suffice for the first question to the orchestrator and for one to a small model, whatever prompts may come to.
const ONE_ROUND: f64 = 0.004;
/// A decision that takes so much of [`ONE_ROUND`] that the next one cannot be paid for: at $0.20 a million.
const DEAR: (u64, u64) = (17_000, 100);

/// The usual catalogue, in which the models that stand in for the orchestrator's cost what they cost in `prices`.
fn with_fallbacks<const N: usize>(prices: [(&str, Value); N]) -> Value {
    let mut catalog: Value = serde_json::from_str(include_str!("../../tools_config.json")).unwrap();
    for (model, price) in &prices {
        catalog["models"][*model]["usd_per_million"] = price.clone();
    }
    catalog["orchestrator"]["fallback"] = prices.map(|(model, _)| model).to_vec().into();
    catalog
}

fn wrong_key() -> Script {
    json_body(401, &json!({"error": {"message": "Invalid API key"}}))
}

fn asking(max_cost_usd: f64) -> Value {
    json!({"query": "How many?", "preferences": {"max_cost_usd": max_cost_usd}})
}

fn reasons() -> Script {
    let reasoner = call("enhance_reasoning", json!({"model": "reasoner-2"}));
    sse([reasoner, finish("tool_calls"), usage(DEAR.0, DEAR.1)])
}

#[tokio::test]
async fn within_its_cap_a_run_is_as_any_other() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([sse([
        answer("answer-2"),
        finish("tool_calls"),
        usage(10, 5),
    ])]);
    models.experts([says("Seven.")]);
    let told = stack.client.ask(&asking(0.05)).await;
    assert_eq!((told.status(), told.answer()), ("completed", "Seven."));
    assert!(told.of("retry").is_empty());
    let snapshot = stack
        .client
        .json(&format!("/api/runs/{}", told.run_id))
        .await;
    assert_eq!(snapshot["request"]["preferences"]["max_cost_usd"], 0.05);
    for asked in [models.asked_of_orchestrator(), models.asked_of_experts()].concat() {
        assert!(
            asked["max_tokens"].as_u64().is_some_and(|most| most > 0),
            "{asked}"
        );
    }
    models.assert_spent();
}

#[tokio::test]
async fn a_cap_that_does_not_suffice_for_the_first_question_is_told_and_nothing_is_asked() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let told = stack.client.ask(&asking(0.000_01)).await;
    assert_eq!(told.status(), "over_budget");
    let error = &told.of("error")[0];
    assert_eq!(
        (&error["error"]["code"], &error["fatal"]),
        (&json!("over_budget"), &json!(true))
    );
    assert!(
        error["error"]["remedy"]
            .as_str()
            .unwrap()
            .contains("max_cost_usd"),
        "{error}"
    );
    assert_eq!(told.summary()["cost_usd"], 0.0);
    assert_eq!(told.summary()["final_answer"], Value::Null);
    assert!(models.asked_of_orchestrator().is_empty());
}

#[tokio::test]
async fn a_run_whose_next_question_could_pass_its_cap_answers_from_what_it_has() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([reasons()]);
    models.experts([says("It is seven, as four and three are.")]);
    let told = stack.client.ask(&asking(ONE_ROUND)).await;
    assert_eq!(told.status(), "over_budget");
    let answer = &told.of("final_answer")[0];
    assert_eq!(
        (&answer["call_id"], &answer["model"], &answer["content"]),
        (
            &Value::Null,
            &Value::Null,
            &json!("It is seven, as four and three are.")
        )
    );
    assert_eq!(told.summary()["final_answer"], answer["content"]);
    assert!(told.summary()["cost_usd"].as_f64().unwrap() <= ONE_ROUND);
    assert_eq!(told.of("round_start").len(), 1);
    let list = stack.client.json("/api/runs").await;
    assert_eq!(list["runs"][0]["status"], "over_budget");
    let path = format!("/api/runs/{}/cancel", told.run_id);
    let cancelled = send(stack.client.request(Method::POST, &path)).await;
    assert_eq!(cancelled.status(), 200);
    models.assert_spent();
}

#[tokio::test]
async fn a_call_that_could_pass_the_cap_is_told_as_not_made() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    // What the first decision leaves suffices for none.
    models.orchestrator([sse([
        text("I would ask."),
        answer("answer-1"),
        finish("tool_calls"),
        usage(19_500, 400),
    ])]);
    let told = stack.client.ask(&asking(ONE_ROUND)).await;
    let result = &told.of("tool_result")[0];
    assert_eq!(
        (&result["called"], &result["ok"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(result["result"]["error"]["code"], "not_run");
    assert_eq!(told.status(), "over_budget");
    assert_eq!(told.of("final_answer")[0]["content"], "I would ask.");
    assert_eq!(told.summary()["tools_used"], json!([]));
    models.assert_spent();
}

/// An answer waits for the results of its round: what they may add to its question is set aside from the start.
#[tokio::test]
async fn an_answer_that_waits_for_results_has_enough_set_aside_for_them() {
    let models = ModelServer::start().await;
    let page =
        json!({"title": "Seven", "url": "https://example.org/", "snippet": "seven ".repeat(600)});
    let answers = move |_: tool::Request| tool::Response::Ok {
        result: Map::from_iter([("results".to_owned(), json!([page]))]),
        artifacts: Vec::new(),
    };
    let setup = Setup::with_models(&models).tool("search", answers);
    let stack = setup.start_counted().await;
    models.orchestrator([calls([
        call("search", json!({"query": "seven"})),
        answer("answer-1"),
    ])]);
    models.experts([says("Seven.")]);
    let told = stack.client.ask(&asking(0.5)).await;
    assert_eq!((told.status(), told.answer()), ("completed", "Seven."));
    assert_eq!(told.of("retry"), Vec::<Value>::new());
    let shown = models.asked_of_experts()[0]["messages"].to_string();
    assert!(shown.matches("seven ").count() > 500, "{shown}");
    models.assert_spent();
}

#[tokio::test]
async fn a_second_attempt_that_is_paid_for_waits_until_as_much_is_set_aside_again() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let nothing = |input| sse([finish("stop"), usage(input, 0)]);
    models.orchestrator([nothing(3_000), says("Seven.")]);
    let told = stack.client.ask(&asking(0.05)).await;
    assert_eq!((told.status(), told.answer()), ("completed", "Seven."));
    let retry = &told.of("retry")[0];
    assert_eq!(retry["usage"]["input_tokens"], 3_000);
    assert_eq!(told.summary()["usage"]["input_tokens"], 3_010);
    models.assert_spent();

    // The same where there is not enough for it.
    models.orchestrator([nothing(19_000)]);
    let told = stack.client.ask(&asking(ONE_ROUND)).await;
    assert_eq!(told.status(), "over_budget");
    assert_eq!(told.of("error")[0]["error"]["code"], "over_budget");
    assert_eq!(told.summary()["usage"]["input_tokens"], 19_000);
    models.assert_spent();
}

#[tokio::test]
async fn a_server_that_charges_beyond_what_it_was_asked_for_is_paid_and_the_run_is_over_budget() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([sse([text("Seven."), finish("stop"), usage(10, 1_000_000)])]);
    let told = stack.client.ask(&asking(0.05)).await;
    assert_eq!((told.status(), told.answer()), ("over_budget", "Seven."));
    let answer = &told.of("final_answer")[0];
    assert_eq!(
        answer["call_id"], "r1.orchestrator",
        "it is the answer, at a price"
    );
    assert!((told.summary()["cost_usd"].as_f64().unwrap() - 0.200_002).abs() < 1e-9);
}

#[tokio::test]
async fn a_cap_is_refused_where_a_model_that_the_run_may_use_has_no_price() {
    let models = ModelServer::start().await;
    let mut catalog: Value = serde_json::from_str(include_str!("../../tools_config.json")).unwrap();
    let priced = catalog["models"]["phi"].as_object_mut().unwrap();
    priced.remove("usd_per_million").unwrap();
    let stack = Setup::with_catalog(&catalog).models(&models).start().await;
    let start = |preferences: Value| {
        let body = json!({"query": "How many?", "preferences": preferences});
        send(stack.client.start_request(body.to_string()))
    };
    let refused = start(json!({"max_cost_usd": 0.05})).await;
    assert_eq!(refused.status(), 400);
    let told: Value = serde_json::from_str(&refused.text().await.unwrap()).unwrap();
    assert_eq!(told["error"]["field"], "preferences.max_cost_usd");
    assert!(
        told["error"]["message"].as_str().unwrap().contains("`phi`"),
        "{told}"
    );
    models.orchestrator([says("Seven."), says("Seven.")]);
    for preferences in [json!({"max_cost_usd": 0.05, "models": ["qwen"]}), json!({})] {
        let body = json!({"query": "How many?", "preferences": preferences});
        assert_eq!(stack.client.ask(&body).await.status(), "completed");
    }
}

#[tokio::test]
async fn the_stand_in_of_a_stack_without_models_costs_nothing() {
    let stack = Setup::new().start().await;
    let body = json!({"query": "What is 12 times 12?", "preferences": {"max_cost_usd": 0.000_001}});
    assert_eq!(stack.client.ask(&body).await.status(), "completed");
}

#[tokio::test]
async fn a_reply_that_breaks_off_is_charged_by_estimate() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let reasoner = call("enhance_reasoning", json!({"model": "reasoner-2"}));
    models.orchestrator([
        sse([reasoner, finish("tool_calls"), usage(10, 5)]),
        says("I cannot tell."),
    ]);
    models.experts([unfinished([text("It is")]), says("It is seven.")]);
    let told = stack.client.ask(&asking(0.05)).await;
    assert_eq!(told.status(), "completed");
    assert_eq!(told.of("tool_result")[0]["usage"]["estimated"], true);
    assert_eq!(told.summary()["usage"]["estimated"], true);
    models.assert_spent();
}

#[tokio::test]
async fn a_dearer_model_that_stands_in_is_asked_once_its_price_is_set_aside() {
    let models = ModelServer::start().await;
    let dear = json!({"input": 20.0, "output": 20.0});
    let catalog = with_fallbacks([("llama", dear)]);
    let stack = Setup::with_catalog(&catalog).models(&models).start().await;
    models.orchestrator([wrong_key(), says("Seven.")]);
    let told = stack.client.ask(&asking(1.0)).await;
    assert_eq!((told.status(), told.answer()), ("completed", "Seven."));
    let retries = told.of("retry");
    let reasons: Vec<_> = retries.iter().map(|it| it["reason"].as_str()).collect();
    assert_eq!(
        reasons,
        [
            Some("Qwen 2.5-7B answered 401: Invalid API key"),
            Some("it is asked again, and more of the run's money is set aside for that"),
        ]
    );
    for retry in retries {
        assert_eq!(retry["model"], "llama");
    }
    models.assert_spent();
}

#[tokio::test]
async fn a_model_that_stands_in_and_could_pass_the_cap_is_not_asked() {
    let models = ModelServer::start().await;
    let dear = json!({"input": 20.0, "output": 20.0});
    let catalog = with_fallbacks([("llama", dear)]);
    let stack = Setup::with_catalog(&catalog).models(&models).start().await;
    models.orchestrator([wrong_key()]);
    let told = stack.client.ask(&asking(ONE_ROUND)).await;
    assert_eq!(told.status(), "over_budget");
    assert_eq!(told.of("error")[0]["error"]["code"], "over_budget");
    assert_eq!(told.summary()["cost_usd"], 0.0);
    models.assert_spent();
}

#[tokio::test]
async fn a_cap_is_refused_where_a_model_that_stands_in_has_no_price() {
    let models = ModelServer::start().await;
    let catalog = with_fallbacks([("llama", Value::Null)]);
    let stack = Setup::with_catalog(&catalog).models(&models).start().await;
    // The run's own wish says nothing of who directs.
    let mut body = asking(1.0);
    body["preferences"]["models"] = json!(["qwen"]);
    let refused = send(stack.client.start_request(body.to_string())).await;
    assert_eq!(refused.status(), 400);
    let told: Value = serde_json::from_str(&refused.text().await.unwrap()).unwrap();
    assert!(
        told["error"]["message"]
            .as_str()
            .unwrap()
            .contains("`llama`"),
        "{told}"
    );
}
