//! Chains on whole stacks: a model writes a query or a program and the tool gets it, as the catalogue for Orchestrator-8B has them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Map, Value, json};
use tests::client::Client;
use tests::duckduckgo::{DuckDuckGo, article};
use tests::gate::Gate;
use tests::loopback::Served;
use tests::model_server::ModelServer;
use tests::script::{call, calls, says};
use tests::stack::Setup;
use tests::story::Told;
use tests::stream::Frame;
use tests::table::Table;
use tests::wait::within;
use tool::{Request, Response};

const QUESTION: &str = "How many people live in Tokyo?";

fn toolorchestra() -> Value {
    serde_json::from_str(include_str!("../../catalogs/toolorchestra.json")).unwrap()
}

/// All its models at one scripted server.
fn setup(catalog: &Value, models: &ModelServer) -> Setup {
    let setup = Setup::with_catalog(catalog).models(models);
    setup.model("orchestrator", models.address())
}

fn by(tool: &str, model: &str) -> tests::script::Script {
    calls([call(tool, json!({"model": model}))])
}

fn result_of(told: &Told, call_id: &str) -> Value {
    let results = told.of("tool_result");
    let found = results.into_iter().find(|it| it["call_id"] == call_id);
    found.unwrap_or_else(|| panic!("no result of {call_id}"))
}

/// The question of the orchestrator, request by request.
fn asked(models: &ModelServer) -> Vec<String> {
    let requests = models.asked_of_orchestrator().into_iter();
    let question = |request: Value| {
        let messages = request["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 2, "two messages, made anew each round");
        messages[1]["content"].as_str().unwrap().to_owned()
    };
    requests.map(question).collect()
}

const PROGRAM: &str = "print('density', 14_000_000 // 2_194)";

#[tokio::test]
async fn a_run_as_the_model_was_trained_searches_computes_and_answers() {
    let models = ModelServer::start().await;
    let page = article(
        "Tokyo",
        "Tokyo has 14 million people.",
        "https://example.org/tokyo",
    );
    let search = DuckDuckGo::saying(&page).await;
    let stack = setup(&toolorchestra(), &models).search(&search);
    let stack = stack.start().await;
    models.orchestrator([
        by("search", "search-2"),
        by("enhance_reasoning", "reasoner-1"),
        by("answer", "answer-3"),
    ]);
    models.expert(
        "between <query> and </query>",
        says("It changes. <query>Tokyo population</query>"),
    );
    let written =
        format!("It divides.\n```python\nprint(0)\n```\nNo:\n```python\n{PROGRAM}\n```\n");
    models.expert("between ```python and ```", says(&written));
    models.expert("You write the final answer", says("14 million."));
    let told = stack.client.question(QUESTION).await;
    tests::laws::check(&told.frames);
    assert_eq!(told.answer(), "14 million.");
    assert_eq!(search.queries(), ["Tokyo population"]);
    assert_eq!(told.tools_used(), ["search", "enhance_reasoning", "answer"]);

    let found = result_of(&told, "r1.1");
    let inner = result_of(&told, "r1.3");
    assert_eq!(found["ok"], true);
    assert_eq!(found["result"], inner["result"], "its query stands there");
    assert_eq!(found["result"]["query"], "Tokyo population");
    assert!(found["usage"].is_null(), "its steps tell what they took");
    let ran = result_of(&told, "r2.1");
    assert_eq!(ran["result"]["code"], PROGRAM);
    assert_eq!(ran["result"]["stdout"], "density 6381\n");
    let made = told.of("tool_call").into_iter();
    let made: Vec<_> = made
        .map(|it| {
            json!([
                it["call_id"],
                it["tool"],
                it["model"],
                it["within"],
                it["arguments"]
            ])
        })
        .collect();
    assert_eq!(
        made,
        [
            json!(["r1.1", "search", null, null, {"model": "search-2"}]),
            json!(["r1.2", "search", "phi", "r1.1", {"stage": "writing"}]),
            json!(["r1.3", "web_search", null, "r1.1", {"query": "Tokyo population", "num_results": 5}]),
            json!(["r2.1", "enhance_reasoning", null, null, {"model": "reasoner-1"}]),
            json!(["r2.2", "enhance_reasoning", "qwen", "r2.1", {"stage": "writing"}]),
            json!(["r2.3", "code_interpreter", null, "r2.1", {"code": PROGRAM, "timeout": 30}]),
            json!(["r3.1", "answer", "llama", null, {"model": "answer-3"}]),
        ]
    );
    let sources = &told.of("final_answer")[0]["sources"];
    assert_eq!(sources[0]["url"], "https://example.org/tokyo");
    let by_tool = &told.summary()["by_tool"];
    for tool in [
        "search",
        "web_search",
        "enhance_reasoning",
        "code_interpreter",
    ] {
        assert_eq!(by_tool[tool]["calls"], 1, "{tool}");
    }

    let asked = asked(&models);
    assert_eq!(
        asked[0],
        format!("Problem: {QUESTION}\n\n\n\nChoose an appropriate tool.")
    );
    assert!(
        asked[1].contains("\n\nDocuments:\nDoc 1: search "),
        "{}",
        asked[1]
    );
    let program = format!("\n\n```python\n{PROGRAM}\n```\n\n```output\n");
    assert!(asked[2].contains(&program), "{}", asked[2]);
    let offered = &models.asked_of_orchestrator()[0]["tools"];
    assert_eq!(offered.as_array().unwrap().len(), 3);
    let of_answer = models.asked_of_experts().pop().unwrap()["messages"].to_string();
    assert!(
        of_answer.contains("14 million people") && of_answer.contains("density 6381"),
        "{of_answer}"
    );
    let shown = stack.client.json("/api/config").await;
    let names: Vec<_> = shown["tools"].as_array().unwrap().iter().collect();
    let names: Vec<_> = names
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["enhance_reasoning", "search", "answer"]);
    models.assert_spent();
}

/// A catalogue in which a model writes what `look` gets, with this chain.
fn catalog_with(chain: Value, schema: Value, target: Value) -> Value {
    let mut catalog = toolorchestra();
    let mut tool = catalog["tools"][1].clone();
    tool["target"] = json!({ "chain": chain });
    let look = json!({
        "type": "function",
        "function": {"name": "look", "description": "Looks.", "parameters": schema},
        "target": target, "offered": false, "timeout_ms": 5000, "retry": "safe",
    });
    let answer = catalog["tools"][2].clone();
    catalog["tools"] = json!([tool, answer, look]);
    catalog
}

fn any_text() -> Value {
    json!({"type": "object", "properties": {"text": {"type": "string"}}})
}

fn chain(take: Value, otherwise: &str) -> Value {
    json!({
        "models": {"search-1": "qwen", "search-2": "phi", "search-3": "llama"}, "ask": "Write.", "take": take,
        "max_chars": 30, "otherwise": otherwise, "then": {"tool": "look", "arguments": {"text": "{taken}"}},
    })
}

/// What the tool was called with, where the model wrote this, and how the chain ended.
async fn came_of(written: &str, chain: Value, schema: Value) -> (Vec<Value>, Value) {
    let models = ModelServer::start().await;
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&calls);
    let catalog = catalog_with(chain, schema, json!({"lambda": "look"}));
    let stack = setup(&catalog, &models).tool("look", move |request: Request| {
        seen.lock().unwrap().push(request);
        let result = Map::from_iter([("seen".to_owned(), json!(true))]);
        Response::Ok {
            result,
            artifacts: Vec::new(),
        }
    });
    let stack = stack.start_counted().await;
    models.orchestrator([by("search", "search-1"), by("answer", "answer-1")]);
    models.experts([says(written), says("So.")]);
    let told = stack.client.question(QUESTION).await;
    tests::laws::check(&told.frames);
    assert_eq!(told.answer(), "So.");
    models.assert_spent();
    let calls = calls.lock().unwrap();
    let calls = calls.iter().map(|request| {
        let key = format!("{}/1/1/1", told.run_id);
        assert_eq!(request.idempotency_key, key);
        json!(request.arguments["text"])
    });
    (calls.collect(), result_of(&told, "r1.1")["result"].clone())
}

#[tokio::test]
async fn what_the_model_wrote_decides_what_the_tool_gets() {
    let tag = || json!({"tag": "query"});
    let fence = || json!({"fence": "python"});
    let cases = [
        (
            "<query>first</query> <query>second</query>",
            tag(),
            "fail",
            Some("second"),
        ),
        ("No query.", tag(), "problem", Some(QUESTION)),
        ("<query>four</query>", tag(), "problem", Some(QUESTION)),
        ("<query>four</query>", tag(), "fail", None),
        (
            "<query>far more than thirty characters are here</query>",
            tag(),
            "fail",
            Some("far more than thirty character"),
        ),
        (
            "```python\nprint(7)\n```",
            fence(),
            "fail",
            Some("print(7)"),
        ),
        ("```python\nprint(7)", fence(), "fail", Some("print(7)")),
        ("print(7)", fence(), "fail", None),
        (
            "```python\nprint('far more than thirty characters')\n```",
            fence(),
            "fail",
            None,
        ),
    ];
    for (written, take, otherwise, taken) in cases {
        let name = if take.get("tag").is_some() {
            "query"
        } else {
            "code"
        };
        let (calls, result) = came_of(written, chain(take, otherwise), any_text()).await;
        assert_eq!(calls, taken.into_iter().collect::<Vec<_>>(), "{written}");
        match taken {
            Some(taken) => assert_eq!(result, json!({"seen": true, name: taken}), "{written}"),
            None => assert_eq!(result["error"]["code"], "nothing_taken", "{result}"),
        }
    }
}

#[tokio::test]
async fn what_the_tool_does_not_take_is_not_sent_and_told() {
    let short = json!({"type": "object", "properties": {"text": {"type": "string", "pattern": "^[a-z]+$"}}});
    let mut chain = chain(json!({"tag": "query"}), "fail");
    chain.as_object_mut().unwrap().remove("max_chars");
    let (calls, result) = came_of("<query>Not of small letters</query>", chain, short).await;
    assert_eq!(calls, Vec::<Value>::new());
    assert_eq!(result["error"]["code"], "unfit_arguments");
    let message = result["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("look does not take what qwen wrote: text: expected text that matches"),
        "{message}"
    );
}

/// A file that one program writes is there for the next one, as where the orchestrator calls the interpreter itself.
#[tokio::test]
async fn programs_get_the_files_of_those_before() {
    let models = ModelServer::start().await;
    let stack = setup(&toolorchestra(), &models).start().await;
    models.orchestrator([
        by("enhance_reasoning", "reasoner-1"),
        by("enhance_reasoning", "reasoner-2"),
        by("answer", "answer-1"),
    ]);
    let fenced = |program: &str| says(&format!("```python\n{program}\n```"));
    models.expert("Problem", fenced("open('seven.txt', 'w').write('7')"));
    models.expert("seven.txt", fenced("print(open('seven.txt').read())"));
    models.expert("You write the final answer", says("Seven."));
    let told = stack.client.question(QUESTION).await;
    let first = &result_of(&told, "r1.1")["result"];
    assert_eq!(first["artifacts"][0]["name"], "seven.txt", "{first}");
    let url = first["artifacts"][0]["url"].as_str().unwrap();
    assert_eq!(stack.client.get(url).await.text().await.unwrap(), "7");
    assert_eq!(result_of(&told, "r2.1")["result"]["stdout"], "7\n");
    models.assert_spent();
}

#[tokio::test]
async fn the_first_call_that_can_be_made_is_and_a_reply_without_one_is_told() {
    let models = ModelServer::start().await;
    let stack = setup(&toolorchestra(), &models).start().await;
    models.orchestrator([
        calls([call("telepathy", json!({"model": "x-1"}))]),
        calls([
            call("search", json!({"model": "gpt"})),
            call("enhance_reasoning", json!({"model": "reasoner-2"})),
            call("answer", json!({"model": "answer-1"})),
        ]),
        by("answer", "answer-2"),
    ]);
    models.experts([says("```python\nprint(7)\n```"), says("Seven.")]);
    let told = stack.client.question(QUESTION).await;
    tests::laws::check(&told.frames);
    assert_eq!(told.tools_used(), ["enhance_reasoning", "answer"]);
    let code = |id: &str| result_of(&told, id)["result"]["error"]["code"].clone();
    let codes = ["r1.1", "r2.1", "r2.3"].map(code);
    assert_eq!(
        codes,
        ["unknown_tool", "invalid_arguments", "too_many_calls"]
    );
    let asked = asked(&models);
    let line = "Your last reply called no tool that could be called: ";
    assert!(
        asked[1].contains(line) && asked[1].contains("telepathy"),
        "{}",
        asked[1]
    );
    assert!(asked[1].ends_with("\nChoose an appropriate tool."));
    for others in [&asked[0], &asked[2]] {
        assert!(!others.contains(line), "{others}");
    }
    assert!(!asked[2].contains("too_many_calls"), "{}", asked[2]);
    models.assert_spent();
}

#[tokio::test]
async fn after_two_replies_without_a_call_that_can_be_made_the_answer_is_asked_for() {
    let models = ModelServer::start().await;
    let stack = setup(&toolorchestra(), &models).start().await;
    models.orchestrator([by("search", "gpt"), by("telepathy", "x")]);
    models.experts([says("As far as is known.")]);
    let told = stack.client.question(QUESTION).await;
    assert_eq!(told.answer(), "As far as is known.");
    assert_eq!(told.tools_used(), ["answer"]);
    models.assert_spent();
}

/// Keys of the calls that a tool's server has got; the first is answered once the gate is open.
#[derive(Clone)]
struct Looked {
    keys: Arc<Mutex<Vec<String>>>,
    called: Gate,
    gate: Gate,
}

async fn look(State(looked): State<Looked>, Json(request): Json<Value>) -> Json<Value> {
    let is_first = {
        let mut keys = looked.keys.lock().unwrap();
        keys.push(request["idempotency_key"].as_str().unwrap().to_owned());
        keys.len() == 1
    };
    looked.called.open();
    if is_first {
        looked.gate.pass().await;
    }
    Json(json!({"ok": true, "result": {"seen": request["arguments"]["text"]}}))
}

/// A process is stopped while the tool works: the model is not asked again, and the tool gets the same once more.
#[tokio::test]
async fn a_takeover_repeats_only_the_step_that_had_not_ended() {
    let models = ModelServer::start().await;
    let looked = Looked {
        keys: Arc::default(),
        called: Gate::shut(),
        gate: Gate::shut(),
    };
    let router = Router::new().route("/", post(look));
    let server = Served::start(router.with_state(looked.clone())).await;
    let target = json!({"http": {"url": format!("{}/", server.address)}});
    let catalog = catalog_with(chain(json!({"tag": "query"}), "fail"), any_text(), target);
    let table = Table::start().await;
    let lease = Duration::from_secs(15);
    let process = || setup(&catalog, &models).lease(lease).process(&table);
    let (app, services) = process();
    let first = Served::start(app).await;
    models.orchestrator([by("search", "search-1"), by("answer", "answer-1")]);
    models.experts([says("<query>Tokyo</query>"), says("So.")]);
    let client = Client::new(&first.address);
    let mut events = client.start(&json!({"query": QUESTION})).await;
    let run_id = events.run_id.clone();
    let is_called = |frame: &Frame| frame.event() == "tool_call" && frame.data["tool"] == "look";
    let seen = events.until(is_called).await;
    within("the tool to be called", looked.called.pass()).await;
    services.stop().await;
    drop(events);
    let (app, _services) = process();
    let second = Served::start(app).await;
    let last = seen.iter().filter_map(|it| it.id).next_back().unwrap();
    let after = Client::new(&second.address).events(&run_id, last).await;
    let told = after.told_after(seen).await;
    tests::laws::check(&told.frames);
    let retried = told.of("retry").into_iter();
    let retried: Vec<_> = retried.map(|it| it["call_id"].clone()).collect();
    assert_eq!(retried, ["r1.3"], "what had ended is not asked for again");
    let result = result_of(&told, "r1.1")["result"].clone();
    assert_eq!(result, json!({"seen": "Tokyo", "query": "Tokyo"}));
    let key = format!("{run_id}/1/1/1");
    assert_eq!(*looked.keys.lock().unwrap(), [key.clone(), key]);
    models.assert_spent();
}
