//! `docs/openapi.json` is made from the routes, and says what the service does.
//!
//! `OPENAPI=write cargo test -p tests --test openapi` writes it anew.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

use orchestrator::Access;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use strum::VariantNames as _;
use tests::client::{Client, send};
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::openapi::{OpenApi, fits};
use tests::script::{call, calls, gate, says, sse, text};
use tests::stack::{Setup, Stack};

const NO_RUN: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

#[test]
fn the_document_is_that_of_the_routes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let made = format!("{:#}\n", orchestrator::openapi().unwrap());
    if std::env::var("OPENAPI").is_ok_and(|it| it == "write") {
        std::fs::write(&path, &made).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        made == written,
        "docs/openapi.json is not that of the routes: OPENAPI=write cargo test -p tests --test openapi"
    );
}

#[test]
fn every_event_of_the_wire_is_described_by_its_name_and_no_other_is() {
    let document = orchestrator::openapi().unwrap();
    let mapping = &document["components"]["schemas"]["Event"]["discriminator"]["mapping"];
    let described: BTreeSet<_> = mapping
        .as_object()
        .unwrap()
        .keys()
        .map(|it| &**it)
        .collect();
    let named: BTreeSet<_> = orchestrator::wire::WireEvent::VARIANTS
        .iter()
        .copied()
        .collect();
    assert_eq!(described, named);
    let readers = include_str!("../../static/events.js");
    for name in named {
        assert!(
            readers.contains(&format!("  ['{name}', ")),
            "static/events.js does not read {name}"
        );
    }
}

/// Sends a request, and holds what comes to what is said of the operation.
async fn hold(api: &OpenApi, operation: &str, request: RequestBuilder, expected: u16) -> Value {
    let response = send(request).await;
    let status = response.status().as_u16();
    assert_eq!(status, expected, "{operation}");
    let media_type = response.headers().get("content-type");
    let media_type = media_type.map(|it| it.to_str().unwrap().to_owned());
    let Some(schema) = api.answer(operation, status) else {
        return Value::Null;
    };
    assert_eq!(
        media_type.as_deref(),
        Some("application/json"),
        "{operation}"
    );
    let body: Value = response.json().await.unwrap();
    fits(&schema, &body, &format!("{operation}, {status}"));
    body
}

/// A run that waits for its model, one that has ended, and the client of both.
async fn with_two_runs(models: &ModelServer, held: &Gate) -> (Stack, String, String) {
    let stack = Setup::with_models(models).start().await;
    let program = json!({"code": "open('a.txt', 'w').write('a')"});
    models.orchestrator([
        calls([
            call("code_interpreter", program),
            call("nothing", json!({})),
        ]),
        says("Done."),
        sse([text("I wait "), gate(held), text("no more.")]),
    ]);
    models.always(says("Done."));
    let request = json!({"query": "One?", "preferences": {"priority": "cost", "models": ["qwen"], "tools": {"deny": ["search"]}, "instructions": "Short."}});
    let ended = stack.client.ask(&request).await.run_id;
    let under_way = stack.client.start(&json!({"query": "Two?"})).await.run_id;
    (stack, ended, under_way)
}

fn start(client: &Client, body: &Value) -> RequestBuilder {
    client.start_request(body.to_string())
}

type Case = (&'static str, RequestBuilder, u16);

fn parts(client: &Client, run: &str, file: &str) -> [Case; 4] {
    let get = |path: &str| client.request(Method::GET, path);
    let of_run = |path: &str| get(&format!("/api/runs/{run}/{path}"));
    [
        ("getArtifact", get(file), 200),
        ("getArtifact", of_run("artifacts/none"), 404),
        ("getPrompt", of_run("calls/r1.orchestrator/prompt"), 200),
        ("getPrompt", of_run("calls/r9.9/prompt"), 404),
    ]
}

fn changes(client: &Client, run: &str) -> [Case; 4] {
    let path = |run: &str| format!("/api/runs/{run}");
    let change = |run: &str, body: &Value| client.request(Method::PATCH, &path(run)).json(body);
    [
        (
            "changeRun",
            change(run, &json!({"title": "Two", "pinned": true})),
            200,
        ),
        ("changeRun", change(run, &json!({"title": " "})), 400),
        ("changeRun", change(NO_RUN, &json!({"pinned": true})), 404),
        (
            "changeRun",
            client.request(Method::PATCH, &path(run)).body("{}"),
            415,
        ),
    ]
}

fn sharing(client: &Client, run: &str) -> [Case; 4] {
    let at = |method, run| client.request(method, &format!("/api/runs/{run}/share"));
    [
        ("shareRun", at(Method::POST, run), 200),
        ("shareRun", at(Method::POST, NO_RUN), 404),
        ("unshareRun", at(Method::DELETE, run), 204),
        ("unshareRun", at(Method::DELETE, NO_RUN), 404),
    ]
}

fn of_v1(client: &Client) -> [Case; 8] {
    let get = |path: &str| client.request(Method::GET, path);
    let chat = |body: &Value| {
        let request = client.request(Method::POST, "/v1/chat/completions");
        request.json(body)
    };
    let messages = json!([{"role": "user", "content": "Four?"}]);
    let asked = |model: &str| chat(&json!({"model": model, "messages": messages}));
    let foreign = get("/v1/models").header("origin", "https://evil.example");
    [
        ("listModels", get("/v1/models"), 200),
        ("listModels", foreign, 403),
        ("getModel", get("/v1/models/orchestrator"), 200),
        ("getModel", get("/v1/models/gpt-4o"), 404),
        ("createChatCompletion", asked("orchestrator"), 200),
        ("createChatCompletion", asked("orchestrator-task"), 200),
        ("createChatCompletion", asked("gpt-4o"), 404),
        ("createChatCompletion", chat(&json!({"n": 2})), 400),
    ]
}

fn of_responses(client: &Client, ended: &str) -> [Case; 8] {
    let at = |method: Method, path: &str| {
        let path = path.replace("ENDED", &format!("resp_{ended}"));
        client.request(method, &format!("/v1/responses{path}"))
    };
    let ask = |body: &Value| at(Method::POST, "").json(body);
    [
        (
            "createResponse",
            ask(&json!({"model": "orchestrator", "input": "Five?"})),
            200,
        ),
        (
            "createResponse",
            ask(&json!({"model": "orchestrator"})),
            400,
        ),
        ("getResponse", at(Method::GET, "/ENDED"), 200),
        ("getResponse", at(Method::GET, "/resp_none"), 404),
        ("cancelResponse", at(Method::POST, "/ENDED/cancel"), 200),
        ("listInputItems", at(Method::GET, "/ENDED/input_items"), 200),
        (
            "deleteResponse",
            at(Method::DELETE, &format!("/resp_{NO_RUN}")),
            404,
        ),
        ("deleteResponse", at(Method::DELETE, "/ENDED"), 200),
    ]
}

fn of_mcp(client: &Client) -> [Case; 6] {
    let post = |body: Value| client.request(Method::POST, "/mcp").json(&body);
    let request = |method: &str, params: Value| json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let unknown = request(
        "tasks/list",
        json!({"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}}),
    );
    let stateless = post(unknown)
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tasks/list");
    [
        ("speakMcp", post(request("tools/list", json!({}))), 200),
        (
            "speakMcp",
            post(request(
                "tools/call",
                json!({"name": "ask", "arguments": {"query": "Five?"}}),
            )),
            200,
        ),
        (
            "speakMcp",
            post(json!({"jsonrpc": "2.0", "method": "notifications/initialized"})),
            202,
        ),
        ("speakMcp", post(json!([])), 400),
        ("speakMcp", stateless, 404),
        (
            "speakMcp",
            client.request(Method::POST, "/mcp").body("{}"),
            415,
        ),
    ]
}

fn of_the_page(client: &Client) -> [Case; 5] {
    let get = |path: &str| client.request(Method::GET, path);
    [
        ("getIndex", get("/"), 200),
        ("getPage", get("/orchestrator"), 200),
        ("getPageWithSlash", get("/orchestrator/"), 200),
        ("getPageFile", get("/static/app.js"), 200),
        ("getPageFile", get("/static/none.js"), 404),
    ]
}

#[tokio::test]
async fn every_operation_answers_as_it_is_described() {
    let api = OpenApi::new();
    let models = ModelServer::start().await;
    let held = Gate::shut();
    let (stack, ended, under_way) = with_two_runs(&models, &held).await;
    let client = &stack.client;
    let at = |method: Method, path: &str| {
        let path = path
            .replace("ENDED", &ended)
            .replace("UNDER_WAY", &under_way);
        client.request(method, &path)
    };
    let get = |path: &str| at(Method::GET, path);
    let rating =
        |run: &str, body: &Value| at(Method::POST, &format!("/api/runs/{run}/rating")).json(body);
    let with_key = |body: Value| start(client, &body).header("idempotency-key", "a");
    let snapshot = hold(&api, "getRun", get("/api/runs/ENDED"), 200).await;
    let file = snapshot.pointer("/rounds/0/calls/0/result/artifacts/0/url");
    let file = file.unwrap().as_str().unwrap();
    let third = stack.client.ask(&json!({"query": "Again?"})).await.run_id;
    let mut held_to = BTreeSet::new();
    let others = [
        ("getHealth", get("/health"), 200),
        ("getConfig", get("/api/config"), 200),
        (
            "getConfig",
            get("/api/config").header("origin", "https://evil.example"),
            403,
        ),
        ("listRuns", get("/api/runs"), 200),
        ("listRuns", get("/api/runs?limit=1"), 200),
        ("listRuns", get("/api/runs?limit=0"), 400),
        ("listRuns", get("/api/runs?q=one&pinned=true"), 200),
        ("listRuns", get("/api/runs?pinned=1"), 400),
        ("getRun", get("/api/runs/UNDER_WAY"), 200),
        ("getRun", get(&format!("/api/runs/{NO_RUN}")), 404),
        ("followRun", get("/api/runs/ENDED/events"), 200),
        ("followRun", get("/api/runs/ENDED/events?after=x"), 400),
        ("followRun", get("/api/runs/ENDED/events?after=9999"), 400),
        ("followRun", get(&format!("/api/runs/{NO_RUN}/events")), 404),
        ("deleteRun", at(Method::DELETE, "/api/runs/UNDER_WAY"), 409),
        (
            "rateRun",
            rating("UNDER_WAY", &json!({"rating": "good"})),
            409,
        ),
        (
            "cancelRun",
            at(Method::POST, "/api/runs/UNDER_WAY/cancel"),
            202,
        ),
        ("cancelRun", at(Method::POST, "/api/runs/ENDED/cancel"), 200),
        ("cancelRun", at(Method::POST, "/api/runs/none/cancel"), 404),
        ("startRun", with_key(json!({"query": "Three?"})), 200),
        ("startRun", with_key(json!({"query": "Four?"})), 409),
        ("startRun", start(client, &json!({})), 400),
        (
            "startRun",
            start(client, &json!({"query": "A?", "previous_run_id": NO_RUN})),
            404,
        ),
        (
            "startRun",
            start(client, &json!({"query": "x".repeat(1 << 20)})),
            413,
        ),
        (
            "startRun",
            at(Method::POST, "/api/chat/orchestrator/stream").body("{}"),
            415,
        ),
        (
            "rateRun",
            rating("ENDED", &json!({"rating": "good", "comment": "Yes."})),
            204,
        ),
        ("rateRun", rating("ENDED", &json!({"rating": "fine"})), 400),
        ("rateRun", rating(NO_RUN, &json!({"rating": "good"})), 404),
        ("getStats", get("/api/stats"), 200),
        ("getStats", get("/api/stats?days=401"), 400),
        ("listRuns", get("/api/runs"), 200),
        ("deleteRun", at(Method::DELETE, "/api/runs/ENDED"), 204),
        ("deleteRun", at(Method::DELETE, "/api/runs/ENDED"), 404),
    ];
    let all = parts(client, &ended, file).into_iter().chain(others);
    let all = all.chain(changes(client, &under_way));
    let all = all.chain(sharing(client, &under_way));
    let all = all.chain(of_v1(client)).chain(of_mcp(client));
    let all = all.chain(of_responses(client, &third));
    for (operation, request, expected) in all.chain(of_the_page(client)) {
        hold(&api, operation, request, expected).await;
        held_to.insert(operation);
    }
    held.open();
    let all: BTreeSet<_> = api
        .operations()
        .iter()
        .map(|(_, _, it)| it["operationId"].as_str().unwrap())
        .collect();
    assert_eq!(all.difference(&held_to).collect::<Vec<_>>(), [&"getRun"; 0]);
}

/// Without a key each operation that needs one is refused as is said of it, and no other is.
#[tokio::test]
async fn what_needs_a_key_says_so() {
    let api = OpenApi::new();
    let models = ModelServer::start().await;
    let setup = Setup::with_models(&models).access(&[], Access::CLOSED);
    let stack = setup.start().await;
    let mut refused = 0;
    for (method, path, operation) in api.operations() {
        let name = operation["operationId"].as_str().unwrap();
        let path = path
            .replace("{id}", NO_RUN)
            .replace("{name}", "a.png")
            .replace("{model}", "orchestrator")
            .replace("{response_id}", "resp_none")
            .replace("{file}", "app.js");
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let request = stack.client.request(method, &path);
        if operation["responses"].get("401").is_some() {
            hold(&api, name, request, 401).await;
            refused += 1;
        } else {
            let status = send(request).await.status();
            assert!(status.is_success(), "{name}: {status}");
        }
    }
    assert!(refused > 0);
}

/// A process that has as many runs, or a run that has as many watchers, as it may; and a watcher that has seen all.
#[tokio::test]
async fn what_is_full_and_what_is_over_say_so() {
    let api = OpenApi::new();
    let models = ModelServer::start().await;
    let held = Gate::shut();
    models.orchestrator([
        says("Done."),
        sse([text("I wait "), gate(&held), text("no more.")]),
    ]);
    let stack = Setup::with_models(&models).max_runs(1).start().await;
    let client = &stack.client;
    let ended = client.ask(&json!({"query": "One?"})).await;
    let seen = format!(
        "/api/runs/{}/events?after={}",
        ended.run_id,
        ended.frames.last().unwrap().id.unwrap()
    );
    let request = client.request(Method::GET, &seen);
    assert_eq!(hold(&api, "followRun", request, 204).await, Value::Null);
    let mut events = client.start(&json!({"query": "Two?"})).await;
    events.until(|frame| frame.event() == "round_start").await;
    let one_more = start(client, &json!({"query": "Three?"}));
    hold(&api, "startRun", one_more, 503).await;
    let mut watchers = Vec::new();
    for _ in 0..20 {
        watchers.push(client.events(&events.run_id, 0).await);
    }
    let path = format!("/api/runs/{}/events", events.run_id);
    let one_more = client.request(Method::GET, &path);
    hold(&api, "followRun", one_more, 429).await;
    held.open();
}

/// What stands in a body of a start: fields with values that fit, and with values that do not.
const FIELDS: [(&str, &[&str], &[&str]); 6] = [
    (
        "query",
        &[r#""Why?""#, r#""é""#],
        &[r#""""#, r#"" ""#, "1", "null", r#"["Why?"]"#],
    ),
    (
        "max_rounds",
        &["1", "50"],
        &["0", "51", "1.5", "-1", r#""5""#, "null"],
    ),
    (
        "temperature",
        &["0", "0.5", "2"],
        &["-0.1", "2.1", r#""1""#, "null"],
    ),
    (
        "max_tokens",
        &["1", "32768"],
        &["0", "32769", "1.5", "null"],
    ),
    (
        "preferences",
        &[
            "{}",
            r#"{"priority": "latency"}"#,
            r#"{"models": ["qwen"], "tools": {}}"#,
            r#"{"tools": {"allow": []}, "instructions": "Short."}"#,
            r#"{"tools": {"deny": ["search"]}}"#,
        ],
        &[
            "null",
            "[]",
            r#"{"priority": "fast"}"#,
            r#"{"models": []}"#,
            r#"{"models": "qwen"}"#,
            r#"{"models": [1]}"#,
            r#"{"tools": {"allow": [], "deny": []}}"#,
            r#"{"tools": {"only": []}}"#,
            r#"{"tools": null}"#,
            r#"{"instructions": " "}"#,
            r#"{"nothing": 1}"#,
        ],
    ),
    ("nothing", &[], &["1", "null"]),
];

/// The body of a start is taken by the service where the document says so, and by no other rule.
#[tokio::test]
async fn a_start_is_refused_where_the_document_refuses_it() {
    let api = OpenApi::new();
    let schema = api.schema("StartRequest");
    let models = ModelServer::start().await;
    let stack = Setup::with_models(&models).start().await;
    let mut bodies = vec![json!({}), json!({"query": "x".repeat(32_001)})];
    for (field, right, wrong) in FIELDS {
        for value in right.iter().chain(wrong) {
            let mut body = json!({"query": "Why?"});
            body[field] = serde_json::from_str(value).unwrap();
            bodies.push(body);
        }
    }
    let mut taken = 0;
    for body in &bodies {
        let fits = schema.is_valid(body);
        let response = send(start(&stack.client, body)).await;
        let short: String = body.to_string().chars().take(80).collect();
        assert_eq!(response.status() == 200, fits, "{short}");
        taken += usize::from(fits);
    }
    let right: usize = FIELDS.iter().map(|(_, right, _)| right.len()).sum();
    assert_eq!(taken, right);
}
