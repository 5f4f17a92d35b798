//! What models are asked: the tools that a caller allows, the numbers that a caller sets, and a prompt that only grows.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tests::duckduckgo::{DuckDuckGo, article};
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, says};
use tests::stack::Setup;

/// Names of the offered tools, each with the names of models that it may be given.
fn offered(request: &Value) -> Vec<(String, Value)> {
    let tools = request["tools"].as_array().unwrap();
    let read = |tool: &Value| {
        assert_eq!(tool["type"], "function");
        let function = &tool["function"];
        let models = function["parameters"]["properties"]["model"]["enum"].clone();
        (function["name"].as_str().unwrap().to_owned(), models)
    };
    tools.iter().map(read).collect()
}

#[tokio::test]
async fn preferences_narrow_what_the_orchestrator_is_offered() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let reasoners = |names: Value| ("enhance_reasoning".to_owned(), names);
    let answers = |names: Value| ("answer".to_owned(), names);
    let search = ("search".to_owned(), Value::Null);
    let code = ("code_interpreter".to_owned(), Value::Null);
    let pages = ("read_url".to_owned(), Value::Null);
    let discussion = ("discuss".to_owned(), Value::Null);
    let all_reasoners = reasoners(json!(["reasoner-1", "reasoner-2", "reasoner-3"]));
    let all_answers = answers(json!(["answer-1", "answer-2", "answer-3"]));
    let cases = [
        (
            json!({}),
            vec![
                &all_reasoners,
                &all_answers,
                &search,
                &code,
                &pages,
                &discussion,
            ],
        ),
        (
            json!({"models": ["llama", "phi"]}),
            vec![
                &reasoners(json!(["reasoner-2", "reasoner-3"])),
                &answers(json!(["answer-2", "answer-3"])),
                &search,
                &code,
                &pages,
                &discussion,
            ],
        ),
        (
            json!({"tools": {"deny": ["search", "enhance_reasoning"]}}),
            vec![&all_answers, &code, &pages, &discussion],
        ),
        (
            json!({"tools": {"allow": ["search", "answer"]}, "models": ["qwen"]}),
            vec![&answers(json!(["answer-1"])), &search],
        ),
    ]
    .map(|(preferences, tools)| (preferences, tools.into_iter().cloned().collect::<Vec<_>>()));
    for (preferences, expected) in cases {
        models.orchestrator([says("Done.")]);
        let told = stack
            .client
            .ask(&json!({"query": "Go", "preferences": preferences}))
            .await;
        assert_eq!(told.answer(), "Done.");
        let request = models.asked_of_orchestrator().pop().unwrap();
        assert_eq!(offered(&request), expected, "{preferences}");
    }
    models.assert_spent();
}

#[tokio::test]
async fn a_tool_or_model_that_was_not_offered_is_refused_when_it_is_called() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([
        calls([call("search", json!({"query": "x"})), answer("answer-1")]),
        says("Done."),
    ]);
    let preferences = json!({"tools": {"deny": ["search"]}, "models": ["phi"]});
    let told = stack
        .client
        .ask(&json!({"query": "Go", "preferences": preferences}))
        .await;
    let codes: Vec<_> = told
        .of("tool_result")
        .iter()
        .map(|it| it["result"]["error"]["code"].clone())
        .collect();
    assert_eq!(codes, ["unknown_tool", "invalid_arguments"]);
    models.assert_spent();
}

#[tokio::test]
async fn without_any_tool_the_request_has_no_list_of_tools_and_the_text_is_the_answer() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    // The scripted server takes a request without tools for an expert's.
    models.experts([says("Done without.")]);
    let body = json!({"query": "Go", "preferences": {"tools": {"allow": []}}});
    let told = stack.client.ask(&body).await;
    assert_eq!(told.answer(), "Done without.");
    assert_eq!(told.of("final_answer")[0]["call_id"], "r1.orchestrator");
    let request = models.asked_of_experts().pop().unwrap();
    assert_eq!(request.get("tools"), None);
    models.assert_spent();
}

#[tokio::test]
async fn temperature_and_length_are_the_experts_and_not_the_orchestrators() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    for (sent, temperature, max_tokens) in [
        (
            json!({"temperature": 1.25, "max_tokens": 77}),
            json!(1.25),
            json!(77),
        ),
        (json!({}), json!(0.7), json!(512)),
        // Both models have 16,384 tokens: a longer reply would leave no room for what it is about.
        (
            json!({"temperature": 0, "max_tokens": 32_768}),
            json!(0.0),
            json!(8192),
        ),
    ] {
        models.orchestrator([
            calls([call("enhance_reasoning", json!({"model": "reasoner-2"}))]),
            calls([answer("answer-3")]),
        ]);
        models.experts([says("Thought."), says("Done.")]);
        let mut body = json!({"query": "Go"});
        body.as_object_mut()
            .unwrap()
            .extend(sent.as_object().unwrap().clone());
        stack.client.ask(&body).await;

        let experts = models.asked_of_experts();
        let last = experts.split_at(experts.len() - 2).1;
        for (request, model) in last
            .iter()
            .zip(["phi-4-mini-instruct", "llama-3.2-3b-instruct"])
        {
            assert_eq!(request["temperature"], temperature);
            assert_eq!(request["max_tokens"], max_tokens);
            assert_eq!(request["model"], model);
        }
    }
    for request in models.asked_of_orchestrator() {
        assert_eq!(request["temperature"], 0.0);
        assert_eq!(request["max_tokens"], 4096);
        assert_eq!(request["model"], "qwen2.5-7b-instruct");
    }
    models.assert_spent();
}

#[tokio::test]
async fn wishes_in_words_reach_the_orchestrator_and_the_experts() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([calls([answer("answer-1")])]);
    models.experts([says("Done.")]);
    let preferences =
        json!({"instructions": "Answer in the words of a pirate.", "priority": "cost"});
    stack
        .client
        .ask(&json!({"query": "Go", "preferences": preferences}))
        .await;
    let asked = [models.asked_of_orchestrator(), models.asked_of_experts()].concat();
    for request in asked {
        let messages = request["messages"].to_string();
        assert!(
            messages.contains("Answer in the words of a pirate."),
            "{messages}"
        );
    }
    models.assert_spent();
}

/// A request, in its own bytes.
#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    messages: Vec<&'a RawValue>,
    #[serde(borrow)]
    tools: &'a RawValue,
}

/// The bytes of a request up to the end of its last message; and its tools.
fn stable(body: &str) -> (&str, &str) {
    let Raw { messages, tools } = serde_json::from_str(body).unwrap();
    let last = messages.last().unwrap().get();
    let end = body.find(last).unwrap() + last.len();
    (&body[..end], tools.get())
}

/// Holds that each request of the orchestrator begins with the one before it, byte for byte.
fn assert_prefixes(bodies: &[String]) {
    for pair in bodies.windows(2) {
        let ((before, tools), (after, tools_again)) = (stable(&pair[0]), stable(&pair[1]));
        assert_eq!(tools, tools_again, "the tools");
        assert!(before.len() < after.len(), "the conversation grows");
        let pairs = before.bytes().zip(after.bytes());
        let same = pairs.take_while(|(a, b)| a == b).count();
        let (old, new) = (&before[same..], &after[same..]);
        assert!(
            old.is_empty(),
            "from byte {same} on `{old}` came again as `{new}`"
        );
    }
}

#[tokio::test]
async fn successive_requests_of_the_orchestrator_share_a_prefix_byte_for_byte() {
    let models = ModelServer::start().await;
    let found = article("Seven", "There are seven.", "https://example.org/seven");
    let search = DuckDuckGo::saying(&found).await;
    let stack = Setup::with_models(&models).search(&search).start().await;
    let look = |n: u32| call("search", json!({"query": format!("look {n}")}));
    models.orchestrator([
        calls([
            look(1),
            call("enhance_reasoning", json!({"model": "reasoner-1"})),
        ]),
        calls([look(2), call("telepathy", json!({}))]),
        calls([call("code_interpreter", json!({"code": "print('é🦀')"}))]),
        says("Done."),
    ]);
    models.experts([says("Thought.")]);
    stack
        .client
        .ask(&json!({"query": "Go", "max_rounds": 4}))
        .await;
    let requests = models.asked_of_orchestrator();
    assert_eq!(requests.len(), 4);
    assert_prefixes(&models.bodies_of_orchestrator());
    let newest = requests[3]["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(newest["role"], "tool");
    let text = newest["content"].as_str().unwrap();
    assert!(
        text.contains("\n[service] This is the last round"),
        "{text}"
    );
    models.assert_spent();
}

#[tokio::test]
async fn a_long_result_that_has_room_stays_as_it_was_when_others_join_it() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let reason = || calls([call("enhance_reasoning", json!({"model": "reasoner-1"}))]);
    models.orchestrator([reason(), reason(), says("Done.")]);
    models.experts([says(&"All work and no play. ".repeat(1400)), says("Short.")]);
    stack.client.ask(&json!({"query": "Go"})).await;
    assert_prefixes(&models.bodies_of_orchestrator());
    models.assert_spent();
}

#[tokio::test]
async fn a_whole_run_may_be_asked_for_as_in_the_paper() {
    let models = ModelServer::start().await;
    let found = article("Seven", "There are seven.", "https://example.org/seven");
    let search = DuckDuckGo::saying(&found).await;
    let stack = Setup::with_prompt("toolorchestra")
        .models(&models)
        .search(&search);
    let stack = stack.start().await;
    models.orchestrator([
        calls([
            call("search", json!({"query": "seven"})),
            call("enhance_reasoning", json!({"model": "reasoner-1"})),
        ]),
        calls([answer("answer-1")]),
    ]);
    models.experts([says("It must be seven."), says("Seven.")]);
    let told = stack.client.ask(&json!({"query": "How many?"})).await;
    assert_eq!(told.answer(), "Seven.");
    assert_eq!(told.tools_used(), ["search", "enhance_reasoning", "answer"]);
    let requests = models.asked_of_orchestrator();
    assert_eq!(requests.len(), 2);
    for request in &requests {
        let messages = request["messages"].as_array().unwrap();
        let roles: Vec<_> = messages.iter().map(|message| &message["role"]).collect();
        assert_eq!(roles, ["system", "user"]);
        let question = messages[1]["content"].as_str().unwrap();
        assert!(question.starts_with("Problem: How many?"), "{question}");
    }
    let told = requests[1]["messages"][1]["content"].as_str().unwrap();
    for words in [
        "Doc 1: search",
        "There are seven.",
        "<attempt>",
        "It must be seven.",
    ] {
        assert!(told.contains(words), "no {words} in {told}");
    }
    models.assert_spent();
}
