//! What chat pages ask for themselves: one call of the cheapest model, and no run.

use serde_json::{Value, json};
use tests::model_server::ModelServer;
use tests::openapi::{OpenApi, fits};
use tests::script::{finish, plain, says, sse, text, usage};
use tests::stack::Stack;

use crate::kit::{self, ask, request, stack, streamed, whole};

/// As Open WebUI asks for a title.
fn title() -> Value {
    let text = "### Task:\nGenerate a title.\n### Output:\nJSON format: { \"title\": \"…\" }\n<chat_history>\nUSER: Why?\n</chat_history>";
    let mut body = whole(text);
    body["stream"] = false.into();
    body["max_tokens"] = 1000.into();
    body
}

async fn today(stack: &Stack) -> Value {
    let stats = stack.client.json("/api/stats").await;
    stats["days"][0].clone()
}

async fn runs(stack: &Stack) -> usize {
    let list = stack.client.json("/api/runs").await;
    list["runs"].as_array().unwrap().len()
}

/// Whom a model server was asked as.
fn asked(models: &ModelServer) -> Vec<String> {
    let asked = models.asked_of_experts();
    let names = asked.iter().map(|asked| asked["model"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_title_is_one_call_that_is_counted() {
    let (models, stack) = stack().await;
    models.experts([sse([
        text("{\"title\": \"Why\"}"),
        finish("stop"),
        usage(40, 6),
    ])]);
    let (status, headers, body) = kit::answer(request(&stack.client, &title())).await;
    assert_eq!(status, 200);
    fits(&OpenApi::new().schema("ChatCompletion"), &body, "a task");
    assert_eq!(
        body["choices"][0]["message"]["content"],
        "{\"title\": \"Why\"}"
    );
    assert_eq!(body["usage"]["prompt_tokens"], 40);
    assert!(!headers.contains_key("x-run-id"));
    assert_eq!(runs(&stack).await, 0);
    let today = today(&stack).await;
    assert_eq!((&today["tasks"], &today["runs"]), (&json!(1), &json!(0)));
    assert_eq!(today["usage"]["input_tokens"], 40);
    let by_model = today["by_model"].as_object().unwrap();
    let (model, tally) = by_model.iter().next().unwrap();
    assert_eq!((by_model.len(), &tally["calls"]), (1, &json!(1)), "{model}");
    assert_eq!(today["cost_usd"], tally["cost_usd"]);
    assert_eq!(models.asked_of_experts()[0]["max_tokens"], 1000);
    models.assert_spent();
}

#[tokio::test]
async fn a_task_may_be_streamed() {
    let (models, stack) = stack().await;
    models.experts([says("Why")]);
    let mut body = streamed("A title?");
    body["model"] = "orchestrator-task".into();
    body["stream_options"] = json!({"include_usage": true});
    let response = ask(&stack.client, &body).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let told = response.text().await.unwrap();
    assert!(told.ends_with("data: [DONE]\n\n"), "{told}");
    let frames = told.lines().filter_map(|line| line.strip_prefix("data: {"));
    let frames: Vec<Value> = frames
        .map(|it| serde_json::from_str(&format!("{{{it}")).unwrap())
        .collect();
    let deltas: Vec<_> = frames
        .iter()
        .map(|frame| frame.pointer("/choices/0/delta").cloned())
        .collect();
    assert_eq!(
        deltas,
        [
            Some(json!({"role": "assistant", "content": ""})),
            Some(json!({"content": "Why"})),
            Some(json!({})),
            None,
        ]
    );
    assert_eq!(frames[2]["choices"][0]["finish_reason"], "stop");
    assert!(frames[3]["usage"]["total_tokens"].is_u64());
}

#[tokio::test]
async fn where_the_cheapest_model_cannot_answer_the_next_one_does() {
    let (models, stack) = stack().await;
    models.experts([plain(401, "text/plain", "no"), says("Why")]);
    let (status, _, body) = kit::answer(request(&stack.client, &title())).await;
    assert_eq!(
        (status, &body["choices"][0]["message"]["content"]),
        (200, &json!("Why"))
    );
    let asked = asked(&models);
    assert_eq!(asked.len(), 2);
    assert_ne!(asked[0], asked[1]);
    let today = today(&stack).await;
    assert_eq!(today["tasks"], 1);
    assert_eq!(today["by_model"].as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn a_task_that_nobody_answers_is_an_error() {
    let (models, stack) = stack().await;
    models.always(plain(401, "text/plain", "no"));
    let (status, _, body) = kit::answer(request(&stack.client, &title())).await;
    assert_eq!(
        (status, body["error"]["type"].as_str()),
        (502, Some("server_error"))
    );
    assert_eq!(runs(&stack).await, 0);
}

/// It goes through the same template as tasks, and is what a person asked.
#[tokio::test]
async fn documents_that_open_webui_puts_into_a_question_make_no_task_of_it() {
    let (models, stack) = stack().await;
    models.orchestrator([says("It rose.")]);
    let text = "### Task:\nRespond to the user query using the provided context.\n<context>\n<source id=\"1\">Sales rose.</source>\n</context>\nHow are sales?";
    let (_, headers, _) = kit::answer(request(&stack.client, &whole(text))).await;
    assert!(headers.contains_key("x-run-id"));
    assert_eq!(runs(&stack).await, 1);
    assert_eq!(today(&stack).await["tasks"], 0);
}
