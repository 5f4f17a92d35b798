//! What goes wrong, in the shape that the clients turn into their exceptions.

use orchestrator::Access;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::client::send;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{Script, answer, call, calls, finish, gate, json_body, plain, sse};
use tests::stack::Setup;

use crate::kit::{self, Chunks, request, stack, streamed, whole};

fn bad_gateway() -> Script {
    plain(401, "text/plain", "no such key")
}

#[tokio::test]
async fn a_run_that_fails_is_an_error_that_is_not_to_be_sent_again() {
    let (models, stack) = stack().await;
    models.always(bad_gateway());
    let (status, headers, body) = kit::answer(request(&stack.client, &whole("How many?"))).await;
    assert_eq!(status, 500);
    assert_eq!(headers["x-should-retry"], "false");
    let error = &body["error"];
    assert_eq!(error["type"], "server_error");
    assert_eq!(error["param"], Value::Null);
    let code = error["code"].as_str().unwrap();
    assert!(
        error["message"].as_str().unwrap().contains("401"),
        "{error}"
    );
    let said = Chunks::ask(&stack.client, &streamed("How many?"))
        .await
        .rest()
        .await;
    let streamed = said.error.unwrap();
    assert_eq!(
        (said.finish_reason, streamed["code"].as_str()),
        (None, Some(code))
    );
}

#[tokio::test]
async fn an_answer_that_fails_in_the_middle_ends_with_an_error() {
    let (models, stack) = stack().await;
    models.orchestrator([calls([answer("answer-1")])]);
    models.always(json_body(500, &json!({"error": "down"})));
    let said = Chunks::ask(&stack.client, &streamed("How many?"))
        .await
        .rest()
        .await;
    assert!(said.error.is_some(), "{said:?}");
    assert!(
        said.reasoning.contains("answer (qwen)\n"),
        "{}",
        said.reasoning
    );
}

#[tokio::test]
async fn a_run_that_has_neither_rounds_nor_an_answer_left_is_an_error() {
    let (models, stack) = stack().await;
    models.orchestrator([calls([call("nothing", json!({}))])]);
    models.always(sse([finish("stop")]));
    let mut body = streamed("How many?");
    body["max_rounds"] = 1.into();
    let said = Chunks::ask(&stack.client, &body).await.rest().await;
    assert_eq!(said.error.unwrap()["code"], "out_of_rounds");
    assert_eq!(said.finish_reason, None);
}

#[tokio::test]
async fn every_refusal_has_their_shape() {
    let models = ModelServer::start().await;
    let key = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";
    let setup = Setup::with_models(&models).access(&[("ACCESS_KEY_SHA256", key)], Access::CLOSED);
    let stack = setup.start().await;
    let client = &stack.client;
    let post = || client.request(Method::POST, "/v1/chat/completions");
    let with_key = |request: RequestBuilder| request.bearer_auth("token");
    let json_of = |body: &str| {
        let request = with_key(post()).header("content-type", "application/json");
        request.body(body.to_owned())
    };
    let get = |path: &str| client.request(Method::GET, path);
    for (request, status, kind, param) in [
        (get("/v1/models"), 401, "authentication_error", None),
        (
            with_key(post()).body("{}"),
            415,
            "invalid_request_error",
            Some("content-type"),
        ),
        (json_of("{"), 400, "invalid_request_error", None),
        (json_of("[]"), 400, "invalid_request_error", None),
        (json_of("{}"), 400, "invalid_request_error", Some("model")),
        (
            json_of(r#"{"model": "orchestrator", "messages": [], "n": 3}"#),
            400,
            "invalid_request_error",
            Some("n"),
        ),
        (
            json_of(&"x".repeat(1 << 20 | 1)),
            413,
            "invalid_request_error",
            None,
        ),
        (
            with_key(get("/v1/models/gpt")),
            404,
            "invalid_request_error",
            Some("model"),
        ),
        (
            with_key(get("/v1/nothing")),
            404,
            "invalid_request_error",
            None,
        ),
        (
            with_key(get("/v1/chat/completions")),
            405,
            "invalid_request_error",
            None,
        ),
        (
            with_key(get("/v1/models")).header("origin", "https://evil.example"),
            403,
            "permission_error",
            None,
        ),
    ] {
        let (got, headers, body) = kit::answer(request).await;
        assert_eq!(got, status, "{body}");
        assert_eq!(headers["content-type"], "application/json");
        let error = body["error"].as_object().unwrap();
        let fields: Vec<_> = error.keys().collect();
        assert_eq!(fields, ["message", "type", "param", "code"]);
        assert_eq!(
            (error["type"].as_str(), error["param"].as_str()),
            (Some(kind), param),
            "{body}"
        );
        assert!(error["code"].is_string() && error["message"].is_string());
        if status == 401 {
            assert_eq!(headers["www-authenticate"], "Bearer");
        }
    }
    let (_, _, body) = kit::answer(get("/api/runs")).await;
    assert_eq!(
        body["error"].get("type"),
        None,
        "those of /api have their own"
    );
}

#[tokio::test]
async fn a_run_for_which_there_is_no_room_may_be_asked_for_later() {
    let models = ModelServer::start().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held)])]);
    let stack = Setup::with_models(&models).max_runs(1).start().await;
    let chunks = Chunks::ask(&stack.client, &streamed("One?")).await;
    let (status, headers, body) = kit::answer(request(&stack.client, &whole("Two?"))).await;
    assert_eq!(
        (status, body["error"]["type"].as_str()),
        (503, Some("server_error"))
    );
    assert!(headers.contains_key("retry-after") && !headers.contains_key("x-should-retry"));
    let cancel = format!("/api/runs/{}/cancel", chunks.run_id);
    send(stack.client.request(Method::POST, &cancel)).await;
    held.open();
    chunks.rest().await;
}
