//! A model server that is down, slow or broken: the run says what is wrong and what to do, and never hangs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fallback;
mod faults;
mod places;

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tests::client::Client;
use tests::gate::Gate;
use tests::loopback::{ClosedPort, Served};
use tests::model_server::{KEY, ModelServer};
use tests::raw_server::{Move, RawServer};
use tests::script::{
    Part, Script, Step, call, calls, finish, gate, json_body, plain, reasoning, says, sse, text,
    unfinished, usage,
};
use tests::stack::Setup;
use tests::story::Told;
use tests::table::Table;

use faults::{Reply, echoing_key, raw};

/// How long a silent server is waited for, where one is silent; long enough for the others on a loaded machine.
const IDLE: Duration = Duration::from_secs(2);

/// A server with a fault.
struct Broken {
    address: String,
    server: ModelServer,
    held: Option<Gate>,
    /// It is waited for no longer than the test wants.
    is_slow: bool,
    raw: Option<RawServer>,
    closed: ClosedPort,
}

impl Broken {
    /// In the place of this model, which is asked so often.
    async fn start(id: &str, reply: Reply, tries: usize) -> Self {
        let server = ModelServer::start().await;
        let mut broken = Self {
            address: server.address().to_owned(),
            server,
            held: None,
            is_slow: false,
            raw: None,
            closed: ClosedPort::take(),
        };
        let write_down = |script: &Script, times| {
            for _ in 0..times {
                script_for(&broken.server, id, script.clone());
            }
        };
        match reply {
            Reply::Refused => broken.address.clone_from(&broken.closed.address),
            Reply::Unknown => "http://no-such-host.invalid".clone_into(&mut broken.address),
            Reply::Scripted(script) => write_down(&script, tries),
            Reply::Held(script, gate) => {
                write_down(&script, 1);
                write_down(&unfinished([text("Half ")]), tries - 1);
                broken.held = Some(gate);
            }
            Reply::Silent(script) => {
                write_down(&script, tries);
                broken.is_slow = true;
            }
            Reply::Always(script) => {
                broken.server.always(script);
                broken.is_slow = true;
            }
            Reply::Raw(moves) => {
                broken.is_slow = moves.contains(&Move::Hang);
                let raw = RawServer::start(moves).await;
                broken.address = format!("http://{}", raw.host);
                broken.raw = Some(raw);
            }
            Reply::Tls(moves) => {
                let raw = RawServer::start(moves).await;
                broken.address = format!("https://{}", raw.host);
                broken.raw = Some(raw);
            }
        }
        broken
    }

    /// Runs a question against a service of which this is the server of one model.
    async fn run(&self, table: &Table, id: &str, setup: Setup, body: &Value) -> Told {
        let setup = if self.is_slow {
            setup.model_idle(IDLE)
        } else {
            setup
        };
        let service = Service::over(table, setup.model(id, &self.address)).await;
        let mut events = service.client.start(body).await;
        let mut seen = Vec::new();
        if let Some(gate) = &self.held {
            seen = events.until(|frame| frame.event() == "delta").await;
            gate.open();
        }
        let told = events.told_after(seen).await;
        assert_no_key(&told);
        told
    }
}

/// The service by itself, without any function of a tool.
struct Service {
    client: Client,
    _served: Served,
}

impl Service {
    async fn over(table: &Table, setup: Setup) -> Self {
        let (router, _) = setup.process(table);
        let served = Served::start(router).await;
        Self {
            client: Client::new(&served.address),
            _served: served,
        }
    }
}

/// Runs a question against a service of which one model has the fault.
async fn run_with(models: &ModelServer, id: &str, reply: Reply) -> (Told, String) {
    run_asking(models, id, reply, 1).await
}

/// The same where the model is asked so often.
async fn run_asking(models: &ModelServer, id: &str, reply: Reply, tries: usize) -> (Told, String) {
    let broken = Broken::start(id, reply, tries).await;
    let body = json!({"query": "How many?"});
    let table = Table::start().await;
    let told = broken
        .run(&table, id, Setup::with_models(models), &body)
        .await;
    broken.server.assert_spent();
    (told, broken.address)
}

fn script_for(server: &ModelServer, id: &str, script: Script) {
    if id == "qwen" {
        server.orchestrator([script]);
    } else {
        server.experts([script]);
    }
}

/// What is wrong in how a fault was told, if anything.
fn misfits(fault: &str, name: &str, told: &Value, expected: &[(&str, &str)]) -> Vec<String> {
    let missing = expected.iter().filter(|(field, words)| {
        let text = told[*field].as_str().unwrap_or_default();
        !text.contains(words)
    });
    missing
        .map(|(field, words)| format!("{name} {fault}: `{words}` is not in the {field} of {told}"))
        .collect()
}

fn assert_no_key(told: &Told) {
    for frame in &told.frames {
        assert!(!frame.data.to_string().contains(KEY), "{}", frame.data);
    }
}

#[tokio::test]
async fn a_reply_with_neither_text_nor_call_is_an_error_of_its_own() {
    for script in [
        sse([finish("stop"), usage(10, 0)]),
        sse([text(""), finish("length"), usage(10, 0)]),
    ] {
        let models = ModelServer::start().await;
        // It is asked for once more.
        let (told, _) = run_asking(&models, "qwen", Reply::Scripted(script), 2).await;
        let error = &told.of("error")[0]["error"];
        assert_eq!(error["code"], "empty_reply");
        assert!(
            misfits(
                "empty",
                "a reply",
                error,
                &[("message", "qwen"), ("remedy", "chat template")]
            )
            .is_empty(),
            "{error}"
        );
        assert_eq!(told.status(), "failed");
    }
}

#[tokio::test]
async fn an_orchestrator_that_only_thinks_leaves_the_answer_to_the_strongest_answer_model() {
    for reason in ["length", "stop"] {
        let models = ModelServer::start().await;
        let stack = Setup::with_models(&models).start().await;
        models.orchestrator([sse([reasoning("Hm."), finish(reason), usage(10, 5)])]);
        models.experts([says("Seven, as far as I know.")]);
        let told = stack.client.question("How many?").await;
        assert_eq!(told.answer(), "Seven, as far as I know.");
        assert_eq!(told.of("orchestrator_thinking")[0]["content"], "Hm.");
        assert_eq!(told.of("final_answer")[0]["call_id"], "r1.1");
        models.assert_spent();

        // Nobody else may answer: what is wrong is told.
        models.orchestrator([sse([reasoning("Hm."), finish(reason), usage(10, 5)])]);
        let body = json!({"query": "How many?", "preferences": {"tools": {"deny": ["answer"]}}});
        let told = stack.client.ask(&body).await;
        let error = &told.of("error")[0]["error"];
        let expected = [("message", "thought, and returned"), ("remedy", "context")];
        let wrong = misfits("only thinks", "a model that", error, &expected);
        assert!(wrong.is_empty(), "{wrong:?}");
        models.assert_spent();
    }
}

#[tokio::test]
async fn blank_text_is_no_answer() {
    let models = ModelServer::start().await;
    let (told, _) = run_asking(&models, "qwen", Reply::Scripted(says(" \n\n")), 2).await;
    assert_eq!(told.status(), "failed");
    assert_eq!(told.of("error")[0]["error"]["code"], "empty_reply");
}

#[tokio::test]
async fn nothing_said_behind_a_result_is_asked_for_once_more_and_then_answered_from_what_is_known()
{
    let nothing = || sse([finish("stop"), usage(10, 1)]);
    let no_body = || plain(200, "text/event-stream", "");
    let results = || calls([call("code_interpreter", json!({"code": "print(7)"}))]);
    let said_late = vec![results(), nothing(), says("Seven.")];
    let never_said = vec![results(), nothing(), nothing()];
    let never_a_body = vec![results(), no_body(), no_body(), no_body()];
    for (orchestrator, answer, by) in [
        (said_late, "Seven.", "r2.orchestrator"),
        (never_said, "Seven, it seems.", "r2.1"),
        (never_a_body, "Seven, it seems.", "r2.1"),
    ] {
        let models = ModelServer::start().await;
        let stack = Setup::with_models(&models).start().await;
        models.orchestrator(orchestrator);
        if by == "r2.1" {
            models.experts([says("Seven, it seems.")]);
        }
        let told = stack.client.question("How many?").await;
        assert_eq!((told.status(), told.answer()), ("completed", answer));
        assert_eq!(told.of("final_answer")[0]["call_id"], by);
        assert_eq!(told.of("error"), [] as [Value; 0]);
        models.assert_spent();
    }
}

#[tokio::test]
async fn what_an_empty_reply_took_is_counted_with_the_one_that_followed() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([
        sse([finish("stop"), usage(10, 1)]),
        sse([text("Seven."), finish("stop"), usage(10, 2)]),
    ]);
    let told = stack.client.question("How many?").await;
    let usage = json!({"input_tokens": 20, "output_tokens": 3, "cached_input_tokens": 0, "estimated": false});
    assert_eq!(told.of("round_decided")[0]["usage"], usage);
    // At the temperature of decisions the same would have come again.
    let asked = models.asked_of_orchestrator();
    assert_eq!(
        (&asked[0]["temperature"], &asked[1]["temperature"]),
        (&json!(0.0), &json!(0.7))
    );
}

#[tokio::test]
async fn a_reply_is_whole_where_the_server_has_said_that_it_is_done_in_any_way() {
    let seven = || text("Seven.");
    let late = json!({"error": {"message": "late"}});
    for script in [
        sse([seven()]),
        sse([seven(), finish("stop")]),
        unfinished([seven(), finish("stop")]),
        unfinished([seven(), finish("stop"), Part::Step(Step::Silence)]),
        unfinished([
            seven(),
            finish("stop"),
            Part::Frame(late),
            Part::Step(Step::Pings),
        ]),
        unfinished([seven(), raw("data: [DONE]\n\n"), Part::Step(Step::Silence)]),
        unfinished([seven(), raw("data: [DONE]\n\n"), Part::Step(Step::Pings)]),
        unfinished([
            raw("data:\n\ndata: ping\n\nevent: ping\ndata: {\n\n"),
            seven(),
            raw("data: {broken\n\n"),
            finish("stop"),
        ]),
    ] {
        let models = ModelServer::start().await;
        let (told, _) = run_with(&models, "qwen", Reply::Silent(script)).await;
        assert_eq!((told.status(), told.answer()), ("completed", "Seven."));
    }
    let held = Gate::shut();
    let breaks = [
        seven(),
        finish("stop"),
        gate(&held),
        Part::Step(Step::Break),
    ];
    let models = ModelServer::start().await;
    let (told, _) = run_with(&models, "qwen", Reply::Held(unfinished(breaks), held)).await;
    assert_eq!((told.status(), told.answer()), ("completed", "Seven."));
}

fn gzip(body: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(body.as_bytes()).unwrap();
    packed.finish().unwrap()
}

#[tokio::test]
async fn a_body_that_comes_compressed_is_decoded_and_bounded_as_it_unfolds() {
    const BAD: Option<&str> = Some("model_bad_answer");
    let chunk = json!({"choices": [{"delta": {"content": "Seven."}}]});
    let body = format!("data: {chunk}\n\ndata: [DONE]\n\n");
    let bomb = ": ping\n\n".repeat(2 << 20);
    for (encoding, packed, code) in [
        ("gzip", gzip(&body), None),
        ("gzip", gzip(&bomb), BAD),
        // What no request of this service has ever asked for is not read.
        ("br", vec![0x8b; 64], BAD),
    ] {
        let models = ModelServer::start().await;
        let script = Script::Plain {
            status: 200,
            headers: vec![
                ("content-type", "text/event-stream".to_owned()),
                ("content-encoding", encoding.to_owned()),
            ],
            body: packed,
        };
        let (told, _) = run_with(&models, "qwen", Reply::Scripted(script)).await;
        match code {
            None => assert_eq!(told.answer(), "Seven.", "{encoding}"),
            Some(code) => assert_eq!(told.of("error")[0]["error"]["code"], code, "{encoding}"),
        }
    }
}

#[tokio::test]
async fn a_call_that_was_cut_is_never_made() {
    let models = ModelServer::start().await;
    let half = r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"code_interpreter","arguments":"{\"code\": \"print("}}]}}]}"#;
    let script = unfinished([raw(&format!("data: {half}\n\n"))]);
    let (told, _) = run_asking(&models, "qwen", Reply::Scripted(script), 3).await;
    assert_eq!(told.of("tool_call"), [] as [Value; 0]);
    assert_eq!(told.of("error")[0]["error"]["code"], "model_answer_cut");

    // Cut by its length: the model is told that its arguments are no JSON.
    let models = ModelServer::start().await;
    let frame: Value = serde_json::from_str(half).unwrap_or_default();
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([
        sse([Part::Frame(frame), finish("length"), usage(10, 5)]),
        says("I ran out of room."),
    ]);
    let told = stack.client.question("How many?").await;
    assert_eq!(
        told.of("tool_result")[0]["result"]["error"]["code"],
        "invalid_arguments"
    );
    assert_eq!(told.tools_used(), [] as [&str; 0]);
    models.assert_spent();
}

#[tokio::test]
async fn a_server_that_answers_in_one_piece_is_understood() {
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let whole = |message: Value, finish_reason: &str| {
        json_body(
            200,
            &json!({
                "object": "chat.completion",
                "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
                "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            }),
        )
    };
    // As TGI writes a call: its arguments are an object.
    let function = json!({"name": "answer", "arguments": {"model": "answer-2"}});
    let call = json!({"id": "0", "type": "function", "function": function});
    models.orchestrator([whole(
        json!({"role": "assistant", "content": null, "tool_calls": [call]}),
        "tool_calls",
    )]);
    models.experts([whole(
        json!({"role": "assistant", "content": "Seven."}),
        "stop",
    )]);
    let told = stack.client.question("How many?").await;
    assert_eq!(told.answer(), "Seven.");
    assert_eq!(
        told.summary()["usage"],
        json!({"input_tokens": 20, "output_tokens": 10, "cached_input_tokens": 0, "estimated": false})
    );
    models.assert_spent();
}

#[tokio::test]
async fn an_orchestrator_model_without_a_server_is_told_as_not_configured() {
    let models = ModelServer::start().await;
    let stack = Setup::new().model("phi", models.address()).start().await;
    let told = stack.client.question("How many?").await;
    let error = &told.of("error")[0]["error"];
    assert_eq!(error["code"], "model_not_configured");
    let expected = [
        ("message", "Model not configured"),
        ("message", "qwen"),
        ("remedy", "QWEN_API_URL"),
    ];
    assert!(
        misfits("no server", "it has", error, &expected).is_empty(),
        "{error}"
    );
    assert_eq!(told.status(), "failed");
}

#[tokio::test]
async fn a_key_is_in_no_event_no_snapshot_and_no_configuration() {
    let models = ModelServer::start().await;
    let body = json!({"error": {"message": echoing_key()}});
    let stack = Setup::with_models(&models).start().await;
    models.orchestrator([json_body(401, &body)]);
    let told = stack.client.question("How many?").await;
    assert_no_key(&told);
    let message = &told.of("error")[0]["error"]["message"];
    assert!(
        message.to_string().contains("Incorrect API key provided"),
        "{message}"
    );
    for path in [
        "/api/config".to_owned(),
        format!("/api/runs/{}", told.run_id),
    ] {
        let shown = stack.client.json(&path).await.to_string();
        assert!(!shown.contains(KEY), "{shown}");
    }
}
