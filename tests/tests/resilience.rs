//! What the service does about models that cannot be asked at once, or not in this way.

use serde_json::{Value, json};
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{
    Part, Script, answer, call, calls, finish, gate, json_body, plain, reasoning, says, sse, text,
    unfinished, usage,
};
use tests::stack::Setup;

fn refusal(status: u16, message: &str) -> Script {
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
async fn a_busy_server_is_asked_again_when_it_says_and_not_at_all_where_that_is_too_late() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let busy = |name: &'static str, after: &str| Script::Plain {
        status: 503,
        headers: vec![(name, after.to_owned())],
        body: json!({"error": {"message": "overloaded"}})
            .to_string()
            .into(),
    };
    // An hour would be waited for, were it not for its length: the second request is never made.
    for (name, hour) in [("retry-after", "3600"), ("retry-after-ms", "3600000")] {
        models.orchestrator([busy(name, hour)]);
        let told = stack.client.question("How many?").await;
        assert_eq!(told.of("error")[0]["error"]["code"], "model_error");
        models.assert_spent();
    }
    models.orchestrator([
        busy("retry-after-ms", "1"),
        busy("retry-after", "0"),
        says("Seven."),
    ]);
    assert_eq!(stack.client.question("How many?").await.answer(), "Seven.");
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
async fn a_question_that_takes_more_tokens_than_estimated_is_shortened_at_the_first_refusal() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let too_long = json!({
        "message": "request (9500 tokens) exceeds the available context size (8192 tokens), try increasing it",
        "type": "exceed_context_size_error", "code": 400, "n_prompt_tokens": 9500, "n_ctx": 8192,
    });
    models.orchestrator([
        calls([call("enhance_reasoning", json!({"model": "reasoner-1"}))]),
        calls([answer("answer-2")]),
    ]);
    models.experts([
        says(&"seven ".repeat(1500)),
        json_body(400, &json!({"error": too_long})),
        says("Seven."),
    ]);
    let told = stack.client.question("How many?").await;
    assert_eq!(told.answer(), "Seven.");
    let asked = models.asked_of_experts();
    assert!(bytes(&asked[2]) * 10 < bytes(&asked[1]) * 9);
    models.assert_spent();
}

#[tokio::test]
async fn a_question_that_nothing_shortens_enough_leaves_later_ones_their_context() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let too_long = || refusal(400, "the request exceeds the available context size");
    models.orchestrator([too_long(), too_long(), too_long(), too_long()]);
    let told = stack.client.question("How many?").await;
    assert_eq!(told.status(), "failed");
    let remedy = told.of("error")[0]["error"]["remedy"].to_string();
    assert!(remedy.contains("32768 tokens") && remedy.contains("--ctx-size"));
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
    let no_tools = "registry.ollama.ai/library/phi does not support tools";
    // Asked by a schema, it writes as it would without one.
    models.orchestrator([refusal(400, no_tools), says("I go on.")]);
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
    let wrong = || calls([call("telepathy", json!({"q": "seven"}))]);
    models.orchestrator([wrong(), wrong()]);
    models.experts([says("Seven, as far as I know.")]);
    let told = stack.client.question("How many?").await;
    assert_eq!(told.answer(), "Seven, as far as I know.");
    let corrected = models.asked_of_orchestrator()[1].to_string();
    assert!(corrected.contains("unknown_tool"), "{corrected}");
    models.assert_spent();
}

#[tokio::test]
async fn a_call_that_leaks_as_bare_json_under_a_close_name_is_told_to_the_model_and_shown_to_nobody()
 {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let leaked = json!({"name": "searchTool", "parameters": {"when": "now"}}).to_string();
    let fenced = format!("```json\n{leaked}\n```");
    models.orchestrator([says(&leaked), says(&fenced)]);
    models.experts([says("Seven, as far as I know.")]);
    let told = stack.client.question("How many?").await;
    assert_eq!(told.answer(), "Seven, as far as I know.");
    assert!(!json!(told.of("delta")).to_string().contains("searchTool"));
    assert_eq!(told.of("tool_call")[0]["tool"], "search");
    let corrected = models.asked_of_orchestrator()[1].to_string();
    assert!(corrected.contains("invalid_arguments"), "{corrected}");
    models.assert_spent();
}

#[tokio::test]
async fn an_answer_that_only_looks_like_a_call_is_an_answer() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let person = json!({"name": "lookupPerson", "parameters": {"of": "seven"}}).to_string();
    models.orchestrator([says(&person)]);
    assert_eq!(stack.client.question("How many?").await.answer(), person);
    models.assert_spent();
}

#[tokio::test]
async fn a_model_that_only_thinks_is_asked_once_and_is_not_taken_for_a_failing_one() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let thinks = || {
        sse([
            reasoning("Hm, hm."),
            Part::Usage {
                input: 10,
                output: 512,
            },
            finish("length"),
        ])
    };
    for _ in 0..5 {
        models.orchestrator([calls([answer("answer-1")]), says("Seven.")]);
        models.experts([thinks()]);
        let told = stack.client.question("How many?").await;
        assert_eq!(told.answer(), "Seven.");
        let error = &told.of("tool_result")[0]["result"]["error"];
        assert_eq!(error["code"], "model_only_thought");
        assert_eq!(error["retryable"], false);
        assert!(error["message"].to_string().contains("larger max_tokens"));
    }
    models.assert_spent();
}

#[tokio::test]
async fn a_question_that_is_too_long_is_told_with_the_size_of_the_context() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let too_long = json!({
        "message": "the request exceeds the available context size, try increasing it",
        "type": "exceed_context_size_error", "code": 400, "n_prompt_tokens": 9000, "n_ctx": 256,
    });
    models.orchestrator([json_body(400, &json!({"error": too_long}))]);
    let told = stack.client.question("How many?").await;
    let remedy = told.of("error")[0]["error"]["remedy"].to_string();
    let named = ["a context of 256 tokens", "takes 9000", "QWEN_API_URL"];
    assert!(named.iter().all(|words| remedy.contains(words)), "{remedy}");
    models.assert_spent();
}

#[tokio::test]
async fn thinking_without_an_opening_tag_is_taken_back_and_from_then_on_held_back() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let thinks = |held: &Gate| {
        let parts = [
            text("Seven, I "),
            gate(held),
            text("think.\n</think>\n\nIt is"),
            text(" seven."),
            finish("stop"),
            usage(10, 5),
        ];
        sse(parts)
    };
    let held = Gate::shut();
    models.orchestrator([thinks(&held)]);
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let seen = events.until(|frame| frame.event() == "delta").await;
    held.open();
    let told = events.told_after(seen).await;
    assert_eq!(told.answer(), "It is seven.");
    let retry = &told.of("retry")[0];
    assert_eq!(
        (&retry["call_id"], &retry["attempt"]),
        (&json!("r1.orchestrator"), &json!(2))
    );
    let thought = &told.of("orchestrator_thinking")[0]["content"];
    assert_eq!(*thought, "Seven, I think.\n");

    // An expert on the same server has been found out with it; another model has not.
    models.orchestrator([calls([answer("answer-1")]), calls([answer("answer-2")])]);
    let held = Gate::shut();
    held.open();
    models.experts([thinks(&held)]);
    let told = stack.client.question("And now?").await;
    assert_eq!(told.answer(), "It is seven.");
    assert_eq!(told.of("retry"), [] as [Value; 0]);
    let held = Gate::shut();
    models.experts([thinks(&held)]);
    let mut events = stack.client.start(&json!({"query": "And then?"})).await;
    let seen = events.until(|frame| frame.event() == "delta").await;
    held.open();
    let told = events.told_after(seen).await;
    assert_eq!(told.answer(), "It is seven.");
    assert_eq!(told.of("retry")[0]["call_id"], "r1.1");
    models.assert_spent();
}

#[tokio::test]
async fn one_answer_about_the_closing_tag_does_not_hold_back_all_that_follow() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([says("It ends with </think> on a line.")]);
    stack.client.question("How does a thought end?").await;
    models.orchestrator([says("Seven.")]);
    assert_eq!(stack.client.question("How many?").await.answer(), "Seven.");
    let held = Gate::shut();
    let parts = [text("Eight, "), gate(&held), text("again."), finish("stop")];
    models.orchestrator([sse(parts)]);
    let mut events = stack.client.start(&json!({"query": "And now?"})).await;
    let seen = events.until(|frame| frame.event() == "delta").await;
    held.open();
    let told = events.told_after(seen).await;
    assert_eq!(told.answer(), "Eight, again.");
    assert_eq!(told.of("retry"), [] as [Value; 0]);
    models.assert_spent();
}

#[tokio::test]
async fn a_reply_that_the_servers_grammar_broke_off_is_asked_for_again_with_tools_in_words() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let broken = json!({
        "code": 500, "message": "Unexpected empty grammar stack after accepting piece: =search",
        "type": "server_error",
    });
    let held = Gate::shut();
    models.orchestrator([unfinished([
        text("So"),
        gate(&held),
        Part::Frame(json!({"error": broken})),
    ])]);
    let call = json!({"name": "answer", "arguments": {"model": "answer-2"}});
    let written = says(&format!("Well. <tool_call>{call}</tool_call>"));
    models.expert("<tools>", written);
    models.expert("Problem:", says("Seven."));
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let seen = events.until(|frame| frame.event() == "delta").await;
    held.open();
    let told = events.told_after(seen).await;
    assert_eq!(told.answer(), "Seven.");
    assert_eq!(told.of("retry")[0]["call_id"], "r1.orchestrator");
    let thought = &told.of("orchestrator_thinking")[0]["content"];
    assert_eq!(*thought, "Well. ", "nothing of the first attempt is left");
    models.assert_spent();
}

#[tokio::test]
async fn a_call_that_the_server_cannot_parse_is_asked_for_in_words_and_only_the_second_in_a_row_is_learned_of()
 {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let unparsed = || {
        let message =
            "The model produced output that does not match the expected peg-native format";
        json_body(
            500,
            &json!({"error": {"code": 500, "message": message, "type": "server_error"}}),
        )
    };
    let older = || {
        let message = "Failed to parse input at pos 31: <tool_call>";
        json_body(
            500,
            &json!({"error": {"code": 500, "message": message, "type": "server_error"}}),
        )
    };
    // Without tools in their own field the server of the test takes the orchestrator for an expert.
    let expect = |refused: Option<Script>| {
        models.orchestrator(refused);
        let call = json!({"name": "answer", "arguments": {"model": "answer-1"}});
        models.expert("<tools>", says(&format!("<tool_call>{call}</tool_call>")));
        models.expert("Problem:", says("Seven."));
    };
    for refused in [unparsed(), older()] {
        expect(Some(refused));
        assert_eq!(stack.client.question("How many?").await.answer(), "Seven.");
        models.orchestrator([says("Eight.")]);
        assert_eq!(stack.client.question("And now?").await.answer(), "Eight.");
    }
    for refused in [Some(unparsed()), Some(unparsed()), None] {
        expect(refused);
        assert_eq!(stack.client.question("And then?").await.answer(), "Seven.");
    }
    models.assert_spent();
}

#[tokio::test]
async fn a_model_whose_server_keeps_failing_is_left_alone_for_a_while() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let broken = || json_body(500, &json!({"error": {"message": "out of memory"}}));
    for _ in 0..5 {
        models.orchestrator([broken()]);
        let told = stack.client.question("How many?").await;
        assert_eq!(told.of("error")[0]["error"]["code"], "model_error");
    }
    let told = stack.client.question("How many?").await;
    let error = &told.of("error")[0]["error"];
    assert_eq!(error["code"], "model_failing");
    assert!(error["remedy"].to_string().contains("QWEN_API_URL"));
    assert_eq!(models.asked_of_orchestrator().len(), 5);
    models.assert_spent();
}

#[tokio::test]
async fn a_part_that_is_refused_costs_no_try_whether_by_status_or_in_a_stream() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let busy = || Script::Plain {
        status: 503,
        headers: vec![("retry-after-ms", "1".to_owned())],
        body: json!({"error": {"message": "overloaded"}})
            .to_string()
            .into(),
    };
    let renamed = json!({"error": {
        "message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "type": "invalid_request_error", "param": "max_tokens", "code": "unsupported_parameter",
    }});
    models.orchestrator([
        busy(),
        refusal(
            400,
            "Unsupported value: 'temperature' does not support 0 with this model.",
        ),
        busy(),
        unfinished([Part::Frame(renamed)]),
        says("Seven."),
    ]);
    let told = stack.client.question("How many?").await;
    assert_eq!(told.answer(), "Seven.");
    assert_eq!(told.of("retry"), [] as [Value; 0]);
    models.assert_spent();
    let asked = models.asked_of_orchestrator();
    let last = asked.last().unwrap();
    assert_eq!(last["max_completion_tokens"], 4096);
    assert_eq!(
        (last.get("temperature"), last.get("max_tokens")),
        (None, None)
    );
    let same = |request: &Value| (request["messages"].clone(), request["tools"].clone());
    assert!(asked.iter().all(|request| same(request) == same(last)));
}

#[tokio::test]
async fn a_part_that_is_refused_again_and_again_is_told_as_the_server_words_it() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let refused = || refusal(400, "Unsupported parameter: 'temperature'");
    models.orchestrator([refused(), refused()]);
    let told = stack.client.question("How many?").await;
    let error = &told.of("error")[0]["error"];
    assert_eq!(error["code"], "model_error");
    assert!(
        error["message"]
            .to_string()
            .contains("Unsupported parameter: 'temperature'"),
        "{error}"
    );
    models.assert_spent();
}
