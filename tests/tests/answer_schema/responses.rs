//! Answers by a schema as clients of Responses ask for them.

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::model_server::ModelServer;
use tests::script::{answer, calls, says};
use tests::stack::{Setup, Stack};

const FITS: &str = r#"{"n": 7}"#;

fn format() -> Value {
    let schema =
        json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    json!({"type": "json_schema", "name": "n", "strict": true, "schema": schema})
}

async fn asked(models: &ModelServer, stack: &Stack, more: Value) -> String {
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([says("Seven."), says(&format!("```json\n{FITS}\n```"))]);
    let mut body =
        json!({"model": "orchestrator", "input": "How many?", "text": {"format": format()}});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let request = stack.client.request(Method::POST, "/v1/responses");
    let response = send(request.json(&body)).await;
    assert_eq!(response.status(), 200);
    response.text().await.unwrap()
}

#[tokio::test]
async fn the_text_is_json_alone_and_the_response_tells_its_format() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let whole = asked(&models, &stack, json!({})).await;
    let whole: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(whole["status"], "completed");
    assert_eq!(whole["text"]["format"], format());
    let output = whole["output"].as_array().unwrap();
    let message = output.iter().find(|item| item["type"] == "message");
    let content = &message.unwrap()["content"];
    assert_eq!(content[0]["text"], FITS);
    assert_eq!(content[0]["annotations"], json!([]));
    models.assert_spent();
}

#[tokio::test]
async fn a_stream_tells_nothing_of_the_text_before_it_fits() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let stream = asked(&models, &stack, json!({"stream": true})).await;
    let frames = stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: {"));
    let frames: Vec<Value> = frames
        .map(|frame| serde_json::from_str(&format!("{{{frame}")).unwrap())
        .collect();
    let deltas = frames
        .iter()
        .filter(|it| it["type"] == "response.output_text.delta");
    let text: String = deltas.map(|it| it["delta"].as_str().unwrap()).collect();
    assert_eq!(text, FITS);
    assert_eq!(frames.last().unwrap()["type"], "response.completed");
    models.assert_spent();
}
