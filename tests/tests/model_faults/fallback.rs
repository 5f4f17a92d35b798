//! Who is asked in the place of a model that cannot answer, what is told of it, and who is paid.

use std::time::Duration;

use serde_json::{Value, json};
use tests::client::Client;
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{
    Part, Script, Step, answer, call, calls, finish, gate, json_body, reasoning, says, sse, text,
    unfinished, usage,
};
use tests::stack::Setup;
use tests::story::Told;
use tests::table::Table;

use super::Service;

const CATALOG: &str = include_str!("../../../tools_config.json");

fn down() -> Script {
    json_body(401, &json!({"error": {"message": "Invalid API key"}}))
}

fn too_long() -> Script {
    let error = json!({
        "message": "the request exceeds the available context size", "type": "exceed_context_size_error",
        "code": 400, "n_prompt_tokens": 4500, "n_ctx": 4096,
    });
    json_body(400, &json!({"error": error}))
}

/// A stack of three models, each with a server of its own.
struct Three {
    qwen: ModelServer,
    phi: ModelServer,
    llama: ModelServer,
}

impl Three {
    async fn start() -> Self {
        Self {
            qwen: ModelServer::start().await,
            phi: ModelServer::start().await,
            llama: ModelServer::start().await,
        }
    }

    fn setup(&self, setup: Setup) -> Setup {
        let all = [
            ("qwen", &self.qwen),
            ("phi", &self.phi),
            ("llama", &self.llama),
        ];
        let mut with = setup;
        for (id, server) in all {
            with = with.model(id, server.address());
        }
        with
    }

    fn assert_spent(&self) {
        for server in [&self.qwen, &self.phi, &self.llama] {
            server.assert_spent();
        }
    }
}

/// A service that calls no function of a tool, over a table of its own.
async fn service(setup: Setup) -> (Client, Table, Service) {
    let table = Table::start().await;
    let service = Service::over(&table, setup).await;
    (service.client.clone(), table, service)
}

/// Each attempt after the first: of which call, which, by whom and why.
fn retries(told: &Told) -> Vec<(String, u64, String, String)> {
    let of = |retry: Value| {
        let word = |name: &str| retry[name].as_str().unwrap_or_default().to_owned();
        let attempt = retry["attempt"].as_u64().unwrap_or_default();
        (word("call_id"), attempt, word("model"), word("reason"))
    };
    told.of("retry").into_iter().map(of).collect()
}

fn retry(call: &str, attempt: u64, model: &str, reason: &str) -> (String, u64, String, String) {
    let word = str::to_owned;
    (word(call), attempt, word(model), word(reason))
}

fn tokens(input: u64, output: u64) -> Value {
    json!({"input_tokens": input, "output_tokens": output, "cached_input_tokens": 0, "estimated": false})
}

fn asks_phi() -> Script {
    calls([answer("answer-2")])
}

#[tokio::test]
async fn the_next_model_is_the_one_that_the_caller_prefers_among_those_that_are_allowed() {
    for (preferences, next) in [
        (json!({}), "qwen"),
        (json!({"priority": "quality"}), "qwen"),
        (json!({"priority": "cost"}), "llama"),
        (json!({"models": ["phi", "llama"]}), "llama"),
    ] {
        let three = Three::start().await;
        three.qwen.orchestrator([asks_phi()]);
        three.phi.experts([down()]);
        let other = if next == "qwen" {
            &three.qwen
        } else {
            &three.llama
        };
        other.experts([says("Seven.")]);
        let (client, ..) = &service(three.setup(Setup::new())).await;
        let body = json!({"query": "How many?", "preferences": preferences});
        let told = client.ask(&body).await;
        assert_eq!(told.of("final_answer")[0]["model"], next, "{preferences}");
        let reason = "Phi-4-mini answered 401: Invalid API key";
        assert_eq!(retries(&told), [retry("r1.1", 2, next, reason)]);
        three.assert_spent();
    }
}

#[tokio::test]
async fn the_fastest_of_the_others_is_asked_first_where_time_matters_most_once_that_is_known() {
    let three = Three::start().await;
    let (client, ..) = &service(three.setup(Setup::new())).await;
    // Llama has answered, of Qwen as an expert and of all others nothing is known but that it decides: both have taken their time.
    let held = Gate::shut();
    three.qwen.orchestrator([sse([
        gate(&held),
        call("answer", json!({"model": "answer-3"})),
        finish("tool_calls"),
        usage(10, 5),
    ])]);
    three.llama.experts([says("Seven.")]);
    let events = client.start(&json!({"query": "How many?"})).await;
    three.qwen.received(1).await;
    held.open();
    assert_eq!(events.told().await.answer(), "Seven.");

    three.qwen.orchestrator([asks_phi()]);
    three.phi.experts([down()]);
    three.llama.always(says("Eight."));
    three.qwen.always(says("Eight."));
    let body = json!({"query": "And now?", "preferences": {"priority": "latency"}});
    let told = client.ask(&body).await;
    assert_eq!(told.answer(), "Eight.");
    assert_eq!(retries(&told).len(), 1);
}

#[tokio::test]
async fn each_model_is_paid_for_what_it_took_and_the_call_for_all_of_it() {
    let three = Three::start().await;
    three.qwen.orchestrator([asks_phi()]);
    let broken = || unfinished([text("It is "), usage(100, 20)]);
    three.phi.experts([broken(), broken()]);
    three
        .qwen
        .experts([sse([text("Seven."), finish("stop"), usage(40, 4)])]);
    let (client, ..) = &service(three.setup(Setup::new())).await;
    let told = client.question("How many?").await;
    assert_eq!(told.answer(), "Seven.");
    let broke_off = "Phi-4-mini broke off in the middle of its answer";
    let expected = [
        retry("r1.1", 2, "phi", broke_off),
        retry("r1.1", 3, "qwen", broke_off),
    ];
    assert_eq!(retries(&told), expected);
    for retry in told.of("retry") {
        assert_eq!(retry["usage"], tokens(100, 20));
        assert_eq!(retry["cost_usd"], json!(0.000_012));
    }
    let result = &told.of("tool_result")[0];
    assert_eq!(result["usage"], tokens(240, 44));
    let rows = &told.summary()["by_model"];
    let row = |model: &str| (rows[model]["calls"].clone(), rows[model]["usage"].clone());
    assert_eq!(row("phi"), (json!(1), tokens(200, 40)));
    assert_eq!(row("qwen"), (json!(2), tokens(50, 9)));
    assert_eq!(rows["llama"], Value::Null);
    // A later reader is told the same.
    let snapshot = client.json(&format!("/api/runs/{}", told.run_id)).await;
    assert_eq!(snapshot["summary"], *told.summary());
    let answered = snapshot["rounds"][0]["calls"][0]["result"].clone();
    assert_eq!(answered["model_id"], "qwen");
    three.assert_spent();
}

#[tokio::test]
async fn a_text_that_breaks_off_is_asked_for_again_and_what_was_written_before_is_forgotten() {
    let three = Three::start().await;
    three
        .qwen
        .orchestrator([unfinished([text("It is se")]), says("Seven.")]);
    let (client, ..) = &service(three.setup(Setup::with_fallback(&["phi"]))).await;
    let told = client.question("How many?").await;
    assert_eq!(told.answer(), "Seven.");
    let reason = "Qwen 2.5-7B broke off in the middle of its answer";
    assert_eq!(
        retries(&told),
        [retry("r1.orchestrator", 2, "qwen", reason)]
    );

    // Twice in a call: it is the next one's turn.
    three
        .qwen
        .orchestrator([unfinished([text("It")]), unfinished([text("It is")])]);
    three.phi.orchestrator([says("Eight.")]);
    let told = client.question("And now?").await;
    assert_eq!(
        (told.answer(), &told.of("final_answer")[0]["model"]),
        ("Eight.", &json!("phi"))
    );
    let attempts = [2, 3].map(|attempt| {
        let model = ["qwen", "phi"][usize::try_from(attempt).unwrap() - 2];
        retry("r1.orchestrator", attempt, model, reason)
    });
    assert_eq!(retries(&told), attempts);
    three.assert_spent();
}

#[tokio::test]
async fn a_model_that_could_not_answer_is_not_asked_in_each_round_anew_and_is_when_there_is_nobody_else()
 {
    let three = Three::start().await;
    let code = || calls([call("code_interpreter", json!({"code": "print(7)"}))]);
    three.qwen.orchestrator([down()]);
    three.phi.orchestrator([code(), says("Seven.")]);
    let stack = three.setup(Setup::with_fallback(&["phi"])).start().await;
    let told = stack.client.question("How many?").await;
    assert_eq!(told.answer(), "Seven.");
    let refused = "Qwen 2.5-7B answered 401: Invalid API key";
    let spared = "Qwen 2.5-7B could not answer a moment ago and is left alone for now";
    let expected = [
        retry("r1.orchestrator", 2, "phi", refused),
        retry("r2.orchestrator", 2, "phi", spared),
    ];
    assert_eq!(retries(&told), expected);
    assert_eq!(three.qwen.asked_of_orchestrator().len(), 1);
    // Whoever was not asked is in no total.
    assert_eq!(told.summary()["by_model"]["qwen"]["calls"], 1);

    // As an expert that is all there is it is asked as ever.
    three.phi.orchestrator([calls([answer("answer-1")])]);
    three.qwen.experts([says("Eight.")]);
    let body = json!({"query": "And now?", "preferences": {"models": ["qwen"]}});
    assert_eq!(stack.client.ask(&body).await.answer(), "Eight.");
    // It has answered: the next decision is its own.
    three.qwen.orchestrator([says("Nine.")]);
    let told = stack.client.question("And then?").await;
    assert_eq!((told.answer(), retries(&told).len()), ("Nine.", 0));
    three.assert_spent();
}

#[tokio::test]
async fn where_nobody_answers_there_is_one_error_that_names_all() {
    let three = Three::start().await;
    let broken = || json_body(500, &json!({"error": {"message": "out of memory"}}));
    three.qwen.orchestrator([down()]);
    three.phi.orchestrator([broken()]);
    three.llama.orchestrator([json_body(
        404,
        &json!({"error": {"message": "no such model"}}),
    )]);
    let (client, ..) = &service(three.setup(Setup::with_fallback(&["phi", "llama"]))).await;
    let told = client.question("How many?").await;
    let errors = told.of("error");
    assert_eq!(errors.len(), 1);
    let error = &errors[0]["error"];
    assert_eq!(error["code"], "model_error");
    let message = error["message"].as_str().unwrap();
    let named = "answered 401: Invalid API key. In its place: Phi-4-mini answered 500, Llama 3.2-3B answered 404.";
    assert!(
        message.starts_with("The model Qwen 2.5-7B at "),
        "{message}"
    );
    assert!(message.ends_with(named), "{message}");
    assert!(error["remedy"].as_str().unwrap().contains("QWEN_API_KEY"));
    three.assert_spent();
}

#[tokio::test]
async fn a_question_that_does_not_fit_goes_to_a_larger_model_and_else_is_cut() {
    let three = Three::start().await;
    let (client, ..) = &service(three.setup(Setup::new())).await;
    three.qwen.orchestrator([asks_phi()]);
    three.phi.experts([too_long()]);
    three.qwen.experts([says("Seven.")]);
    let told = client.question("How many?").await;
    assert_eq!(
        (told.answer(), &told.of("final_answer")[0]["model"]),
        ("Seven.", &json!("qwen"))
    );
    // It was too much for this question, and says nothing of the next.
    three.qwen.orchestrator([asks_phi()]);
    three.phi.experts([says("Eight.")]);
    let told = client.question("And now?").await;
    assert_eq!((told.answer(), retries(&told).len()), ("Eight.", 0));

    // The larger one is down: the first one is asked with less.
    three.qwen.orchestrator([asks_phi()]);
    three.phi.experts([too_long(), too_long(), says("Nine.")]);
    three.llama.experts([down()]);
    three.qwen.experts([down()]);
    let told = client.question(&"And then? ".repeat(300)).await;
    assert_eq!(
        (told.answer(), &told.of("final_answer")[0]["model"]),
        ("Nine.", &json!("phi"))
    );
    let asked: Vec<_> = retries(&told)
        .into_iter()
        .map(|(_, _, model, _)| model)
        .collect();
    assert_eq!(asked, ["qwen", "llama", "phi"]);
    three.assert_spent();
}

#[tokio::test]
async fn what_is_refused_by_the_rules_of_one_is_asked_of_nobody_else() {
    let three = Three::start().await;
    let filtered = json!({"error": {"message": "Filtered.", "code": "content_filter"}});
    three.qwen.orchestrator([json_body(400, &filtered)]);
    let (client, ..) = &service(three.setup(Setup::with_fallback(&["phi"]))).await;
    let told = client.question("How many?").await;
    let error = &told.of("error")[0]["error"];
    assert_eq!(
        (&error["code"], retries(&told).len()),
        (&json!("model_error"), 0)
    );
    assert!(
        error["remedy"]
            .as_str()
            .unwrap()
            .starts_with("Ask in other words"),
        "{error}"
    );
    three.assert_spent();
}

#[tokio::test]
async fn no_thought_of_one_model_is_sent_to_another_and_every_call_of_the_history_has_its_result() {
    let three = Three::start().await;
    three.qwen.orchestrator([
        sse([
            reasoning("The secret plan of Qwen."),
            call("code_interpreter", json!({"code": "print(7)"})),
            call("telepathy", json!({})),
            finish("tool_calls"),
            usage(10, 5),
        ]),
        down(),
    ]);
    three.phi.orchestrator([says("Seven.")]);
    let stack = three.setup(Setup::with_fallback(&["phi"])).start().await;
    let told = stack.client.question("How many?").await;
    assert_eq!(told.answer(), "Seven.");
    let asked = three.phi.asked_of_orchestrator()[0].to_string();
    assert!(
        asked.contains("print(7)") && asked.contains("unknown_tool"),
        "{asked}"
    );
    for trace in ["secret plan", "reasoning_content", "reasoning\":"] {
        assert!(!asked.contains(trace), "{asked}");
    }
    // The server refuses calls and results that do not pair, and names that are not its own.
    assert_eq!(
        three.phi.asked_of_orchestrator()[0]["model"],
        "phi-4-mini-instruct"
    );
    three.assert_spent();
}

#[tokio::test]
async fn a_models_own_fallback_comes_after_the_tools_others_and_takes_no_part_in_a_discussion_twice()
 {
    let mut catalog: Value = serde_json::from_str(CATALOG).unwrap();
    catalog["models"]["gemma"] = json!({
        "name": "Gemma", "url_env": "GEMMA_API_URL", "model": "gemma", "context_tokens": 8192,
    });
    catalog["models"]["phi"]["fallback"] = json!(["llama", "gemma"]);
    let three = Three::start().await;
    let gemma = ModelServer::start().await;
    let setup = Setup::with_catalog(&catalog).model("gemma", gemma.address());
    let (client, ..) = &service(three.setup(setup)).await;
    three.qwen.orchestrator([asks_phi()]);
    three.phi.experts([down()]);
    three.qwen.experts([down()]);
    three.llama.experts([down()]);
    gemma.experts([says("Seven.")]);
    let told = client.question("How many?").await;
    assert_eq!(
        (told.answer(), &told.of("final_answer")[0]["model"]),
        ("Seven.", &json!("gemma"))
    );
    let asked: Vec<_> = retries(&told)
        .into_iter()
        .map(|(_, _, model, _)| model)
        .collect();
    assert_eq!(asked, ["qwen", "llama", "gemma"]);
    three.assert_spent();
    gemma.assert_spent();
}

#[tokio::test]
async fn one_model_under_two_ids_is_not_asked_twice_what_it_cannot_answer() {
    let three = Three::start().await;
    let mut catalog: Value = serde_json::from_str(CATALOG).unwrap();
    catalog["models"]["llama"]["model"] = json!("phi-4-mini-instruct");
    let setup = Setup::with_catalog(&catalog)
        .model("qwen", three.qwen.address())
        .model("phi", three.phi.address())
        .model("llama", three.phi.address());
    let (client, ..) = &service(setup).await;
    three
        .qwen
        .orchestrator([asks_phi(), says("I do not know.")]);
    three.phi.experts([down()]);
    let body = json!({"query": "How many?", "preferences": {"models": ["phi", "llama"]}});
    let told = client.ask(&body).await;
    assert_eq!((told.answer(), retries(&told).len()), ("I do not know.", 0));
    three.assert_spent();
}

#[tokio::test]
async fn a_first_choice_without_a_server_is_passed_over_and_that_is_told() {
    let phi = ModelServer::start().await;
    phi.orchestrator([says("Seven.")]);
    let setup = Setup::with_fallback(&["llama", "phi"]).model("phi", phi.address());
    let (client, ..) = &service(setup).await;
    let told = client.question("How many?").await;
    assert_eq!(told.answer(), "Seven.");
    let reason = "the model `qwen` has no server";
    assert_eq!(retries(&told), [retry("r1.orchestrator", 2, "phi", reason)]);
    phi.assert_spent();
}

#[tokio::test]
async fn a_model_that_is_being_loaded_is_waited_for_and_the_watcher_is_told_once() {
    let models = ModelServer::start().await;
    let (client, ..) = &service(Setup::with_models(&models)).await;
    let loading = || {
        json_body(
            503,
            &json!({"error": {"message": "Loading model", "code": 503}}),
        )
    };
    models.orchestrator([loading(), loading(), loading(), says("Seven.")]);
    let told = client.question("How many?").await;
    assert_eq!(told.answer(), "Seven.");
    let reason = "the model is being loaded";
    assert_eq!(
        retries(&told),
        [retry("r1.orchestrator", 2, "qwen", reason)]
    );
    models.assert_spent();
}

#[tokio::test]
async fn a_server_that_says_nothing_at_first_may_be_loading_and_is_told_so_unless_it_has_answered_just_now()
 {
    let models = ModelServer::start().await;
    // It is told after an eighth of this.
    let stack = Setup::with_models(&models)
        .model_idle(Duration::from_secs(16))
        .start()
        .await;
    let held = Gate::shut();
    models.orchestrator([Script::Late(held.clone(), Box::new(says("Seven.")))]);
    let mut events = stack.client.start(&json!({"query": "How many?"})).await;
    let seen = events.until(|frame| frame.event() == "retry").await;
    held.open();
    let told = events.told_after(seen).await;
    assert_eq!(told.answer(), "Seven.");
    let reason = "its server has said nothing yet: the model may be on its way into memory";
    assert_eq!(
        retries(&told),
        [retry("r1.orchestrator", 2, "qwen", reason)]
    );

    // Its model is in memory now: the next time nothing is told.
    let held = Gate::shut();
    models.orchestrator([Script::Late(held.clone(), Box::new(says("Eight.")))]);
    let mut events = stack.client.start(&json!({"query": "And now?"})).await;
    let seen = events.until(|frame| frame.event() == "ping").await;
    held.open();
    let told = events.told_after(seen).await;
    assert_eq!((told.answer(), retries(&told).len()), ("Eight.", 0));
    models.assert_spent();
}

#[tokio::test]
async fn silence_before_the_first_word_trips_no_breaker_as_long_as_the_model_may_be_loading() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models)
        .model_idle(Duration::from_millis(200))
        .start()
        .await;
    for _ in 0..6 {
        models.orchestrator([Script::Silence]);
        let told = stack.client.question("How many?").await;
        assert_eq!(told.of("error")[0]["error"]["code"], "model_timeout");
    }
    models.orchestrator([says("Seven.")]);
    assert_eq!(stack.client.question("And now?").await.answer(), "Seven.");
    models.assert_spent();
}

#[tokio::test]
async fn odd_replies_that_hold_an_answer_are_answers_and_nobody_else_is_asked() {
    use tests::raw_server::{Move, RawServer};

    let chunk = json!({"choices": [{"index": 0, "delta": {"content": "Seven."}}]});
    let body = format!("data: {chunk}\n\ndata: [DONE]\n\n");
    let kind = "content-type: text/event-stream\r\n";
    let replies = [
        format!("HTTP/1.0 200 OK\r\n{kind}\r\n{body}"),
        format!("HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\nHTTP/1.1 200 OK\r\n{kind}\r\n{body}"),
        format!("HTTP/1.1 200\r\n{kind}\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\n{body}"),
        format!("HTTP/1.1 201 Created\r\n{kind}\r\n{body}"),
        format!(
            "HTTP/1.1 200 OK\r\n{kind}transfer-encoding: chunked\r\n\r\n{:x};odd=1\r\n{body}\r\n0\r\nx-more: 1\r\n\r\n",
            body.len()
        ),
    ];
    let whole = |reply: &String| vec![Move::Read, Move::Write(reply.clone().into_bytes())];
    let mut all: Vec<_> = replies.iter().map(whole).collect();
    all.push(vec![
        Move::Read,
        Move::Drip(replies[0].clone().into_bytes()),
    ]);
    for moves in all {
        let raw = RawServer::start(moves.clone()).await;
        let other = ModelServer::start().await;
        let setup = Setup::with_fallback(&["phi"])
            .model("qwen", &format!("http://{}", raw.host))
            .model("phi", other.address());
        let (client, ..) = &service(setup).await;
        let told = client.question("How many?").await;
        assert_eq!(
            (told.answer(), retries(&told).len()),
            ("Seven.", 0),
            "{moves:?}"
        );
        other.assert_spent();
    }
}

#[tokio::test]
async fn a_silent_server_leaves_the_others_half_of_the_time() {
    let mut catalog: Value = serde_json::from_str(CATALOG).unwrap();
    catalog["tools"][1]["timeout_ms"] = json!(3000);
    for silent in [
        Script::Silence,
        unfinished([Part::Step(Step::Silence)]),
        // Signs of life are no answer, where somebody else can give one.
        unfinished([Part::Step(Step::Pings)]),
    ] {
        let three = Three::start().await;
        let (client, ..) = &service(three.setup(Setup::with_catalog(&catalog))).await;
        three.qwen.orchestrator([asks_phi()]);
        three.phi.experts([silent]);
        three.qwen.experts([says("Seven.")]);
        let told = client.question("How many?").await;
        assert_eq!(
            (told.answer(), &told.of("final_answer")[0]["model"]),
            ("Seven.", &json!("qwen"))
        );
        three.assert_spent();
    }
}

#[tokio::test]
async fn one_call_sends_no_more_questions_than_it_may() {
    let mut catalog: Value = serde_json::from_str(CATALOG).unwrap();
    let mut others = Vec::new();
    for number in 1..=5 {
        let id = format!("m{number}");
        catalog["models"][&id] = json!({
            "name": id, "url_env": format!("M{number}_API_URL"), "model": id, "context_tokens": 8192,
        });
        others.push(id);
    }
    catalog["orchestrator"]["fallback"] = json!(others);
    let all = ModelServer::start().await;
    all.always(Script::Plain {
        status: 503,
        headers: vec![("retry-after-ms", "1".to_owned())],
        body: b"{}".to_vec(),
    });
    let mut setup = Setup::with_catalog(&catalog).model("qwen", all.address());
    for id in &others {
        setup = setup.model(id, all.address());
    }
    let (client, ..) = &service(setup).await;
    let told = client.question("How many?").await;
    assert_eq!(told.of("error").len(), 1);
    assert_eq!(all.asked_of_orchestrator().len(), 12);
}
