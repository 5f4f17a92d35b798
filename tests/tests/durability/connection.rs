//! Connections that are cut, slow or many: each watcher comes to the same state, and none holds anybody up.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tests::crash::{Watcher, World};
use tests::duckduckgo::{DuckDuckGo, article};
use tests::laws::check;
use tests::loopback::Served;
use tests::model_server::ModelServer;
use tests::script::{answer, call, calls, finish, sse, text, usage};
use tests::stack::Setup;
use tests::stream::{Frame, take_frames};
use tests::wait::within;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;

const KEY: &str = "the start of this run";

#[tokio::test]
async fn a_stream_cut_at_every_byte_is_taken_up_without_a_gap_or_a_repeat() {
    let models = ModelServer::start().await;
    let found = article("Seven", "There are seven.", "https://example.org/7");
    let search = DuckDuckGo::saying(&found).await;
    let stack = Setup::with_models(&models).search(&search).start().await;
    models.orchestrator([
        calls([call("search", json!({"query": "seven"}))]),
        calls([answer("answer-1")]),
    ]);
    models.experts([sse([
        text("Es sind 🦀 "),
        text("sieben."),
        finish("stop"),
        usage(10, 5),
    ])]);
    let client = &stack.client;
    let body = json!({"query": "How many?"}).to_string();
    let response = client.start_request(body).send().await.unwrap();
    let run_id = response.headers()["x-run-id"].to_str().unwrap().to_owned();
    let stream = within("the whole stream", response.text()).await.unwrap();
    let bytes = stream.as_bytes();
    let whole = frames(bytes);
    check(&whole);
    // A client that has seen the same event asks for the same.
    let mut missing: BTreeMap<u64, Vec<Frame>> = BTreeMap::new();
    for cut in 0..bytes.len() {
        let mut seen = frames(&bytes[..cut]);
        let last = seen.iter().filter_map(|it| it.id).next_back().unwrap_or(0);
        if let Entry::Vacant(unknown) = missing.entry(last) {
            let path = format!("/api/runs/{run_id}/events?after={last}");
            let rest = client.get(&path).await;
            assert_eq!(rest.status(), 200, "cut at {cut}");
            unknown.insert(frames(rest.text().await.unwrap().as_bytes()));
        }
        seen.extend(missing[&last].clone());
        check(&seen);
        let stored = |all: &[Frame]| -> Vec<Frame> {
            all.iter().filter(|it| it.is_stored()).cloned().collect()
        };
        assert_eq!(stored(&seen), stored(&whole), "cut at {cut}");
    }
}

/// The whole frames among the bytes.
fn frames(bytes: &[u8]) -> Vec<Frame> {
    take_frames(&mut bytes.to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn watchers_in_another_process_from_every_position_are_told_the_same() {
    let world = World::new(Duration::from_mins(1)).await;
    let [one, two] = [world.process().await, world.process().await];
    world.fuse.set("answer, step 2");
    let mut first = Watcher::default();
    let client = one.client.clone();
    let starting = first.start(&client, KEY);
    let watching = async {
        world.fuse.burnt().await;
        let runs = two.client.json("/api/runs").await;
        let run_id = runs["runs"][0]["run_id"].as_str().unwrap().to_owned();
        let shown = two.client.json(&format!("/api/runs/{run_id}")).await;
        let last = shown["last_seq"].as_u64().unwrap();
        // Two of each position, less than a run may have.
        let positions = (0..=last).rev().take(9).flat_map(|after| [after, after]);
        let watching = positions.map(async |after| {
            let path = format!("/api/runs/{run_id}/events?after={after}");
            let response = two.client.get(&path).await;
            assert_eq!(response.status(), 200);
            (after, response)
        });
        let watching = futures_util::future::join_all(watching).await;
        world.fuse.release();
        let reading = watching.into_iter().map(async |(after, response)| {
            let mut watcher = Watcher::default();
            watcher.read(response).await;
            (after, watcher.frames)
        });
        futures_util::future::join_all(reading).await
    };
    let ((), told) = tokio::join!(starting, watching);
    check(&first.frames);
    let stored = first.stored();
    assert!(told.len() >= 10);
    for (after, frames) in told {
        let missing = &stored[usize::try_from(after).unwrap()..];
        let frames: Vec<Frame> = frames.into_iter().filter(Frame::is_stored).collect();
        assert_eq!(frames, missing, "after {after}");
    }
}

/// Rounds of the wide run: more events than a watcher may lag behind, several times over.
const ROUNDS: usize = 50;
const CALLS: usize = 16;

/// Asks for many calls of a tool that does not exist, round after round, and answers in the last. Whoever is to answer in place of such
/// rounds is refused for good: what would be asked again is waited for.
async fn wide(Json(request): Json<Value>) -> axum::response::Response {
    if request["tools"].is_null() {
        let refusal = json!({"error": {"message": "this model answers nobody", "code": 400}});
        return (StatusCode::BAD_REQUEST, Json(refusal)).into_response();
    }
    let messages = request["messages"].as_array().unwrap();
    let decided = messages
        .iter()
        .filter(|it| it["role"] == "assistant")
        .count();
    let mut body = String::new();
    let mut push = |delta: Value, finish: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        write!(body, "data: {}\n\n", json!({"choices": [choice]})).unwrap();
    };
    if decided + 1 < ROUNDS {
        let arguments = json!({"to": "x".repeat(3000)}).to_string();
        let calls: Vec<Value> = (0..CALLS)
            .map(|index| {
                let function = json!({"name": "telepathy", "arguments": arguments});
                json!({"index": index, "id": format!("{index}"), "type": "function", "function": function})
            })
            .collect();
        push(json!({"tool_calls": calls}), json!("tool_calls"));
    } else {
        push(json!({"content": "Seven."}), json!("stop"));
    }
    ([("content-type", "text/event-stream")], body).into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_that_reads_nothing_holds_nobody_up_and_misses_nothing() {
    let mut world = World::new(Duration::from_mins(1)).await;
    let router = Router::new()
        .route("/v1/chat/completions", post(wide))
        .layer(DefaultBodyLimit::disable());
    let models = Served::start(router).await;
    world.models = models.address.clone();
    world.send_buffer = Some(16 * 1024);
    let process = world.process().await;
    let host = process
        .client
        .address
        .trim_start_matches("http://")
        .to_owned();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut slow = socket.connect(host.parse().unwrap()).await.unwrap();
    let body = json!({"query": "How many?", "max_rounds": ROUNDS}).to_string();
    let request = format!(
        "POST /api/chat/orchestrator/stream HTTP/1.0\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    slow.write_all(request.as_bytes()).await.unwrap();
    // The run ends although its first watcher reads nothing.
    let listed = within("the run to be listed", async {
        loop {
            let runs = process.client.json("/api/runs").await;
            if let Some(run_id) = runs["runs"][0]["run_id"].as_str() {
                return run_id.to_owned();
            }
        }
    });
    let mut reader = Watcher {
        run_id: Some(listed.await),
        ..Watcher::default()
    };
    within("the run to end", reader.to_the_end(&process.client)).await;
    check(&reader.frames);
    assert!(reader.frames.len() > 1500, "{}", reader.frames.len());
    let mut told = Vec::new();
    within(
        "the slow watcher to be told all",
        slow.read_to_end(&mut told),
    )
    .await
    .unwrap();
    let head = told.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    let told = frames(&told[head + 4..]);
    check(&told);
    let stored: Vec<Frame> = told.into_iter().filter(Frame::is_stored).collect();
    assert_eq!(stored, reader.stored());
}
