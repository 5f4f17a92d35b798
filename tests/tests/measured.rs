//! What models take, from the calls of runs to what an orchestrator is told and who is asked, on services that share a table.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use drive::Services;
use run::ModelId;
use serde_json::{Value, json};
use store::{Hour, Measure, Store};
use tests::client::Client;
use tests::fault_proxy::{Asked, Fate, FaultyTable};
use tests::gate::Gate;
use tests::loopback::Served;
use tests::model_server::ModelServer;
use tests::script::{Script, answer, call, calls, finish, gate, says, sse, text};
use tests::stack::Setup;
use tests::stream::Frame;
use tests::table::{NAME, Table};

const KEPT: Duration = Duration::from_hours(24);
const HEADING: &str = "Model | price per million input tokens | price per million output tokens";

/// The shipped catalogue, whose tool `answer` tells what its models cost and take.
fn telling() -> Value {
    let mut catalog: Value = serde_json::from_str(include_str!("../../tools_config.json")).unwrap();
    catalog["tools"][1]["function"]["description"] = json!("Answers.\n{prices}");
    catalog
}

/// Has calls of a model in the table that all took so long, and began a tenth of that after they were asked for.
async fn took(store: &Store, model: &str, count: u64, ms: u64) {
    let mut measure = Measure {
        calls: count,
        ..Measure::default()
    };
    for _ in 0..count {
        measure.first_token.note(ms / 10);
        measure.whole.note(ms);
    }
    let hour = Hour::of(drive::now_ms());
    let measures = BTreeMap::from([((ModelId::new(model), hour), measure)]);
    store.add_measures(&measures).await.unwrap();
}

/// A service over a table.
struct Process {
    client: Client,
    services: Arc<Services>,
    _served: Served,
}

impl Process {
    async fn start(setup: Setup, table: aws_sdk_dynamodb::Client) -> Self {
        let (app, services) = setup.process_at(table);
        // However slow this machine is: each of these waits a while for what the table has.
        for _ in 0..20 {
            services.told_of_models(&run::Preferences::default()).await;
        }
        let served = Served::start(app).await;
        Self {
            client: Client::new(&served.address),
            services,
            _served: served,
        }
    }

    /// What a run that begins here is told of models, beside their prices.
    async fn told(&self, models: &ModelServer) -> Vec<String> {
        let before = models.asked_of_orchestrator().len();
        models.orchestrator([says("Seven.")]);
        self.client.question("How many?").await;
        told(&models.asked_of_orchestrator()[before])
    }
}

/// The table in the description of `answer`, line by line.
fn told(request: &Value) -> Vec<String> {
    let tools = request["tools"].as_array().unwrap().iter();
    let mut descriptions = tools.map(|tool| &tool["function"]);
    let answer = descriptions.find(|it| it["name"] == "answer").unwrap();
    let lines = answer["description"].as_str().unwrap().lines().skip(1);
    lines.map(str::to_owned).collect()
}

fn without_times() -> [String; 4] {
    [
        HEADING.to_owned(),
        "answer-1 | $0.2 | $0.2".to_owned(),
        "answer-2 | $0.1 | $0.1".to_owned(),
        "answer-3 | $0.1 | $0.1".to_owned(),
    ]
}

fn with_times(times: [&str; 3]) -> [String; 4] {
    let mut lines = without_times();
    let times = ["average latency"].into_iter().chain(times);
    for (line, time) in lines.iter_mut().zip(times) {
        *line = format!("{line} | {time}");
    }
    lines
}

#[tokio::test]
async fn what_was_measured_is_told_from_five_calls_on_and_until_then_what_the_catalogue_says() {
    let (table, models) = (Table::start().await, ModelServer::start().await);
    let store = Store::new(table.client.clone(), NAME, KEPT);
    let mut catalog = telling();
    let start = async |catalog: &Value| {
        let setup = Setup::with_catalog(catalog).models(&models);
        Process::start(setup, table.client.clone()).await
    };
    assert_eq!(start(&catalog).await.told(&models).await, without_times());
    took(&store, "phi", 4, 7000).await;
    assert_eq!(start(&catalog).await.told(&models).await, without_times());
    catalog["models"]["phi"]["typical_ms"] = json!(31_000);
    let by_catalogue = with_times(["unknown", "about 31 s", "unknown"]);
    assert_eq!(start(&catalog).await.told(&models).await, by_catalogue);
    took(&store, "phi", 1, 7000).await;
    took(&store, "llama", 5, 300).await;
    let process = start(&catalog).await;
    let measured = with_times(["unknown", "about 7 s", "about 0.3 s"]);
    assert_eq!(process.told(&models).await, measured);
    // People see it where they see what the tool says.
    let config = process.client.json("/api/config").await;
    let description = config["tools"][1]["description"].as_str().unwrap();
    assert!(description.ends_with(&measured.join("\n")), "{description}");
    models.assert_spent();
}

#[tokio::test]
async fn a_run_tells_the_same_in_all_its_rounds_whoever_drives_it_and_the_next_run_what_is_known_by_then()
 {
    let (table, models) = (Table::start().await, ModelServer::start().await);
    let store = Store::new(table.client.clone(), NAME, KEPT);
    took(&store, "phi", 50, 7000).await;
    let catalog = telling();
    let start = async |catalog: &Value| {
        let setup = Setup::with_catalog(catalog).models(&models);
        Process::start(setup, table.client.clone()).await
    };
    let first = start(&catalog).await;
    let reasoner = || calls([call("enhance_reasoning", json!({"model": "reasoner-2"}))]);
    let held = Gate::shut();
    models.orchestrator([
        reasoner(),
        reasoner(),
        sse([gate(&held), text("Never."), finish("stop")]),
        calls([answer("answer-2")]),
    ]);
    models.experts([says("Three."), says("Four."), says("Seven.")]);
    let mut events = first.client.start(&json!({"query": "How many?"})).await;
    let run_id = events.run_id.clone();
    let in_third = |frame: &Frame| frame.event() == "round_start" && frame.data["round"] == 3;
    let seen = events.until(in_third).await;
    models.received(5).await;
    // By then it is slow, and dearer where the next driver is.
    took(&store, "phi", 500, 70_000).await;
    first.services.stop().await;
    drop(events);
    let mut later = catalog.clone();
    later["models"]["qwen"]["usd_per_million"] = json!({"input": 7, "output": 7});
    later["models"]["llama"]["typical_ms"] = json!(1000);
    let second = start(&later).await;
    let last = seen.iter().filter_map(|it| it.id).next_back().unwrap();
    let after = second.client.events(&run_id, last).await;
    let ended = after.told_after(seen).await;
    tests::laws::check(&ended.frames);
    assert_eq!(ended.answer(), "Seven.");

    let requests = models.asked_of_orchestrator();
    assert_eq!(requests.len(), 4, "three rounds, the last one twice");
    let expected = with_times(["unknown", "about 7 s", "unknown"]);
    for (place, request) in requests.iter().enumerate() {
        assert_eq!(told(request), expected, "request {place}");
        // Byte for byte: the server has read it before.
        assert_eq!(
            request["tools"].to_string(),
            requests[0]["tools"].to_string()
        );
    }
    let mut now = with_times(["unknown", "about 70 s", "about 1 s"]);
    now[1] = "answer-1 | $7 | $7 | unknown".to_owned();
    let next = start(&later).await.told(&models).await;
    assert_eq!(next, now);
}

#[tokio::test]
async fn each_call_of_a_run_is_in_the_table_when_it_has_ended() {
    let (table, models) = (Table::start().await, ModelServer::start().await);
    let store = Store::new(table.client.clone(), NAME, KEPT);
    let setup = || Setup::with_models(&models);
    let process = Process::start(setup(), table.client.clone()).await;
    let ask = async |process: &Process| {
        models.orchestrator([calls([answer("answer-2")])]);
        models.experts([says("Seven.")]);
        assert_eq!(
            process.client.question("How many?").await.answer(),
            "Seven."
        );
    };
    for _ in 0..3 {
        ask(&process).await;
    }
    let other = Process::start(setup(), table.client.clone()).await;
    for _ in 0..2 {
        ask(&other).await;
    }
    // The same call again, of a server that cannot answer.
    let broken = || Script::Plain {
        status: 500,
        headers: Vec::new(),
        body: "no".into(),
    };
    models.orchestrator([calls([answer("answer-2")])]);
    models.always(broken());
    other.client.question("How many?").await;

    let ids = ["qwen", "phi", "llama"].map(ModelId::new);
    let read = store.measures(ids.iter(), drive::now_ms()).await.unwrap();
    let of = |place: usize| &read[&ids[place]];
    assert_eq!(of(1).whole.count(), 5, "answers of Phi");
    assert!(of(1).failures >= 1, "{read:?}");
    assert_eq!(of(1).calls, 5 + of(1).failures);
    assert_eq!(of(1).first_token.count(), 5);
    // It decided six times, and was asked in Phi's place.
    assert_eq!((of(0).calls - of(0).failures, of(0).whole.count()), (6, 0));
}

#[tokio::test]
async fn a_call_that_a_person_ends_says_nothing_of_its_model() {
    let (table, models) = (Table::start().await, ModelServer::start().await);
    let process = Process::start(Setup::with_models(&models), table.client.clone()).await;
    let held = Gate::shut();
    models.orchestrator([calls([answer("answer-2")])]);
    models.experts([sse([gate(&held), text("Never."), finish("stop")])]);
    let mut events = process.client.start(&json!({"query": "How many?"})).await;
    let seen = events.until(|frame| frame.event() == "tool_call").await;
    held.reached().await;
    let path = format!("/api/runs/{}/cancel", events.run_id);
    let cancel = process.client.request(reqwest::Method::POST, &path);
    assert_eq!(tests::client::send(cancel).await.status(), 202);
    let told_of = events.told_after(seen).await;
    assert_eq!(told_of.status(), "cancelled");
    let store = Store::new(table.client.clone(), NAME, KEPT);
    let ids = ["qwen", "phi"].map(ModelId::new);
    let read = store.measures(ids.iter(), drive::now_ms()).await.unwrap();
    let calls = ids.each_ref().map(|id| read[id].calls);
    assert_eq!(calls, [1, 0], "Qwen's decision");
}

#[tokio::test]
async fn without_what_models_take_runs_go_on_as_if_nothing_were_known() {
    for fate in [
        || Fate::Fail,
        || Fate::Throttle,
        || Fate::LoseRequest,
        || Fate::SwallowRequest,
    ] {
        let (table, models) = (FaultyTable::start().await, ModelServer::start().await);
        took(
            &Store::new(table.direct.clone(), NAME, KEPT),
            "phi",
            9,
            7000,
        )
        .await;
        table.judge(move |asked: &Asked| {
            if asked.reads_measures() || asked.adds_measures() {
                fate()
            } else {
                Fate::Pass
            }
        });
        let setup = Setup::with_catalog(&telling()).models(&models);
        let process = Process::start(setup, table.client()).await;
        models.orchestrator([calls([answer("answer-2")])]);
        models.experts([says("Seven.")]);
        let told_of = process.client.question("How many?").await;
        assert_eq!(
            (told_of.answer(), told_of.status()),
            ("Seven.", "completed")
        );
        assert_eq!(told(&models.asked_of_orchestrator()[0]), without_times());
        assert!(table.asked().iter().any(Asked::reads_measures));
        assert!(table.asked().iter().any(Asked::adds_measures));
    }
}

#[tokio::test]
async fn the_table_is_read_once_for_many_runs_and_written_once_a_run_and_model() {
    let (table, models) = (FaultyTable::start().await, ModelServer::start().await);
    let setup = Setup::with_models(&models);
    let process = Process::start(setup, table.client()).await;
    for _ in 0..4 {
        let reasoner = call("enhance_reasoning", json!({"model": "reasoner-2"}));
        models.orchestrator([calls([reasoner]), calls([answer("answer-2")])]);
        models.experts([says("Three."), says("Seven.")]);
        process.client.question("How many?").await;
    }
    let asked = table.asked();
    let count = |is: fn(&Asked) -> bool| asked.iter().filter(|it| is(it)).count();
    assert_eq!(count(Asked::reads_measures), 3, "one for each model");
    assert_eq!(count(Asked::adds_measures), 8, "Qwen and Phi in each run");
}

#[tokio::test]
async fn where_time_matters_most_the_fastest_of_all_processes_calls_is_asked_first() {
    let (table, models) = (Table::start().await, ModelServer::start().await);
    let store = Store::new(table.client.clone(), NAME, KEPT);
    let nobody = tests::loopback::ClosedPort::take();
    let mut catalog = telling();
    catalog["models"]["qwen"]["typical_ms"] = json!(2000);
    for (llama_ms, asked) in [(1000, "llama"), (70_000, "qwen")] {
        took(&store, "llama", 500, llama_ms).await;
        let setup = Setup::with_catalog(&catalog).models(&models);
        let setup = setup.model("phi", &nobody.address);
        let process = Process::start(setup, table.client.clone()).await;
        models.orchestrator([calls([answer("answer-2")])]);
        models.experts([says("Seven.")]);
        let body = json!({"query": "How many?", "preferences": {"priority": "latency"}});
        let told_of = process.client.ask(&body).await;
        assert_eq!(told_of.of("final_answer")[0]["model"], asked, "{llama_ms}");
        // The next one has other figures: twice as many, so that the median is theirs.
        took(&store, "llama", 1000, 70_000).await;
    }
}

#[tokio::test]
async fn a_model_that_begins_within_moments_is_not_waited_for_as_long_as_one_that_is_slow() {
    let (table, models) = (Table::start().await, ModelServer::start().await);
    let store = Store::new(table.client.clone(), NAME, KEPT);
    took(&store, "phi", 9, 1000).await;
    // A sixth of this, and what the question takes to be read.
    let idle = Duration::from_secs(6);
    let setup = Setup::with_models(&models).model_idle(idle);
    let process = Process::start(setup, table.client.clone()).await;
    let held = Gate::shut();
    models.orchestrator([calls([answer("answer-2")]), calls([answer("answer-2")])]);
    models.experts([
        says("Seven."),
        Script::Late(held.clone(), Box::new(says("Never."))),
        says("Eight."),
    ]);
    assert_eq!(
        process.client.question("How many?").await.answer(),
        "Seven."
    );
    let told_of = process.client.question("And now?").await;
    held.open();
    assert_eq!(told_of.answer(), "Eight.");
    let reasons = told_of.of("retry").into_iter();
    let reasons: Vec<_> = reasons
        .map(|it| it["reason"].as_str().unwrap().to_owned())
        .collect();
    let [reason] = &reasons[..] else {
        panic!("{reasons:?}");
    };
    let silence = reason.strip_prefix("Phi-4-mini sent nothing for ").unwrap();
    let seconds: f64 = silence.strip_suffix('s').unwrap().parse().unwrap();
    assert!((1.0..6.0).contains(&seconds), "{reason}");
}

#[tokio::test]
async fn the_haste_of_the_rehearsal_model_is_not_that_of_the_model_in_whose_place_it_answers() {
    let (table, models) = (Table::start().await, ModelServer::start().await);
    for (setup, measured) in [
        (Setup::with_models(&models).rehearsing(), 0),
        (Setup::with_models(&models), 1),
    ] {
        let process = Process::start(setup, table.client.clone()).await;
        models.orchestrator([says("Seven.")]);
        process.client.question("How many?").await;
        let items = table.items().await;
        let keys = items.iter().map(|item| item["PK"].as_str().unwrap());
        let hours = keys.filter(|key| key.starts_with("LATENCY#"));
        assert_eq!(hours.count(), measured);
    }
}
