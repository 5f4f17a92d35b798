//! A small world in which processes die: a table with faults, models and tools that count who asked them, and the service
//! in processes that can be killed at a named point.
//!
//! A process is a runtime of its own: killing it drops every task where it stands and closes every connection, and the table,
//! the models and the tools live on. What models say depends on the request alone, so that they can be asked again.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response as HttpResponse;
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};
use catalog::Catalog;
use drive::Services;
use futures_util::stream;
use local::invoke::{self, Functions};
use model::Server;
use orchestrator::{App, Config, Hosts};
use run::ModelId;
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::fault_proxy::{Asked, Fate, FaultyTable, client};
use crate::gate::Gate;
use crate::laws;
use crate::loopback::Served;
use crate::script::{Part, Script, Step, answer, call, calls, finish, sse, text, usage};
use crate::stream::Frame;
use crate::table::{NAME, credentials};
use crate::wait::within;

/// The question of every run of this world.
pub const QUERY: &str = "How many?";
/// Text that fills more than one stored chunk, of characters of every length.
const PIECE: &str = "Sieben 🦀 七 é. ";
const PIECES: usize = 4;
const REPEATS: usize = 500;
/// How often a watcher reconnects; reached only by a test that fails.
const MAX_RECONNECTS: usize = 200;

/// A point at which a process is to die or to freeze, and the points that were passed.
#[derive(Clone, Debug)]
pub struct Fuse(Arc<Points>);

#[derive(Debug)]
struct Points {
    deadly: Mutex<Option<String>>,
    passed: Mutex<Vec<String>>,
    burnt: watch::Sender<bool>,
    gate: Mutex<Gate>,
}

impl Default for Fuse {
    fn default() -> Self {
        Self(Arc::new(Points {
            deadly: Mutex::default(),
            passed: Mutex::default(),
            burnt: watch::Sender::new(false),
            gate: Mutex::new(Gate::shut()),
        }))
    }
}

impl Fuse {
    /// Burns at this point.
    pub fn set(&self, point: &str) {
        self.0.burnt.send_replace(false);
        *self.0.gate.lock().unwrap() = Gate::shut();
        *self.0.deadly.lock().unwrap() = Some(point.to_owned());
    }

    /// Waits until the point is reached.
    pub async fn burnt(&self) {
        let mut burnt = self.0.burnt.subscribe();
        burnt.wait_for(|it| *it).await.unwrap();
    }

    pub fn is_burnt(&self) -> bool {
        *self.0.burnt.borrow()
    }

    /// Lets what stands at the point go on.
    pub fn release(&self) {
        self.gate().open();
    }

    fn gate(&self) -> Gate {
        self.0.gate.lock().unwrap().clone()
    }

    /// All points that were passed, in order.
    pub fn points(&self) -> Vec<String> {
        self.0.passed.lock().unwrap().clone()
    }

    /// Whether this is the deadly point, met for the first time.
    pub fn meets(&self, point: &str) -> bool {
        self.0.passed.lock().unwrap().push(point.to_owned());
        let is_deadly = self.0.deadly.lock().unwrap().take_if(|it| it == point);
        let is_deadly = is_deadly.is_some();
        if is_deadly {
            self.0.burnt.send_replace(true);
        }
        is_deadly
    }

    /// Goes on, unless this is the deadly point.
    async fn pass(&self, point: String) {
        if self.meets(&point) {
            self.gate().pass().await;
        }
    }
}

/// Everything outside the service's processes.
pub struct World {
    pub table: FaultyTable,
    pub fuse: Fuse,
    pub cast: Cast,
    pub lease: Duration,
    pub function: Duration,
    /// How long runs are kept.
    pub keep: Duration,
    /// Bytes that a connection holds for a client that does not read, where it is not the system's choice.
    pub send_buffer: Option<u32>,
    /// Where models are asked.
    pub models: String,
    _models: Served,
    pub functions: Served,
}

/// Who was asked what, in order.
#[derive(Clone, Debug, Default)]
pub struct Cast(Arc<Mutex<Heard>>);

#[derive(Debug, Default)]
struct Heard {
    models: Vec<String>,
    tools: Vec<(String, String)>,
}

impl Cast {
    /// How often each request of a model was made.
    pub fn asked(&self) -> BTreeMap<String, usize> {
        count(self.0.lock().unwrap().models.iter().cloned())
    }

    /// How often each tool was called under each idempotency key.
    pub fn invoked(&self) -> BTreeMap<(String, String), usize> {
        count(self.0.lock().unwrap().tools.iter().cloned())
    }

    /// Forgets what was heard, for the next run.
    pub fn clear(&self) {
        *self.0.lock().unwrap() = Heard::default();
    }
}

fn count<T: Ord>(all: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for it in all {
        *counts.entry(it).or_default() += 1;
    }
    counts
}

impl World {
    /// A world with a short lease.
    pub async fn new(lease: Duration) -> Self {
        let (fuse, cast) = (Fuse::default(), Cast::default());
        let desk = (fuse.clone(), cast.clone());
        let router = Router::new()
            .route("/v1/chat/completions", post(chat))
            .with_state(desk.clone());
        let models = Served::start(router).await;
        Self {
            table: FaultyTable::start().await,
            models: models.address.clone(),
            _models: models,
            send_buffer: None,
            functions: Served::start(invoke::router(functions(&desk))).await,
            fuse,
            cast,
            lease,
            function: Duration::from_mins(15),
            keep: Duration::from_hours(24),
        }
    }

    /// Makes each write of the table, before and after its effect, a point of the fuse.
    pub fn burn_at_writes(&self) {
        let fuse = self.fuse.clone();
        let mut writes = 0;
        self.table.judge(move |asked: &Asked| {
            if !asked.is_write() || asked.is_renewal() {
                return Fate::Pass;
            }
            writes += 1;
            if fuse.meets(&format!("write {writes}, before")) {
                Fate::HoldRequest(fuse.gate())
            } else if fuse.meets(&format!("write {writes}, after")) {
                Fate::HoldResponse(fuse.gate())
            } else {
                Fate::Pass
            }
        });
    }

    /// The one run of this table: a client whose process dies early never learns its id.
    pub async fn only_run(&self) -> String {
        let scan = self.table.direct.scan().table_name(NAME).send().await;
        let items = scan.unwrap().items.unwrap_or_default();
        let heads = items
            .iter()
            .filter(|item| item["SK"].as_s().is_ok_and(|sk| sk == "HEAD"))
            .map(|item| item["PK"].as_s().unwrap().trim_start_matches("RUN#"));
        let heads: Vec<_> = heads.collect();
        let [run_id] = heads[..] else {
            panic!("not one run: {heads:?}");
        };
        run_id.to_owned()
    }

    /// Lets the lease of a run's driver be over for everybody who asks the table.
    pub async fn end_lease(&self, run_id: &str) {
        let update = self.table.direct.update_item().table_name(NAME);
        update
            .key("PK", AttributeValue::S(format!("RUN#{run_id}")))
            .key("SK", AttributeValue::S("HEAD".to_owned()))
            .update_expression("SET lease_until = :over")
            .expression_attribute_values(":over", AttributeValue::N("1".to_owned()))
            .send()
            .await
            .unwrap();
    }

    /// Starts a process of the service.
    pub async fn process(&self) -> Process {
        let (config, send_buffer) = (self.config(), self.send_buffer);
        let (table, tools) = (self.table.address.clone(), self.functions.address.clone());
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let started = runtime.spawn(async move {
            let lambda = aws_sdk_lambda::config::Builder::from(&host::aws::config().unwrap())
                .endpoint_url(tools)
                .credentials_provider(credentials())
                .build();
            let lambda = aws_sdk_lambda::Client::from_conf(lambda);
            let services = orchestrator::services(config, client(&table).await, lambda).unwrap();
            let services = Arc::new(services);
            let app = orchestrator::app(App::new(Arc::clone(&services), Hosts::Any));
            let socket = TcpSocket::new_v4().unwrap();
            if let Some(bytes) = send_buffer {
                socket.set_send_buffer_size(bytes).unwrap();
            }
            socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
            let listener = socket.listen(1024).unwrap();
            let address = format!("http://{}", listener.local_addr().unwrap());
            tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
            (services, address)
        });
        let (services, address) = started.await.unwrap();
        Process {
            client: Client::new(&address),
            services,
            runtime: Some(runtime),
        }
    }

    fn config(&self) -> Config {
        let catalog = Catalog::parse(&catalog().to_string()).unwrap();
        let server = |id: &str| {
            let model = catalog.model(&ModelId::new(id)).unwrap();
            let variable = &*model.variables.url;
            Server::new(&self.models, None, &*model.served_as, variable).unwrap()
        };
        let servers = ["qwen", "phi", "llama"].map(|id| (ModelId::new(id), server(id)));
        Config {
            servers: servers.into(),
            catalog,
            table: NAME.to_owned(),
            lease: self.lease,
            keep: self.keep,
            model_idle: Duration::from_mins(1),
            function: self.function,
            driver_function: None,
        }
    }
}

/// The shipped catalogue with a tool that may not be called twice.
pub fn catalog() -> Value {
    let mut catalog: Value = serde_json::from_str(include_str!("../../tools_config.json")).unwrap();
    let parameters = json!({"type": "object", "properties": {"to": {"type": "string"}}});
    let letter = json!({
        "type": "function",
        "function": {"name": "letter", "description": "Sends a letter.", "parameters": parameters},
        "target": {"lambda": "letter"}, "timeout_ms": 15000, "retry": "never", "max_result_bytes": 65536,
    });
    catalog["tools"].as_array_mut().unwrap().push(letter);
    catalog
}

/// A process of the service, as a runtime of its own.
pub struct Process {
    pub client: Client,
    pub services: Arc<Services>,
    runtime: Option<Runtime>,
}

impl Process {
    /// Does something inside the process.
    pub fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime.as_ref().unwrap().spawn(work)
    }

    /// Ends it where it stands.
    pub async fn kill(mut self) {
        let runtime = self.runtime.take().unwrap();
        let stop = move || runtime.shutdown_timeout(Duration::from_mins(1));
        tokio::task::spawn_blocking(stop).await.unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A client that stays with a run across lost connections and lost processes.
#[derive(Debug, Default)]
pub struct Watcher {
    pub run_id: Option<String>,
    /// Everything it was told, live pieces too.
    pub frames: Vec<Frame>,
}

impl Watcher {
    /// Starts a run under a key, or goes on with the one that the key has started, until the connection ends.
    pub async fn start(&mut self, client: &Client, key: &str) {
        let body = json!({"query": QUERY}).to_string();
        let mut request = client.start_request(body).header("idempotency-key", key);
        if let Some(seen) = self.last_id() {
            request = request.header("last-event-id", seen);
        }
        let Ok(response) = within("a start", request.send()).await else {
            return;
        };
        if response.status() == 503 {
            return;
        }
        assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
        let run_id = response.headers()["x-run-id"].to_str().unwrap().to_owned();
        if let Some(known) = self.run_id.replace(run_id.clone()) {
            assert_eq!(known, run_id, "one key, two runs");
        }
        self.read(response).await;
    }

    /// Follows the run until the connection ends.
    pub async fn follow(&mut self, client: &Client) {
        let (run_id, after) = (self.run_id.as_ref().unwrap(), self.last_id().unwrap_or(0));
        let path = format!("/api/runs/{run_id}/events?after={after}");
        let request = client.request(reqwest::Method::GET, &path).send();
        let Ok(response) = within("a replay", request).await else {
            return;
        };
        if response.status() == 200 {
            self.read(response).await;
        } else {
            assert_eq!(response.status(), 503, "{path}");
        }
    }

    /// Starts the run under a key, as often as it takes, and follows it to its end.
    pub async fn ask(&mut self, client: &Client, key: &str) {
        for _ in 0..MAX_RECONNECTS {
            if self.run_id.is_some() {
                break;
            }
            self.start(client, key).await;
        }
        self.to_the_end(client).await;
    }

    /// Follows the run to its end, over as many connections as it takes.
    pub async fn to_the_end(&mut self, client: &Client) {
        for _ in 0..MAX_RECONNECTS {
            if self.is_over() {
                return;
            }
            self.follow(client).await;
        }
        panic!("the run does not end: {:#?}", self.frames);
    }

    pub fn is_over(&self) -> bool {
        let last = self.frames.last();
        last.is_some_and(|last| last.event() == "complete")
    }

    pub fn last_id(&self) -> Option<u64> {
        self.frames.iter().filter_map(|frame| frame.id).next_back()
    }

    /// The frames of stored events.
    pub fn stored(&self) -> Vec<Frame> {
        let stored = self.frames.iter().filter(|frame| frame.is_stored());
        stored.cloned().collect()
    }

    /// Takes in a response to its end.
    pub async fn read(&mut self, mut response: reqwest::Response) {
        let mut unread = Vec::new();
        while let Ok(Some(bytes)) = within("bytes of a stream", response.chunk()).await {
            unread.extend_from_slice(&bytes);
            while let Some(end) = unread.windows(2).position(|it| it == b"\n\n") {
                let block: Vec<u8> = unread.drain(..end + 2).collect();
                self.frames
                    .push(frame(std::str::from_utf8(&block[..end]).unwrap()));
            }
        }
    }
}

/// One frame of a stream.
pub fn frame(block: &str) -> Frame {
    let (id, data) = match block.split_once('\n') {
        Some((id, data)) => (Some(id.strip_prefix("id: ").unwrap()), data),
        None => (None, block),
    };
    Frame {
        id: id.map(|id| id.parse().unwrap()),
        data: serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap(),
    }
}

/// Holds everything that a watcher was told of a run, over all its connections, to the laws: those of a run that nothing
/// disturbed, once what tells of the disturbance is taken out, and those of the disturbance itself.
pub fn check(frames: &[Frame]) {
    let ids: Vec<u64> = frames.iter().filter_map(|frame| frame.id).collect();
    let expected: Vec<u64> = (1..).take(ids.len()).collect();
    assert_eq!(ids, expected, "ids are 1, 2, 3, …");
    let mut attempts: BTreeMap<String, u64> = BTreeMap::new();
    let mut closed = Vec::new();
    let (mut epoch, mut resumed, mut next) = (1, 0, 1);
    let mut plain = Vec::new();
    for frame in frames {
        let data = &frame.data;
        match frame.event() {
            "resumed" => {
                resumed += 1;
                let now = data["epoch"].as_u64().unwrap();
                assert!(now > epoch, "an epoch that does not rise: {data}");
                epoch = now;
                continue;
            }
            "suspended" | "cancel_requested" => continue,
            "retry" => {
                let call = data["call_id"].as_str().unwrap().to_owned();
                assert!(!closed.contains(&call), "a result asked for again: {data}");
                let before = attempts.insert(call, data["attempt"].as_u64().unwrap());
                assert_eq!(data["attempt"], before.unwrap_or(1) + 1);
            }
            "tool_result" => closed.push(data["call_id"].as_str().unwrap().to_owned()),
            "round_decided" => closed.push(format!("r{}.orchestrator", data["round"])),
            _ => {}
        }
        let mut frame = frame.clone();
        if frame.id.is_some() {
            frame.id = Some(next);
            next += 1;
        }
        if frame.event() == "complete" {
            assert_eq!(frame.data["summary"]["resumed"], resumed);
            frame.data["summary"]["resumed"] = json!(0);
        }
        plain.push(frame);
    }
    laws::check(&plain);
}

/// Attempts that a log tells of for each call that was made.
pub fn attempts(frames: &[Frame]) -> BTreeMap<String, usize> {
    let mut attempts = BTreeMap::new();
    for frame in frames.iter().filter(|frame| frame.is_stored()) {
        let data = &frame.data;
        let call = match frame.event() {
            "round_start" => format!("r{}.orchestrator", data["round"]),
            "tool_call" | "retry" => data["call_id"].as_str().unwrap().to_owned(),
            _ => continue,
        };
        *attempts.entry(call).or_default() += 1;
    }
    attempts
}

/// Holds a run that has ended, and everything that was asked on its way, to what the design says of lost drivers.
pub async fn verify(world: &World, client: &Client, watcher: &Watcher) {
    check(&watcher.frames);
    let run_id = watcher.run_id.as_ref().unwrap();
    let mut replayed = Watcher {
        run_id: Some(run_id.clone()),
        ..Watcher::default()
    };
    replayed.to_the_end(client).await;
    assert_eq!(replayed.frames, watcher.stored(), "what was seen changed");
    let summary = &watcher.frames.last().unwrap().data["summary"];
    assert_eq!(summary["status"], "completed", "{summary}");
    assert_eq!(summary["final_answer"], whole_answer());
    let snapshot = client.json(&format!("/api/runs/{run_id}")).await;
    assert_eq!(&snapshot["summary"], summary);
    let attempts = attempts(&watcher.frames);
    for (who, times) in world.cast.asked() {
        let call = CALLS.iter().find(|(name, _)| *name == who).unwrap().1;
        let allowed = attempts[call];
        assert!(
            times <= allowed,
            "{who} was asked {times} times in {allowed} attempts"
        );
    }
    for ((tool, key), times) in world.cast.invoked() {
        let (round, index) = key
            .strip_prefix(&format!("{run_id}/"))
            .unwrap()
            .split_once('/')
            .unwrap();
        let allowed = match tool.as_str() {
            "letter" => 1,
            _ => attempts[&format!("r{round}.{index}")],
        };
        assert!(
            times <= allowed,
            "{tool} was called {times} times under {key}, allowed are {allowed}"
        );
    }
}

/// The calls of the story: by whom the model was asked, and under which id.
const CALLS: [(&str, &str); 6] = [
    ("decision 1", "r1.orchestrator"),
    ("decision 2", "r2.orchestrator"),
    ("decision 3", "r3.orchestrator"),
    ("Part one", "r1.2"),
    ("Part two", "r2.1"),
    ("answer", "r3.1"),
];

/// The text of the answer.
pub fn whole_answer() -> String {
    PIECE.repeat(PIECES * REPEATS)
}

fn reasoner(problem: &str) -> Part {
    call(
        "enhance_reasoning",
        json!({"model": "reasoner-2", "problem": problem}),
    )
}

fn search(query: &str) -> Part {
    call("search", json!({"query": query}))
}

/// Three rounds: text beside three parallel calls, one of which may not be repeated; two calls; the answer, in chunks.
fn line(who: &str) -> Script {
    let end = |reason| [finish(reason), usage(10, 5)];
    match who {
        "decision 1" => sse([
            text("Let me look."),
            search("seven"),
            reasoner("Part one"),
            call("letter", json!({"to": "Ann"})),
        ]
        .into_iter()
        .chain(end("tool_calls"))),
        "decision 2" => calls([reasoner("Part two"), search("eight")]),
        "decision 3" => calls([answer("answer-1")]),
        "answer" => {
            let pieces = (0..PIECES).map(|_| text(&PIECE.repeat(REPEATS)));
            sse(pieces.chain(end("stop")))
        }
        part => sse([text(part), text(" is done.")]
            .into_iter()
            .chain(end("stop"))),
    }
}

/// Who is asked: the orchestrator in a round, or an expert with its part.
fn addressee(request: &Value) -> &'static str {
    let messages = request["messages"].as_array().unwrap();
    if request.get("tools").is_some() {
        let decided = messages.iter().filter(|it| it["role"] == "assistant");
        return ["decision 1", "decision 2", "decision 3"][decided.count()];
    }
    let content = messages[1]["content"].as_str().unwrap();
    ["Part one", "Part two"]
        .into_iter()
        .find(|part| content.starts_with(&format!("Problem:\n{part}")))
        .unwrap_or("answer")
}

async fn chat(State((fuse, cast)): State<(Fuse, Cast)>, Json(request): Json<Value>) -> Response {
    let who = addressee(&request);
    cast.0.lock().unwrap().models.push(who.to_owned());
    fuse.pass(format!("{who}, asked")).await;
    let Script::Stream(steps) = line(who) else {
        unreachable!("every line is a stream");
    };
    let steps = steps.into_iter().enumerate();
    let bytes = stream::unfold((steps, fuse, who), async |(mut steps, fuse, who)| {
        let (place, step) = steps.next()?;
        fuse.pass(format!("{who}, step {place}")).await;
        let Step::Bytes(bytes) = step else {
            unreachable!("a line holds nothing but bytes");
        };
        Some((Ok::<_, std::convert::Infallible>(bytes), (steps, fuse, who)))
    });
    HttpResponse::builder()
        .header("content-type", "text/event-stream")
        .body(Body::from_stream(bytes))
        .unwrap()
}

fn functions(desk: &(Fuse, Cast)) -> Functions {
    ["search", "letter"]
        .into_iter()
        .fold(Functions::default(), |functions, name| {
            let (fuse, cast) = desk.clone();
            functions.with(name, move |request: Value| {
                let (fuse, cast) = (fuse.clone(), cast.clone());
                async move {
                    let key = request["idempotency_key"].as_str().unwrap().to_owned();
                    let call = request["call_id"].as_str().unwrap().to_owned();
                    fuse.pass(format!("{call}, before")).await;
                    cast.0.lock().unwrap().tools.push((name.to_owned(), key));
                    fuse.pass(format!("{call}, after")).await;
                    let results = json!([{"title": "Seven", "snippet": "There are seven.", "url": "https://example.org/7"}]);
                    let found = json!({"query": "seven", "num_results": 1, "results": results, "provider": "test"});
                    let result = if name == "search" { found } else { json!({"sent": true}) };
                    Ok(json!({"ok": true, "result": result}))
                }
            })
        })
}
