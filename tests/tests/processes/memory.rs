//! Watchers that read nothing: the run goes on, and what the process holds for them does not grow with the run.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tests::crash::World;
use tests::gate::Gate;
use tests::laws;
use tests::loopback::Served;
use tests::process::StackProcess;
use tests::stream::{Frame, take_frames};
use tests::wait::within;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::ALONE;

/// As many as a run may have.
const WATCHERS: usize = 20;
const ROUNDS: usize = 4;
/// By then no connection takes any more.
const MIDDLE: usize = 2;
const CALLS: usize = 16;
const PIECE_BYTES: usize = 4 * 1024;
const PIECES: usize = 60;
/// Text that is written from the middle on.
const REST_BYTES: u64 = ((ROUNDS - MIDDLE) * CALLS * PIECES * PIECE_BYTES) as u64;
/// Seconds; longer than any wait of a test.
const LEASE: u64 = 600;

/// Where the run waits: before its first decision, and in its middle.
#[derive(Clone)]
struct Gates {
    first: Gate,
    middle: Gate,
    /// Decisions so far.
    decided: Arc<AtomicUsize>,
}

/// Asks many experts in each round, and answers once the last round is over; each expert writes a long text.
async fn talk(State(gates): State<Gates>, Json(request): Json<Value>) -> Response {
    let mut body = String::new();
    let mut push = |delta: Value, finish: Option<&str>| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        write!(body, "data: {}\n\n", json!({"choices": [choice]})).unwrap();
    };
    if request.get("tools").is_none() {
        let piece = "x".repeat(PIECE_BYTES);
        for _ in 0..PIECES {
            push(json!({"content": piece}), None);
        }
        push(json!({}), Some("stop"));
        return stream(body);
    }
    // What has been said is left out of a full context, so it cannot be counted in the request.
    let decided = gates.decided.fetch_add(1, Ordering::Relaxed);
    if decided < ROUNDS {
        let call = |index: usize| {
            let arguments = json!({"model": "reasoner-2", "problem": "Write much."});
            let function = json!({"name": "enhance_reasoning", "arguments": arguments.to_string()});
            json!({"index": index, "id": index.to_string(), "type": "function", "function": function})
        };
        let calls: Vec<Value> = (0..CALLS).map(call).collect();
        push(json!({"tool_calls": calls}), Some("tool_calls"));
        match decided {
            0 => gates.first.pass().await,
            MIDDLE => gates.middle.pass().await,
            _ => {}
        }
    } else {
        push(json!({"content": "Seven."}), Some("stop"));
    }
    stream(body)
}

fn stream(body: String) -> Response {
    ([("content-type", "text/event-stream")], body).into_response()
}

/// A request whose answer is not read.
async fn unread(process: &StackProcess, request: &str) -> TcpStream {
    let host = process.client.address.trim_start_matches("http://");
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(host.parse().unwrap()).await.unwrap();
    let request = request.replace("HOST", host);
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Waits for the status of an answer, and leaves it unread.
async fn let_in(stream: &TcpStream) {
    let mut status = [0; 12];
    while stream.peek(&mut status).await.unwrap() < status.len() {}
    assert!(status.ends_with(b" 200"), "{status:?}");
}

/// What a connection that nobody has read was told, to its end.
async fn read(mut stream: TcpStream) -> Vec<Frame> {
    let mut told = Vec::new();
    within(
        "a stuck watcher to be told all",
        stream.read_to_end(&mut told),
    )
    .await
    .unwrap();
    let head = told.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    take_frames(&mut told.split_off(head + 4))
}

#[tokio::test(flavor = "multi_thread")]
async fn stuck_watchers_hold_nobody_up_and_grow_no_buffer_with_the_run() {
    let _alone = ALONE.lock().await;
    let mut world = World::new(Duration::from_secs(LEASE)).await;
    let gates = Gates {
        first: Gate::shut(),
        middle: Gate::shut(),
        decided: Arc::default(),
    };
    let router = Router::new()
        .route("/v1/chat/completions", post(talk))
        .layer(DefaultBodyLimit::disable())
        .with_state(gates.clone());
    let models = Served::start(router).await;
    world.models = models.address.clone();
    let process = StackProcess::start(&world, LEASE).await;
    let body = json!({"query": "Much?", "max_rounds": ROUNDS + 1}).to_string();
    let start = format!(
        "POST /api/chat/orchestrator/stream HTTP/1.0\r\nhost: HOST\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let starter = unread(&process, &start).await;
    gates.first.reached().await;
    let run_id = world.only_run().await;
    let path = format!("/api/runs/{run_id}/events");
    let follow = format!("GET {path} HTTP/1.0\r\nhost: HOST\r\n\r\n");
    let mut stuck = Vec::new();
    for _ in 0..WATCHERS {
        let watcher = unread(&process, &follow).await;
        within("a watcher to be let in", let_in(&watcher)).await;
        stuck.push(watcher);
    }
    assert_eq!(process.client.get(&path).await.status(), 429);
    gates.first.open();
    gates.middle.reached().await;
    let in_the_middle = process.peak_resident_bytes();
    gates.middle.open();
    world
        .table
        .until_answered(|it| it.appends("complete"))
        .await;
    let grown = process.peak_resident_bytes() - in_the_middle;
    println!(
        "{REST_BYTES} bytes of text, {in_the_middle} bytes held before and {grown} more after"
    );
    // The driver itself holds the text, and more of it for a moment; a buffer for each watcher would be twenty times the text.
    assert!(grown < REST_BYTES * WATCHERS as u64 / 2);
    let last = stuck.pop().unwrap();
    drop(stuck);
    let [first, last] = [read(starter).await, read(last).await];
    laws::check(&first);
    laws::check(&last);
    let stored: Vec<Frame> = first.into_iter().filter(Frame::is_stored).collect();
    let other: Vec<Frame> = last.into_iter().filter(Frame::is_stored).collect();
    assert!(stored == other, "two watchers were told different things");
}
