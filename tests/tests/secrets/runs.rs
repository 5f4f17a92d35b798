//! Whole runs of all kinds over it.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::json;
use tests::client::send;
use tests::wait::within;

use crate::house::{House, broken_starts};
use crate::planted::value;
use crate::servers::{FORMS, PLACES, WAY};

const START: &str = "/api/chat/orchestrator/stream";

/// The runs that there were.
type RunIds = BTreeSet<String>;

/// Questions at once.
const AT_ONCE: usize = 6;

/// Asks a question by the interface of the page, to its end.
async fn asks(house: &mut House, run_ids: &mut RunIds, question: &str) -> String {
    asks_all(house, run_ids, &[(question.to_owned(), None)]).await
}

/// The same for many, some at a time: each with the one model that may be asked beside the orchestrator's, where only one may.
async fn asks_all(
    house: &mut House,
    run_ids: &mut RunIds,
    questions: &[(String, Option<&str>)],
) -> String {
    let told = stream::iter(questions).map(|(question, model)| {
        let mut body = json!({"query": question, "max_rounds": 2});
        if let Some(model) = model {
            body["preferences"] = json!({"models": [model]});
        }
        let request = house.request(Method::POST, START).json(&body);
        house.tell(request)
    });
    let told: Vec<_> = told.buffered(AT_ONCE).collect().await;
    for (told, (question, _)) in told.iter().zip(questions) {
        assert!(told.contains(r#""event":"complete""#), "{question}: {told}");
        house.look("frames", told.as_bytes(), &[]);
        run_ids.insert(run_id(told));
    }
    told.concat()
}

fn run_id(told: &str) -> String {
    let line = told
        .lines()
        .find_map(|line| line.strip_prefix("x-run-id: "));
    line.unwrap_or_else(|| panic!("{told}"))
        .trim_matches('"')
        .to_owned()
}

/// Every place and form, by tools, servers that list theirs, and models.
async fn all_ways(house: &mut House, run_ids: &mut RunIds) {
    let (mut of_tools, mut of_models) = (Vec::new(), Vec::new());
    for (at, place) in PLACES.into_iter().enumerate() {
        // A refusal comes in every form, the others as they are and in one of them.
        let forms: &[usize] = if at < 4 { &FORMS } else { &FORMS[..2] };
        for form in forms {
            let with = if *form == 0 { "raw, over_tls, " } else { "" };
            let question = format!("echo, basic, files_walk, {with}{WAY}{place}.{form}");
            of_tools.push((question, None));
            // What failed in such a way that it may pass is asked for again and again: once is enough.
            let is_told = at >= 2 && (place != "page" || *form == 0);
            for model in ["phi", "llama"].into_iter().filter(|_| is_told) {
                of_models.push((format!("{model}, {WAY}{place}.{form}"), Some(model)));
            }
        }
    }
    let told = asks_all(house, run_ids, &of_tools).await;
    assert!(told.matches("[redacted]").count() > 40, "{told}");
    let told = asks_all(house, run_ids, &of_models).await;
    for mark in ["[key]", "[secret]"] {
        assert!(told.matches(mark).count() > 5, "{mark}: {told}");
    }
    for form in 0..7 {
        asks(house, run_ids, &format!("{WAY}own.{form}")).await;
    }
    asks(house, run_ids, &format!("hurried, {WAY}hang.0")).await;
    asks(house, run_ids, "search, nothing else").await;
    let told = asks(house, run_ids, "program, nothing else").await;
    assert!(told.contains("looked everywhere"), "{told}");
}

/// The other interfaces, in their success and where a model refuses.
async fn other_interfaces(house: &mut House, run_ids: &mut RunIds) {
    for question in ["echo, way:result.0", "way:own.0"] {
        for stream in [true, false] {
            let body = json!({
                "model": "orchestrator", "stream": stream, "messages": [{"role": "user", "content": question}],
            });
            let request = house
                .request(Method::POST, "/v1/chat/completions")
                .json(&body);
            run_ids.insert(run_id(&house.ask("/v1/chat/completions", request).await));
            let body = json!({"model": "orchestrator", "stream": stream, "input": question});
            let request = house.request(Method::POST, "/v1/responses").json(&body);
            run_ids.insert(run_id(&house.ask("/v1/responses", request).await));
        }
        let message = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": "ask", "arguments": {"query": question, "wait_seconds": 45}},
        });
        let request = house.request(Method::POST, "/mcp").json(&message);
        let request = request.header("accept", "application/json, text/event-stream");
        let told = house.ask("/mcp", request).await;
        assert!(told.contains("run_id"), "{told}");
    }
}

/// Requests that are refused, each with secrets in the wrong place, or none.
async fn refused(house: &mut House) {
    let client = &house.process.client;
    let origin = value("origin secret");
    let bare = |method: Method, path: &str| client.request(method, path);
    let requests = [
        bare(Method::GET, "/api/runs"),
        bare(Method::GET, "/api/runs").header("x-origin-secret", &origin),
        bare(Method::GET, "/api/runs").bearer_auth(value("access key")),
        bare(Method::GET, "/api/runs")
            .header("x-origin-secret", &origin)
            .bearer_auth("wrong"),
        house.request(Method::GET, "/api/runs/none"),
        house.request(Method::GET, "/nowhere"),
        house.request(Method::PUT, "/api/runs"),
        house.request(Method::POST, START).body("{"),
        house
            .request(Method::POST, START)
            .json(&json!({"query": "", "unknown": 1})),
        house
            .request(Method::POST, "/v1/chat/completions")
            .json(&json!({"model": "none"})),
        house.request(Method::POST, "/mcp").body("[]"),
    ];
    for request in requests {
        house.ask("refusals", request).await;
    }
}

/// A run that is cancelled while a tool hangs.
async fn cancelled(house: &mut House, run_ids: &mut RunIds) {
    let body = json!({"query": format!("echo, {WAY}hang.1"), "max_rounds": 2});
    let started = send(house.request(Method::POST, START).json(&body)).await;
    let id = started.headers()["x-run-id"].to_str().unwrap().to_owned();
    let request = house.request(Method::POST, &format!("/api/runs/{id}/cancel"));
    house.ask("refusals", request).await;
    let told = within("a cancelled run to end", started.text())
        .await
        .unwrap();
    assert!(told.contains(r#""status":"cancelled""#), "{told}");
    house.look("frames", told.as_bytes(), &[]);
    run_ids.insert(id);
}

/// A run whose process is killed while a tool hangs; the next one asks again, and waits until that is cancelled.
async fn killed(mut house: House, run_ids: &mut RunIds) -> House {
    let body = json!({"query": format!("echo, {WAY}hang.2"), "max_rounds": 2});
    let mut started = send(house.request(Method::POST, START).json(&body)).await;
    let id = started.headers()["x-run-id"].to_str().unwrap().to_owned();
    let mut told = String::new();
    while !told.contains(r#""event":"tool_call""#) {
        let chunk = within("a frame", started.chunk()).await.unwrap().unwrap();
        told += &String::from_utf8_lossy(&chunk);
    }
    house = house.begins_anew(Some("LLAMA_API_KEY")).await;
    let mut follows = send(house.request(Method::GET, &format!("/api/runs/{id}/events"))).await;
    let mut cancelled = false;
    while let Some(chunk) = within("a frame", follows.chunk()).await.unwrap() {
        told += &String::from_utf8_lossy(&chunk);
        if !cancelled && told.contains(r#""event":"resumed""#) {
            cancelled = true;
            let request = house.request(Method::POST, &format!("/api/runs/{id}/cancel"));
            house.ask("refusals", request).await;
        }
    }
    assert!(
        cancelled && told.contains(r#""event":"complete""#),
        "{told}"
    );
    house.look("frames", told.as_bytes(), &[]);
    run_ids.insert(id);
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_anybody_sees_holds_a_secret_in_any_form() {
    let (mut house, mut run_ids) = (House::start().await, RunIds::new());
    all_ways(&mut house, &mut run_ids).await;
    other_interfaces(&mut house, &mut run_ids).await;
    refused(&mut house).await;
    cancelled(&mut house, &mut run_ids).await;
    house = killed(house, &mut run_ids).await;
    // The server whose key is gone is sent the name and password of its address.
    let ways = ["refusal.0", "refusal.2", "cut.2"];
    let questions = ways.map(|way| (format!("llama, {WAY}{way}"), Some("llama")));
    let told = asks_all(&mut house, &mut run_ids, &questions).await;
    assert!(told.contains("[secret]"), "{told}");
    broken_starts(&mut house).await;
    house.look_around(&run_ids).await;
    assert_eq!(house.found, BTreeSet::new());
}

/// What is looked for is found in each place, where it stands there.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_let_out_on_purpose_is_found_wherever_it_stands() {
    let leak = "variable of nobody";
    // A level that cannot be read is told in the log.
    let house = House::logging(&format!("debug,drive={}", value(leak))).await;
    let (mut house, mut run_ids) = (house, RunIds::new());
    let told = asks(
        &mut house,
        &mut run_ids,
        &format!("echo, {WAY}result.0 {}", value(leak)),
    )
    .await;
    assert!(told.contains("Done."));
    house.look_around(&run_ids).await;
    let places: BTreeSet<_> = house.found.iter().map(|(place, _)| &**place).collect();
    for place in [
        "frames",
        "snapshot",
        "events",
        "prompt",
        "command runs export",
        "command runs show",
        "command runs list",
        "/api/runs?limit=100",
        "what qwen is sent",
        "standard error",
    ] {
        assert!(places.contains(place), "{place}: {places:?}");
    }
    assert!(
        places.iter().any(|it| it.starts_with("file ")),
        "{places:?}"
    );
    let names: BTreeSet<_> = house.found.iter().map(|(_, name)| *name).collect();
    assert_eq!(names, BTreeSet::from([leak]));
}
