//! What the service does about models that cannot be asked at once, or not in this way.

use serde_json::{Value, json};
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, json_body, plain, says};
use tests::stack::Setup;

fn refusal(status: u16, message: &str) -> tests::script::Script {
    let error = json!({"message": message, "type": "invalid_request_error", "code": status});
    json_body(status, &json!({"error": error}))
}

fn bytes(request: &Value) -> usize {
    request["messages"].to_string().len()
}

#[tokio::test]
async fn a_server_that_is_still_loading_is_asked_again() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let loading = json!({"message": "Loading model", "type": "unavailable_error", "code": 503});
    models.orchestrator([
        json_body(503, &json!({"error": loading})),
        plain(200, "text/event-stream", ""),
        calls([answer("answer-1")]),
    ]);
    models.experts([
        plain(502, "text/html", "<h1>Bad gateway</h1>"),
        says("Seven."),
    ]);
    let told = stack.client.question("How many?").await;
    assert_eq!(told.answer(), "Seven.");
    models.assert_spent();
}

#[tokio::test]
async fn what_cannot_be_mended_is_asked_once() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([refusal(401, "Invalid API key")]);
    let told = stack.client.question("How many?").await;
    assert_eq!(told.of("error")[0]["error"]["code"], "model_error");
    models.assert_spent();
}

#[tokio::test]
async fn a_question_that_is_too_long_for_its_model_is_shortened_and_asked_again() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let reason = |what: &str| {
        call(
            "enhance_reasoning",
            json!({"model": "reasoner-1", "problem": what}),
        )
    };
    let too_long = json!({
        "message": "the request exceeds the available context size, try increasing it",
        "type": "exceed_context_size_error", "code": 400, "n_prompt_tokens": 9000, "n_ctx": 4096,
    });
    models.orchestrator([
        calls([reason("First.")]),
        calls([reason("Second.")]),
        json_body(400, &json!({"error": too_long})),
        calls([answer("answer-1")]),
    ]);
    models.experts(["first ", "second "].map(|word| says(&word.repeat(5000))));
    models.expert("", says("Seven."));
    let told = stack.client.question("How many are there?").await;
    assert_eq!(told.answer(), "Seven.");
    models.assert_spent();
    let asked = models.asked_of_orchestrator();
    let [.., refused, accepted] = &asked[..] else {
        panic!("four requests");
    };
    assert!(bytes(accepted) < bytes(refused) / 2);
    assert!(bytes(accepted) < 4096 * 3);
    let accepted = accepted["messages"].to_string();
    assert!(accepted.contains("How many are there?") && accepted.contains("second "));
}

#[tokio::test]
async fn a_question_that_nothing_shortens_enough_leaves_later_ones_their_context() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let too_long = || refusal(400, "the request exceeds the available context size");
    models.orchestrator([too_long(), too_long(), too_long(), too_long()]);
    let told = stack.client.question("How many?").await;
    assert_eq!(told.status(), "failed");
    models.orchestrator([says("Seven.")]);
    assert_eq!(stack.client.question("How many?").await.answer(), "Seven.");
    models.assert_spent();
    let asked = models.asked_of_orchestrator();
    // The longest reply is a part of the context that is reckoned with.
    assert!(asked[3]["max_tokens"].as_u64() < asked[0]["max_tokens"].as_u64());
    assert_eq!(asked[4]["max_tokens"], asked[0]["max_tokens"]);
}

#[tokio::test]
async fn a_server_without_tools_is_driven_by_text_from_then_on() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let written = |name: &str, arguments: &Value| {
        let call = json!({"name": name, "arguments": arguments});
        says(&format!("I go on.\n<tool_call>\n{call}\n</tool_call>"))
    };
    let reason = json!({"model": "reasoner-1", "problem": "Why?"});
    // Without tools in their own field the server of the test takes the orchestrator for an expert.
    models.orchestrator([refusal(
        400,
        "registry.ollama.ai/library/phi does not support tools",
    )]);
    models.expert("<tools>", written("enhance_reasoning", &reason));
    models.expert("Problem:", says("Because."));
    models.expert(
        "<tool_response>",
        written("answer", &json!({"model": "answer-1"})),
    );
    models.expert("Problem:", says("Seven."));
    let told = stack.client.question("How many?").await;
    assert_eq!(told.answer(), "Seven.");
    assert_eq!(told.tools_used(), ["enhance_reasoning", "answer"]);
    let shown: Vec<Value> = told.of("delta");
    assert!(!json!(shown).to_string().contains("tool_call>"));

    models.expert("<tools>", written("answer", &json!({"model": "answer-1"})));
    models.expert("Problem:", says("Eight."));
    assert_eq!(stack.client.question("And now?").await.answer(), "Eight.");
    models.assert_spent();
}

#[tokio::test]
async fn a_model_that_does_not_mend_its_calls_gets_its_answer_from_what_is_known() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let wrong = || calls([call("searchTool", json!({"q": "seven"}))]);
    models.orchestrator([wrong(), wrong()]);
    models.experts([says("Seven, as far as I know.")]);
    let told = stack.client.question("How many?").await;
    assert_eq!(told.answer(), "Seven, as far as I know.");
    let corrected = models.asked_of_orchestrator()[1].to_string();
    assert!(corrected.contains("unknown_tool"), "{corrected}");
    models.assert_spent();
}
