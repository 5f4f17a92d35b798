//! Models behind a server that does not show them tools, as most people meet a small model: the run goes on by a schema, or by text
//! where the server keeps no reply to one, and everybody is told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tests::loopback::Served;
use tests::model_server::perform;
use tests::script::{Part, Script, finish, json_body, says, sse, text, usage};
use tests::stack::Setup;
use tests::story::Told;

const SCHEMA: &str = "This server hides tools from the model; asked by schema instead.";
const NO_SCHEMA: &str = "This server hides tools from the model and does not keep replies to a schema; calls are read from the \
                         text instead.";

/// What a server does with the schema of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeps {
    Schema,
    /// And writes a fence around the JSON.
    Fenced,
    Nothing,
    Refuses,
    /// Writes blanks up to its limit.
    Blanks,
    /// Tells the JSON as a thought.
    InThought,
    /// Writes the answer itself.
    Answer,
    /// Refuses one under its own name, as `llama-cpp-python` does, and keeps to one beside the type of objects.
    OfObject,
}

/// What a server tells of tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tells {
    /// As llama.cpp does.
    Props,
    /// As Ollama does.
    Show,
    /// Nothing but how many tokens it was sent.
    Count,
    Nothing,
}

/// A server that leaves tools out without a word.
#[derive(Clone)]
struct Deaf {
    keeps: Keeps,
    tells: Tells,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Deaf {
    fn new(tells: Tells, keeps: Keeps) -> Self {
        Self {
            keeps,
            tells,
            asked: Arc::default(),
        }
    }

    async fn serve(&self) -> Served {
        let router = Router::new()
            .route(
                "/v1/models",
                get(async || Json(json!({"data": [{"id": "small"}]}))),
            )
            .route("/v1/chat/completions", post(chat))
            .route("/props", get(props))
            .route("/api/version", get(version))
            .route("/api/show", post(show))
            .with_state(self.clone());
        Served::start(router).await
    }

    fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }

    /// The requests for decisions by a schema.
    fn schemas(&self) -> Vec<Value> {
        let asked = self.asked();
        let schemas = asked.iter().filter_map(|it| it.get("response_format"));
        schemas.cloned().collect()
    }

    fn reply(&self, request: &Value) -> Script {
        let told = request["messages"].to_string();
        let has = |field: &str| request.get(field).is_some();
        let knows = told.contains("<tool_response>") || told.contains("<attempt>");
        if has("response_format") {
            return self.decide(knows, &request["response_format"]);
        }
        if has("tools") {
            let tokens = match self.tells {
                Tells::Count => u64::try_from(told.len() / 4).unwrap(),
                Tells::Props | Tells::Show | Tells::Nothing => 10,
            };
            return sse([text("Paris, I guess."), finish("stop"), usage(tokens, 5)]);
        }
        if told.contains("<tools>") {
            let call = json!({"name": "answer", "arguments": {"model": "answer-1"}});
            return says(&format!("<tool_call>{call}</tool_call>"));
        }
        if told.contains("step by step") {
            says("Six times seven.")
        } else {
            says("Forty-two.")
        }
    }

    fn decide(&self, knows: bool, form: &Value) -> Script {
        let call = if knows {
            json!({"name": "answer", "arguments": {"model": "answer-1", "problem": null}})
        } else {
            let arguments =
                json!({"model": "reasoner-1", "problem": "6 * 7", "reasoning_focus": null});
            json!({"name": "enhance_reasoning", "arguments": arguments})
        };
        let decision = json!({"reason": "It has to be reckoned.", "call": call}).to_string();
        let each = |told: &str| {
            told.chars()
                .map(|c| text(&c.to_string()))
                .collect::<Vec<_>>()
        };
        let ended = |parts: Vec<Part>| sse(parts.into_iter().chain([finish("stop"), usage(10, 5)]));
        match self.keeps {
            Keeps::OfObject if form["type"] != "json_object" || !form["schema"].is_object() => {
                let message = "[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text' \
                               or 'json_object'\", 'input': 'json_schema', 'ctx': {'expected': \"'text' or 'json_object'\"}}]";
                let error = json!({"message": message, "type": "internal_server_error", "param": null, "code": null});
                json_body(500, &json!({"error": error}))
            }
            Keeps::Schema | Keeps::OfObject => ended(each(&decision)),
            Keeps::Fenced => ended(each(&format!("```json\n{decision}\n```"))),
            Keeps::Nothing => says("I would reckon it."),
            Keeps::Refuses => json_body(
                400,
                &json!({"error": {"message": "failed to parse grammar", "type": "invalid_request_error", "code": 400}}),
            ),
            Keeps::Blanks => {
                let blanks = std::iter::repeat_n(text("\n    \t"), 200);
                sse([text("{\"reason\": \"So\",")]
                    .into_iter()
                    .chain(blanks)
                    .chain([finish("length")]))
            }
            Keeps::InThought => ended(vec![Part::Reasoning(decision)]),
            Keeps::Answer => {
                let call = json!({"name": "answer_in_text", "text": "It is \"42\":\n42 😀"});
                ended(each(&json!({"reason": "Known.", "call": call}).to_string()))
            }
        }
    }
}

async fn chat(State(server): State<Deaf>, Json(request): Json<Value>) -> Response {
    server.asked.lock().unwrap().push(request.clone());
    perform(server.reply(&request)).await
}

async fn props(State(server): State<Deaf>) -> Response {
    match server.tells {
        Tells::Props => {
            let caps = json!({"supports_tools": false, "supports_tool_calls": false, "supports_system_role": true});
            Json(json!({"chat_template_caps": caps, "total_slots": 1})).into_response()
        }
        Tells::Show | Tells::Count | Tells::Nothing => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn version(State(server): State<Deaf>) -> Response {
    match server.tells {
        Tells::Show => Json(json!({"version": "0.33.0"})).into_response(),
        Tells::Props | Tells::Count | Tells::Nothing => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn show(State(server): State<Deaf>) -> Response {
    match server.tells {
        Tells::Show => {
            let shown = json!({"details": {"family": "llama"}, "capabilities": ["completion"]});
            Json(shown).into_response()
        }
        Tells::Props | Tells::Count | Tells::Nothing => StatusCode::NOT_FOUND.into_response(),
    }
}

fn setup(served: &Served, orchestrator: Value) -> Setup {
    let mut catalog: Value = serde_json::from_str(include_str!("../../tools_config.json")).unwrap();
    catalog["orchestrator"] = orchestrator;
    let models = ["qwen", "phi", "llama"].into_iter();
    models.fold(Setup::with_catalog(&catalog), |setup, id| {
        setup.model(id, &served.address)
    })
}

/// What each decision was asked by; absent where that was natively.
fn asked_by(told: &Told) -> Vec<Value> {
    let decisions = told.of("round_decided");
    decisions.iter().map(|it| it["asked_by"].clone()).collect()
}

/// No request has tools and a schema, and no watcher saw JSON of a decision.
fn assert_clean(server: &Deaf, told: &Told) {
    for request in server.asked() {
        let has = |field: &str| request.get(field).is_some();
        assert!(!(has("tools") && has("response_format")), "{request}");
    }
    for delta in told.of("delta") {
        let content = delta["content"].as_str().unwrap();
        assert!(!content.contains(['{', '}']), "{content}");
    }
}

#[tokio::test]
async fn a_run_goes_on_by_schema_whatever_tells_that_tools_are_hidden() {
    for tells in [Tells::Props, Tells::Show, Tells::Count] {
        for keeps in [Keeps::Schema, Keeps::Fenced, Keeps::InThought] {
            let server = Deaf::new(tells, keeps);
            let served = server.serve().await;
            let stack = setup(&served, json!({"model": "qwen", "prompt": "chat"}))
                .start()
                .await;
            let told = stack.client.question("What is six times seven?").await;
            let case = format!("{tells:?} {keeps:?}");
            assert_eq!(told.answer(), "Forty-two.", "{case}");
            assert_eq!(told.summary()["status"], "completed", "{case}");
            assert_eq!(
                told.summary()["tools_used"],
                json!(["enhance_reasoning", "answer"]),
                "{case}"
            );
            assert_eq!(asked_by(&told), ["schema", "schema"], "{case}");
            let thoughts = told.of("orchestrator_thinking");
            assert_eq!(thoughts[0]["content"], "It has to be reckoned.", "{case}");
            assert_clean(&server, &told);
            // The schema is the same in all rounds, but the last.
            let schemas = server.schemas();
            assert_eq!(schemas.len(), 2, "{case}");
            assert_eq!(schemas[0].to_string(), schemas[1].to_string(), "{case}");
            let config = stack.client.json("/api/config").await;
            assert_eq!(config["orchestrator"]["calls"], "schema", "{case}");
            assert_eq!(config["orchestrator"]["calls_reason"], SCHEMA, "{case}");
            // It is known from then on.
            let before = server.asked().len();
            stack.client.question("And now?").await;
            let natively = server.asked()[before..]
                .iter()
                .any(|it| it.get("tools").is_some());
            assert!(!natively, "{case}");
        }
    }
}

#[tokio::test]
async fn a_server_that_takes_no_schema_under_its_name_is_asked_by_one_beside_the_type_of_objects() {
    let server = Deaf::new(Tells::Props, Keeps::OfObject);
    let served = server.serve().await;
    let stack = setup(&served, json!({"model": "qwen", "prompt": "chat"}))
        .start()
        .await;
    let told = stack.client.question("What is six times seven?").await;
    assert_eq!(told.answer(), "Forty-two.");
    assert_eq!(asked_by(&told), ["schema", "schema"]);
    assert_eq!(told.of("retry"), [] as [Value; 0], "nothing was shown");
    assert_clean(&server, &told);
    let forms = |schemas: &[Value]| -> Vec<String> {
        let kinds = schemas.iter().map(|it| it["type"].as_str().unwrap());
        kinds.map(str::to_owned).collect()
    };
    let schemas = server.schemas();
    assert_eq!(
        forms(&schemas),
        ["json_schema", "json_object", "json_object"]
    );
    assert_eq!(schemas[0]["json_schema"]["schema"], schemas[1]["schema"]);
    let config = stack.client.json("/api/config").await;
    assert_eq!(config["orchestrator"]["calls"], "schema");
    // It is known from then on.
    stack.client.question("And now?").await;
    assert_eq!(
        forms(&server.schemas()[3..]),
        ["json_object", "json_object"]
    );
}

#[tokio::test]
async fn a_text_without_tools_is_taken_back_and_its_tokens_are_kept() {
    let server = Deaf::new(Tells::Count, Keeps::Schema);
    let served = server.serve().await;
    let stack = setup(&served, json!({"model": "qwen", "prompt": "chat"}))
        .start()
        .await;
    let told = stack.client.question("What is six times seven?").await;
    let [retry] = &told.of("retry")[..] else {
        panic!("one attempt was void: {:?}", told.of("retry"));
    };
    assert_eq!(retry["call_id"], "r1.orchestrator");
    let reason = "the model was not shown its tools, and is asked again with them described";
    assert_eq!(retry["reason"], reason);
    let first = &server.asked()[0];
    let counted = u64::try_from(first["messages"].to_string().len() / 4).unwrap();
    let took = &told.of("round_decided")[0]["usage"]["input_tokens"];
    assert_eq!(took.as_u64(), Some(counted + 10));
}

#[tokio::test]
async fn the_answer_of_a_decision_streams_as_text() {
    let server = Deaf::new(Tells::Props, Keeps::Answer);
    let served = server.serve().await;
    let stack = setup(&served, json!({"model": "qwen", "prompt": "chat"}))
        .start()
        .await;
    let told = stack.client.question("What is six times seven?").await;
    assert_eq!(told.answer(), "It is \"42\":\n42 😀");
    assert_eq!(told.of("final_answer")[0]["call_id"], "r1.orchestrator");
    assert_eq!(told.of("orchestrator_thinking")[0]["content"], "Known.");
    assert_clean(&server, &told);
}

#[tokio::test]
async fn a_server_that_keeps_no_reply_to_a_schema_is_asked_in_text() {
    for (keeps, is_learned) in [
        (Keeps::Nothing, true),
        (Keeps::Refuses, true),
        (Keeps::Blanks, false),
    ] {
        let server = Deaf::new(Tells::Props, keeps);
        let served = server.serve().await;
        let stack = setup(&served, json!({"model": "qwen", "prompt": "chat"}))
            .start()
            .await;
        let told = stack.client.question("What is six times seven?").await;
        assert_eq!(told.answer(), "Forty-two.", "{keeps:?}");
        assert_eq!(asked_by(&told), ["text"], "{keeps:?}");
        assert_eq!(
            told.of("retry"),
            [] as [Value; 0],
            "nothing was shown: {keeps:?}"
        );
        assert_clean(&server, &told);
        assert_eq!(server.schemas().len(), 1, "{keeps:?}");
        let config = stack.client.json("/api/config").await;
        let (calls, reason) = if is_learned {
            ("text", NO_SCHEMA)
        } else {
            ("schema", SCHEMA)
        };
        assert_eq!(config["orchestrator"]["calls"], calls, "{keeps:?}");
        assert_eq!(config["orchestrator"]["calls_reason"], reason, "{keeps:?}");
        stack.client.question("And now?").await;
        let again = if is_learned { 1 } else { 2 };
        assert_eq!(server.schemas().len(), again, "{keeps:?}");
    }
}

#[tokio::test]
async fn the_catalogue_says_how_calls_are_asked_for() {
    for (calls, by, answer) in [
        ("native", Value::Null, "Paris, I guess."),
        ("schema", json!("schema"), "Forty-two."),
        ("text", json!("text"), "Forty-two."),
    ] {
        let server = Deaf::new(Tells::Props, Keeps::Schema);
        let served = server.serve().await;
        let orchestrator = json!({"model": "qwen", "prompt": "chat", "calls": calls});
        let stack = setup(&served, orchestrator).start().await;
        let told = stack.client.question("What is six times seven?").await;
        assert_eq!(told.answer(), answer, "{calls}");
        assert_eq!(asked_by(&told)[0], by, "{calls}");
        let config = stack.client.json("/api/config").await;
        assert_eq!(config["orchestrator"]["calls"], calls);
        assert_eq!(
            config["orchestrator"]["calls_reason"],
            Value::Null,
            "{calls}"
        );
    }
}

#[tokio::test]
async fn a_server_that_tells_nothing_is_taken_at_its_word() {
    let server = Deaf::new(Tells::Nothing, Keeps::Schema);
    let served = server.serve().await;
    let stack = setup(&served, json!({"model": "qwen", "prompt": "chat"}))
        .start()
        .await;
    let told = stack.client.question("What is six times seven?").await;
    assert_eq!(
        told.answer(),
        "Paris, I guess.",
        "a count of 10 is none of this question"
    );
    let config = stack.client.json("/api/config").await;
    assert_eq!(config["orchestrator"]["calls"], "native");
    assert_eq!(config["orchestrator"]["calls_reason"], Value::Null);
}

#[tokio::test]
async fn the_prompt_of_toolorchestra_works_by_schema_and_the_last_round_may_only_answer() {
    let server = Deaf::new(Tells::Props, Keeps::Schema);
    let served = server.serve().await;
    let stack = setup(&served, json!({"model": "qwen", "prompt": "toolorchestra"}))
        .start()
        .await;
    let told = stack
        .client
        .ask(&json!({"query": "What is six times seven?", "max_rounds": 2}))
        .await;
    assert_eq!(told.answer(), "Forty-two.");
    assert_eq!(asked_by(&told), ["schema", "schema"]);
    let names = |format: &Value| -> Vec<Value> {
        let branches = &format["json_schema"]["schema"]["properties"]["call"]["anyOf"];
        let branches = branches.as_array().unwrap().iter();
        branches
            .map(|it| it["properties"]["name"]["const"].clone())
            .collect()
    };
    let schemas = server.schemas();
    assert!(names(&schemas[0]).contains(&json!("search")));
    assert_eq!(names(&schemas[1]), ["answer"]);
}
