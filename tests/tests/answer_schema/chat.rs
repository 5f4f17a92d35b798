//! Answers by a schema as clients of chat completions ask for them: they cannot take text back, and take it all as JSON.

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::duckduckgo::DuckDuckGo;
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, says};
use tests::stack::{Setup, Stack};

const FITS: &str = r#"{"n": 7}"#;

fn body(is_streamed: bool) -> Value {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": false});
    json!({
        "model": "orchestrator", "stream": is_streamed, "messages": [{"role": "user", "content": "How many?"}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "strict": true, "schema": schema}},
    })
}

async fn asked(stack: &Stack, body: &Value) -> (u16, String) {
    let response = send(
        stack
            .client
            .request(Method::POST, "/v1/chat/completions")
            .json(body),
    )
    .await;
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn stack() -> (ModelServer, Stack) {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([calls([answer("answer-1")])]);
    (models, stack)
}

#[tokio::test]
async fn the_content_is_json_alone_also_where_the_first_text_was_none() {
    let (models, stack) = stack().await;
    models.experts([
        says("It is seven."),
        says(&format!("Sure:\n```json\n{FITS}\n```")),
    ]);
    let (status, whole) = asked(&stack, &body(false)).await;
    assert_eq!(status, 200);
    let whole: Value = serde_json::from_str(&whole).unwrap();
    let choice = &whole["choices"][0];
    assert_eq!(choice["message"]["content"], FITS);
    assert_eq!(choice["message"]["annotations"], json!([]));
    assert_eq!(choice["finish_reason"], "stop");
    let strict = &models.asked_of_experts()[0]["response_format"]["json_schema"]["strict"];
    assert_eq!(*strict, true);
    models.assert_spent();
}

#[tokio::test]
async fn a_stream_says_nothing_of_the_answer_before_it_fits() {
    let (models, stack) = stack().await;
    models.experts([says(r#"{"n": "seven"}"#), says(FITS)]);
    let (_, stream) = asked(&stack, &body(true)).await;
    let frames = stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    let frames = frames.filter(|data| *data != "[DONE]");
    let frames: Vec<Value> = frames
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    let content = frames
        .iter()
        .filter_map(|it| it["choices"][0]["delta"]["content"].as_str());
    assert_eq!(content.collect::<String>(), FITS);
    assert!(stream.ends_with("data: [DONE]\n\n"));
    models.assert_spent();
}

/// What a search has found stands in no JSON, and nothing stands behind it.
#[tokio::test]
async fn sources_are_no_part_of_json() {
    let models = ModelServer::start().await;
    let page = json!({"Heading": "Python", "AbstractText": "Python is a language.", "AbstractURL": "https://example.org/"});
    let duckduckgo = DuckDuckGo::saying(&page).await;
    let stack = Setup::with_models(&models)
        .search(&duckduckgo)
        .start()
        .await;
    models.orchestrator([
        calls([call("search", json!({"query": "python"}))]),
        calls([answer("answer-1")]),
    ]);
    models.experts([says(FITS)]);
    let (_, whole) = asked(&stack, &body(false)).await;
    let whole: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(whole["choices"][0]["message"]["content"], FITS);
}

#[tokio::test]
async fn any_object_is_asked_for_by_its_type_alone() {
    let (models, stack) = stack().await;
    models.experts([says(r#"{"whatever": [1]}"#)]);
    let mut body = body(false);
    body["response_format"] = json!({"type": "json_object"});
    let (_, whole) = asked(&stack, &body).await;
    let whole: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(
        whole["choices"][0]["message"]["content"],
        r#"{"whatever": [1]}"#
    );
}

#[tokio::test]
async fn what_never_fits_is_an_error() {
    let (models, stack) = stack().await;
    models.experts([says("Seven."), says("Seven!")]);
    let (_, whole) = asked(&stack, &body(false)).await;
    let whole: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(whole["error"]["code"], "invalid_answer", "{whole}");
}

/// Some clients send every field of the interface.
#[tokio::test]
async fn fields_that_are_null_say_nothing() {
    let (models, stack) = stack().await;
    models.experts([says(FITS)]);
    let mut body = body(false);
    body["response_format"]["json_schema"]["strict"] = Value::Null;
    body["response_format"]["json_schema"]["description"] = Value::Null;
    let (status, _) = asked(&stack, &body).await;
    assert_eq!(status, 200);
}
