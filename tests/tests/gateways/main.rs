//! Whole runs through gateways that refuse what they do not take: five rounds with parallel calls, a failed call, an invented tool
//! and a last round, and a follow-up.

mod refused;

use refused::{refused, say};
use serde_json::{Value, json};
use tests::gateway::{Gateway, Strictness};
use tests::model_server::KEY;
use tests::script::{Script, answer, call, calls, finish, json_body, says, sse, text, usage};
use tests::stack::Setup;

const ORCHESTRATOR: &str = "qwen2.5-7b-instruct";

/// What a gateway teaches, by who is asked: the orchestrator's model, which is an expert too, and another expert.
const fn lessons(strictness: Strictness) -> (&'static [&'static str], &'static [&'static str]) {
    match strictness {
        Strictness::Mistral | Strictness::Anthropic => (
            &["stream_options", "temperature"],
            &["stream_options", "temperature"],
        ),
        Strictness::Bedrock => (
            &["stream_options", "max_tokens", "content"],
            &["stream_options", "max_tokens"],
        ),
        Strictness::Gemini => (&["additionalProperties", "thought_signature"], &[]),
        Strictness::Azure => (
            &["max_tokens", "temperature"],
            &["max_tokens", "temperature"],
        ),
        Strictness::Groq => (
            &["stream_options", "max_tokens"],
            &["stream_options", "max_tokens"],
        ),
        Strictness::DashScope => (&["search"], &[]),
        Strictness::Template => (&["system", "tools", "response_format"], &["system"]),
        Strictness::Unverified => (&["stream"], &["stream"]),
    }
}

/// A call as a model writes it that gets its tools in words.
fn written(name: &str, arguments: &Value) -> Script {
    let call = json!({"name": name, "arguments": arguments});
    says(&format!("I go on.\n<tool_call>\n{call}\n</tool_call>"))
}

/// Five rounds of the orchestrator.
fn rounds(in_text: bool) -> Vec<Script> {
    let reason = |model: &str, what: &str| json!({"model": model, "problem": what});
    let first = calls([
        call("enhance_reasoning", reason("reasoner-1", "Part one")),
        call("enhance_reasoning", reason("reasoner-2", "Part two")),
    ]);
    if in_text {
        return vec![
            first,
            written("search", &json!({"query": "seven"})),
            written("calendar.events.move", &json!({"at": 7})),
            written("enhance_reasoning", &reason("reasoner-2", "Part three")),
            written("answer", &json!({"model": "answer-1"})),
        ];
    }
    vec![
        first,
        sse([
            text("Let me look."),
            call("search", json!({"query": "seven"})),
            finish("tool_calls"),
            usage(10, 5),
        ]),
        calls([
            call("calendar.events.move", json!({"at": 7})),
            call("code_interpreter", json!({"code": "print(3 + 4)"})),
        ]),
        calls([call(
            "enhance_reasoning",
            reason("reasoner-2", "Part three"),
        )]),
        calls([answer("answer-1")]),
    ]
}

#[tokio::test]
async fn whole_runs_pass_every_gateway_and_what_one_refuses_is_learned_once() {
    for strictness in Strictness::ALL {
        let gateway = Gateway::start(strictness).await;
        let stack = Setup::with_models_at(&gateway.address()).start().await;
        let config = stack.client.json("/api/config").await;
        let models = config["models"].as_array().unwrap();
        assert!(
            models.iter().all(|model| model["available"] == true),
            "{models:?}"
        );
        let in_text = strictness == Strictness::Template;
        gateway.orchestrator(rounds(in_text));
        gateway.experts(["One.", "Two.", "Three.", "Seven."].map(says));
        let body =
            json!({"query": "How many?", "max_rounds": 5, "temperature": 1.8, "max_tokens": 2048});
        let told = stack.client.ask(&body).await;
        assert_eq!(
            told.status(),
            "completed",
            "{strictness:?}: {:?}",
            told.of("error")
        );
        assert_eq!(told.answer(), "Seven.");
        assert_eq!(told.summary()["total_rounds"], 5);
        let failed = told
            .of("tool_result")
            .into_iter()
            .filter(|it| it["ok"] == false);
        let failed: Vec<_> = failed.map(|it| it["tool"].clone()).collect();
        assert_eq!(failed, ["search", "calendar.events.move"], "{strictness:?}");

        let taught = gateway.taught();
        let (of_orchestrator, of_expert) = lessons(strictness);
        let mut mine: Vec<_> = taught
            .iter()
            .map(|(model, field)| (model == ORCHESTRATOR, field.as_str()))
            .collect();
        let mut expected: Vec<_> = of_orchestrator
            .iter()
            .map(|field| (true, *field))
            .chain(of_expert.iter().map(|field| (false, *field)))
            .collect();
        mine.sort_unstable();
        expected.sort_unstable();
        assert_eq!(mine, expected, "{strictness:?}");

        // The follow-up teaches nothing any more.
        if in_text {
            gateway.orchestrator([written("answer", &json!({"model": "answer-2"}))]);
        } else {
            gateway.orchestrator([calls([answer("answer-2")])]);
        }
        gateway.experts([says("Eight.")]);
        let body =
            json!({"query": "And one more?", "previous_run_id": told.run_id, "temperature": 1.8});
        let told = stack.client.ask(&body).await;
        assert_eq!(
            (told.status(), told.answer()),
            ("completed", "Eight."),
            "{strictness:?}"
        );
        assert_eq!(gateway.taught(), taught, "{strictness:?}");
        let asked = gateway.accepted();
        let follow_up = asked[asked.len() - 2]["messages"].to_string();
        for earlier in ["How many?", "Seven.", "And one more?"] {
            assert!(follow_up.contains(earlier), "{strictness:?}: {follow_up}");
        }
        gateway.assert_spent();
    }
}

#[tokio::test]
async fn gateways_refuse_what_was_sent_before_in_their_words() {
    let http = host::http::direct_client().unwrap();
    for strictness in Strictness::ALL {
        let gateway = Gateway::start(strictness).await;
        let (path, query) = strictness.base();
        let address = gateway
            .address()
            .replace(path, &format!("{path}/chat/completions"));
        assert!(address.contains(query));
        let ask = async |messages: &[Value]| {
            let tool = json!({"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}});
            let limit = if strictness == Strictness::Azure {
                "max_completion_tokens"
            } else {
                "max_tokens"
            };
            let mut body =
                json!({"model": "m", "messages": messages, "tools": [tool], "stream": true});
            body[limit] = 10.into();
            let request = http.post(&address).body(body.to_string());
            let request = match strictness {
                Strictness::Azure => request.header("api-key", KEY),
                _ => request.bearer_auth(KEY),
            };
            request.send().await.unwrap().text().await.unwrap()
        };
        for (messages, by) in refused() {
            let said = ask(&messages).await;
            for (_, words) in by.iter().filter(|(who, _)| *who == strictness) {
                assert!(said.contains(words), "{strictness:?}: {said}");
            }
        }
        let good = [say("user", "u")];
        assert!(
            ask(&good).await.contains("nothing is written down"),
            "{strictness:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_asked_for_whole_replies() {
    let gateway = Gateway::start(Strictness::Unverified).await;
    let stack = Setup::with_models_at(&gateway.address()).start().await;
    let whole = |message: Value, reason: &str| {
        let choice = json!({"index": 0, "message": message, "finish_reason": reason});
        let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15});
        json_body(
            200,
            &json!({"object": "chat.completion", "choices": [choice], "usage": usage}),
        )
    };
    let function = json!({"name": "answer", "arguments": "{\"model\": \"answer-1\"}"});
    let call = json!({"id": "call_1", "type": "function", "function": function});
    let asks = json!({"role": "assistant", "content": null, "tool_calls": [call]});
    gateway.orchestrator([whole(asks, "tool_calls")]);
    gateway.experts([whole(say("assistant", "Seven."), "stop")]);
    let told = stack.client.question("How many?").await;
    assert_eq!((told.status(), told.answer()), ("completed", "Seven."));
    let taught = [(ORCHESTRATOR.to_owned(), "stream".to_owned())];
    assert_eq!(gateway.taught(), taught);
    gateway.assert_spent();
}

#[tokio::test]
async fn calls_side_by_side_may_both_be_refused_and_both_go_on() {
    let gateway = Gateway::start(Strictness::Anthropic).await;
    let stack = Setup::with_models_at(&gateway.address()).start().await;
    let reason = |what: &str| {
        let arguments = json!({"model": "reasoner-2", "problem": what});
        call("enhance_reasoning", arguments)
    };
    gateway.orchestrator([
        calls(["One?", "Two?", "Three?", "Four?"].map(reason)),
        calls([answer("answer-1")]),
    ]);
    gateway.experts(["One.", "Two.", "Three.", "Four.", "Seven."].map(says));
    let told = stack
        .client
        .ask(&json!({"query": "How many?", "temperature": 1.8}))
        .await;
    assert_eq!((told.status(), told.answer()), ("completed", "Seven."));
    assert!(told.of("tool_result").iter().all(|it| it["ok"] == true));
    gateway.assert_spent();
}

#[tokio::test]
async fn a_tool_whose_name_a_gateway_keeps_is_called_by_an_alias() {
    let gateway = Gateway::start(Strictness::DashScope).await;
    let stack = Setup::with_models_at(&gateway.address()).start().await;
    gateway.orchestrator([
        calls([call("web_search", json!({"query": "seven"}))]),
        calls([answer("answer-1")]),
    ]);
    gateway.experts([says("Seven.")]);
    let told = stack.client.question("How many?").await;
    assert_eq!((told.status(), told.answer()), ("completed", "Seven."));
    let called = told.of("tool_call");
    let called: Vec<_> = called.iter().map(|it| it["tool"].as_str()).collect();
    assert_eq!(called, [Some("search"), Some("answer")]);
    let asked = gateway.accepted();
    let calls = asked[1]["messages"].as_array().unwrap().iter();
    let names: Vec<_> = calls
        .filter_map(|message| message.pointer("/tool_calls/0/function/name"))
        .collect();
    assert_eq!(names, ["web_search"]);
    gateway.assert_spent();
}
