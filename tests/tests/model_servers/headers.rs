//! What the catalogue has a model's server sent.

use serde_json::{Value, json};
use tests::logged::Log;
use tests::model_server::ModelServer;
use tests::script::{answer, calls, says};
use tests::stack::Setup;

use crate::gateway::{Answers, Gateway};

const SECRET: &str = "s3cr3t-0123456789-of-the-gateway";

/// The shipped catalogue, in which a model is sent these headers and fields.
fn catalogue(model: &str, headers: &Value, request: &Value) -> Value {
    let shipped = include_str!("../../../tools_config.json");
    let mut catalogue: Value = serde_json::from_str(shipped).unwrap();
    catalogue["models"][model]["headers"] = headers.clone();
    catalogue["models"][model]["request"] = request.clone();
    catalogue
}

fn headers() -> Value {
    json!({"X-Title": "An orchestra", "CF-Access-Client-Secret": {"env": "GATEWAY_SECRET"}})
}

#[tokio::test]
async fn headers_go_with_each_request_to_that_models_server_and_to_no_other() {
    let gateway = Gateway::new(Answers::Says("It is 42."));
    let served = gateway.serve().await;
    let others = ModelServer::start().await;
    let stack = Setup::with_catalog(&catalogue("qwen", &headers(), &json!({})))
        .header_variables(&[("GATEWAY_SECRET", SECRET)])
        .models(&others)
        .model("qwen", &served.address)
        .start()
        .await;
    let told = stack.client.question("What is six times seven?").await;
    assert_eq!(told.answer(), "It is 42.");
    let config = stack.client.json("/api/config").await;
    assert_eq!(config["models"][0]["available"], true, "{config}");
    let asked = gateway.asked();
    let mut paths: Vec<_> = asked
        .iter()
        .map(|it| format!("{} {}", it.method, it.path))
        .collect();
    paths.sort();
    paths.dedup();
    let expected = [
        "GET /api/version",
        "GET /props",
        "GET /v1/models",
        "POST /v1/chat/completions",
    ];
    assert_eq!(paths, expected);
    for request in asked {
        assert_eq!(
            request.headers["x-title"], "An orchestra",
            "{}",
            request.path
        );
        assert_eq!(
            request.headers["cf-access-client-secret"], SECRET,
            "{}",
            request.path
        );
        assert_eq!(request.headers.get_all("authorization").iter().count(), 1);
    }
}

#[tokio::test]
async fn no_redirect_takes_them_elsewhere() {
    let elsewhere = Gateway::new(Answers::Says("It is 42."));
    let away = elsewhere.serve().await;
    for status in [301, 302, 303, 307, 308] {
        let gateway = Gateway::new(Answers::Redirects(status, away.address.clone()));
        let served = gateway.serve().await;
        let stack = Setup::with_catalog(&catalogue("qwen", &headers(), &json!({})))
            .header_variables(&[("GATEWAY_SECRET", SECRET)])
            .model("qwen", &served.address)
            .start()
            .await;
        let told = stack.client.question("What is six times seven?").await;
        assert_eq!(told.status(), "failed", "{status}");
        assert!(!gateway.asked().is_empty(), "{status}");
    }
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn what_they_hold_stands_in_no_event_answer_or_log_whatever_a_server_repeats() {
    for status in [400, 401, 403, 404, 418, 429, 500] {
        let (log, _guard) = Log::begin();
        let gateway = Gateway::new(Answers::Echoes(status));
        let served = gateway.serve().await;
        let stack = Setup::with_catalog(&catalogue("qwen", &headers(), &json!({"top_k": 20})))
            .header_variables(&[("GATEWAY_SECRET", SECRET)])
            .model("qwen", &served.address)
            .start()
            .await;
        let told = stack.client.question("What is six times seven?").await;
        let config = stack.client.json("/api/config").await;
        let shown = format!("{told:?} {config} {}", log.text());
        assert!(!shown.contains(SECRET), "{status}: {shown}");
        assert!(!config.to_string().contains("GATEWAY_SECRET"), "{config}");
    }
}

#[tokio::test]
async fn fields_stand_in_each_question_to_that_model_and_a_run_is_the_same_for_the_rest() {
    let models = ModelServer::start().await;
    models.orchestrator([calls([answer("answer-2")])]);
    models.experts([says("It is 42.")]);
    let fields = json!({
        "temperature": null, "max_tokens": null, "top_k": 20, "chat_template_kwargs": {"enable_thinking": false},
    });
    let setup = Setup::with_catalog(&catalogue("phi", &json!({}), &fields));
    let stack = setup.models(&models).start().await;
    let told = stack.client.question("What is six times seven?").await;
    assert_eq!(told.answer(), "It is 42.");
    models.assert_spent();
    let [asked] = &models.asked_of_experts()[..] else {
        panic!("one expert is asked");
    };
    let keys: Vec<_> = asked.as_object().unwrap().keys().collect();
    let expected = [
        "model",
        "messages",
        "max_completion_tokens",
        "stream",
        "stream_options",
        "top_k",
        "chat_template_kwargs",
    ];
    assert_eq!(keys, expected);
    assert_eq!(asked["max_completion_tokens"], 512);
    assert_eq!(
        asked["chat_template_kwargs"],
        json!({"enable_thinking": false})
    );
    let decided = &models.asked_of_orchestrator()[0];
    assert!(
        decided.get("top_k").is_none() && decided.get("temperature").is_some(),
        "{decided}"
    );
}
