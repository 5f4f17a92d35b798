//! Tools that fail, are not there, or take too long: each is a result that the model is told, and the run goes on.

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::post;
use serde_json::{Value, json};
use tests::duckduckgo::{DuckDuckGo, article};
use tests::emulator::{Setup, Stage};
use tests::gate::Gate;
use tests::loopback::Served;
use tests::model_server::ModelServer;
use tests::script::{call, calls, says};
use tests::stream::Frame;

fn looking_up(models: &ModelServer) {
    let look_up = call("search", json!({"query": "seven"}));
    models.orchestrator([calls([look_up]), says("I could not look it up.")]);
}

/// A run whose one search ends with an error, which is given.
async fn failed_search(stage: &Stage, models: &ModelServer) -> Value {
    looking_up(models);
    let told = stage.client.question("How many?").await;
    assert_eq!(told.answer(), "I could not look it up.");
    let results = told.of("tool_result");
    let [result] = results.as_slice() else {
        panic!("one call was asked for: {told:#?}");
    };
    assert_eq!(result["ok"], false);
    models.assert_spent();
    result["result"]["error"].clone()
}

fn error(code: &str, message: &str, retryable: bool) -> Value {
    json!({"code": code, "message": message, "retryable": retryable})
}

/// The search with another function behind it, or less time.
fn with_search(models: &ModelServer, change: Value) -> Setup {
    Setup::with_models(models).tool("search", |tool| {
        for (name, value) in change.as_object().unwrap() {
            tool[name] = value.clone();
        }
    })
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn a_tool_that_fails_tells_why() {
    let models = ModelServer::start().await;
    let stage = Setup::with_models(&models).start().await;
    let _functions = ["orchestrator", "search"].map(|name| stage.run(name));
    let failure = failed_search(&stage, &models).await;
    assert_eq!(
        (&failure["code"], &failure["retryable"]),
        (&json!("unreachable"), &json!(true))
    );
    let message = failure["message"].as_str().unwrap();
    assert!(message.contains("DUCKDUCKGO_URL"), "{message}");
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn a_function_that_the_emulator_does_not_know_is_not_deployed() {
    let models = ModelServer::start().await;
    let setup = with_search(&models, json!({"target": {"lambda": "nowhere"}}));
    let stage = setup.start().await;
    let _orchestrator = stage.run("orchestrator");
    let expected = error(
        "tool_not_deployed",
        "The function `nowhere` is not deployed.",
        false,
    );
    assert_eq!(failed_search(&stage, &models).await, expected);
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn a_function_that_nobody_serves_is_given_up_at_its_time_out() {
    let models = ModelServer::start().await;
    let stage = with_search(&models, json!({"timeout_ms": 1000}))
        .start()
        .await;
    let _orchestrator = stage.run("orchestrator");
    let expected = error(
        "timeout",
        "The tool search did not finish within 1.0 s.",
        true,
    );
    assert_eq!(failed_search(&stage, &models).await, expected);
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn a_tool_that_keeps_its_time_says_itself_that_it_was_too_short_and_does_its_next_work() {
    let models = ModelServer::start().await;
    let held = Gate::shut();
    let found = article("Seven", "There are seven.", "https://example.org/seven");
    let search = DuckDuckGo::behind(&held, &found).await;
    let setup = with_search(&models, json!({"timeout_ms": 2000})).search(&search);
    let stage = setup.start().await;
    let _functions = ["orchestrator", "search"].map(|name| stage.run(name));
    let failure = failed_search(&stage, &models).await;
    assert_eq!(failure["code"], "timeout");
    let message = failure["message"].as_str().unwrap();
    assert!(
        message.contains("duckduckgo did not answer in time"),
        "{message}"
    );
    held.open();
    looking_up(&models);
    let told = stage.client.question("How many?").await;
    assert_eq!(told.of("tool_result")[0]["ok"], true, "{told:#?}");
    models.assert_spent();
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn a_function_past_its_time_out_is_given_up_and_its_late_answer_changes_nothing() {
    let models = ModelServer::start().await;
    let stage = with_search(&models, json!({"timeout_ms": 1000}))
        .start()
        .await;
    let _orchestrator = stage.run("orchestrator");
    let (failure, late) = tokio::join!(failed_search(&stage, &models), stage.take("search"));
    let expected = error(
        "timeout",
        "The tool search did not finish within 1.0 s.",
        true,
    );
    assert_eq!(failure, expected);
    assert_eq!(late.event["arguments"], json!({"query": "seven"}));
    late.respond(&json!({"ok": true, "result": {"seven": 7}}))
        .await;
    models.orchestrator([says("Seven.")]);
    assert_eq!(stage.client.question("How many?").await.answer(), "Seven.");
    models.assert_spent();
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn a_function_whose_process_breaks_down_is_given_up_at_its_time_out() {
    let models = ModelServer::start().await;
    let held = Gate::shut();
    let search = DuckDuckGo::behind(&held, &json!({})).await;
    let setup = with_search(&models, json!({"timeout_ms": 3000})).search(&search);
    let stage = setup.start().await;
    let _orchestrator = stage.run("orchestrator");
    let searching = stage.run("search");
    looking_up(&models);
    let mut events = stage.client.start(&json!({"query": "How many?"})).await;
    let seen = events
        .until(|frame: &Frame| frame.event() == "tool_call")
        .await;
    held.reached().await;
    searching.kill().await;
    let told = events.told_after(seen).await;
    assert_eq!(
        told.of("tool_result")[0]["result"]["error"]["code"],
        "timeout"
    );
    assert_eq!(told.answer(), "I could not look it up.");
    models.assert_spent();
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn a_function_error_as_the_emulator_sends_it_is_a_result() {
    let models = ModelServer::start().await;
    // The driver fails at an event that is none of its own.
    let setup = with_search(
        &models,
        json!({"target": {"lambda": "driver"}, "retry": "never"}),
    );
    let stage = setup.start().await;
    let _functions = ["orchestrator", "driver"].map(|name| stage.run(name));
    let (status, said) = stage.invoke("driver", &json!({})).await;
    assert_eq!(status, 500, "{said}");
    let failure = failed_search(&stage, &models).await;
    assert_eq!(failure["code"], "function_error", "{failure}");
}

#[tokio::test]
#[ignore = "needs cargo-lambda from PyPI: cargo test --workspace --test emulator -- --ignored"]
async fn what_lambda_says_of_a_function_is_a_result() {
    let lambda = Router::new().route("/2015-03-31/functions/{name}/invocations", post(answer));
    let lambda = Served::start(lambda).await;
    let cases = [
        (
            "fails",
            error(
                "function_error",
                "The function of the tool search failed (Unhandled): out of luck.",
                false,
            ),
        ),
        (
            "says-nothing",
            error(
                "function_error",
                "The function of the tool search failed (Unhandled): it gave no reason.",
                false,
            ),
        ),
        (
            "nowhere",
            error(
                "tool_not_deployed",
                "The function `nowhere` is not deployed.",
                false,
            ),
        ),
        (
            "busy",
            error(
                "tool_busy",
                "The function `busy` has no room for another call now.",
                true,
            ),
        ),
    ];
    for (name, expected) in cases {
        let models = ModelServer::start().await;
        let setup = with_search(
            &models,
            json!({"target": {"lambda": name}, "retry": "never"}),
        );
        let stage = setup
            .set("AWS_ENDPOINT_URL_LAMBDA", &lambda.address)
            .start()
            .await;
        let _orchestrator = stage.run("orchestrator");
        assert_eq!(failed_search(&stage, &models).await, expected);
    }
}

/// What Lambda answers where a function of this name fails.
async fn answer(Path(name): Path<String>) -> impl IntoResponse {
    let (status, header, body) = match name.as_str() {
        "fails" => {
            let body = json!({"errorType": "Runtime.Error", "errorMessage": "out of luck"});
            (200, ("x-amz-function-error", "Unhandled"), body)
        }
        "says-nothing" => (200, ("x-amz-function-error", "Unhandled"), json!(null)),
        "nowhere" => (
            404,
            ("x-amzn-errortype", "ResourceNotFoundException"),
            json!({"Type": "User", "Message": "Function not found: nowhere"}),
        ),
        "busy" => (
            429,
            ("x-amzn-errortype", "TooManyRequestsException"),
            json!({"Type": "User", "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded", "message": "Rate Exceeded."}),
        ),
        other => panic!("no case is called {other}"),
    };
    (
        StatusCode::from_u16(status).unwrap(),
        [header],
        body.to_string(),
    )
}
