//! Whoever connects and does not ask keeps nobody else out.
//!
//! `HALF_OPEN=1100` opens as many of each kind as an attack does, within the limits of the page as it is.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use futures_util::future::join_all;
use local::connections::{Limits, raise_descriptors};
use reqwest::Method;
use serde_json::json;
use tests::client::send;
use tests::duckduckgo::{DuckDuckGo, article};
use tests::gate::Gate;
use tests::model_server::ModelServer;
use tests::script::{Part, answer, call, calls, gate, says, sse, text};
use tests::stack::{Setup, Stack};
use tests::wait::within;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Connections of each kind, more than the page lets in.
const FEW: usize = 60;
const START: &str = "POST /api/chat/orchestrator/stream HTTP/1.1\r\nhost: HOST\r\n";
/// No test waits for it.
const LONG: Duration = Duration::from_hours(1);

fn limits() -> (usize, Limits) {
    raise_descriptors();
    match std::env::var("HALF_OPEN") {
        Ok(many) => (many.parse().unwrap(), Limits::of_page()),
        Err(_) => (
            FEW,
            Limits {
                connections: 20,
                per_address: 5,
                head: LONG,
                body: LONG,
                idle: LONG,
            },
        ),
    }
}

async fn connect(stack: &Stack, sent: &str) -> TcpStream {
    let host = stack.client.address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream
        .write_all(sent.replace("HOST", host).as_bytes())
        .await
        .unwrap();
    stream
}

/// What is said before the connection is closed; nothing where it is cut off.
async fn said(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    let read = within("a connection to be closed", stream.read_to_end(&mut said)).await;
    if read.is_err() {
        said.clear();
    }
    String::from_utf8(said).unwrap()
}

/// Every way in which a request can stay without an end.
fn unfinished() -> [String; 6] {
    [
        String::new(),
        "GET".to_owned(),
        "GET / HTTP/1.1\r\nhost: HOST\r\nx: ".to_owned(),
        format!("{START}content-type: application/json\r\ncontent-length: 500\r\n\r\n{{\"query\""),
        format!(
            "{START}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{{"
        ),
        // One has been answered; the next never ends.
        "GET /health HTTP/1.1\r\nhost: HOST\r\n\r\nGET /health HTTP/1.1\r\n".to_owned(),
    ]
}

#[tokio::test]
async fn a_run_goes_on_and_others_are_served_while_requests_stay_without_an_end() {
    let (many, limits) = limits();
    let models = ModelServer::start().await;
    let held = Gate::shut();
    let search = call("search", json!({"query": "seven"}));
    models.orchestrator([sse([gate(&held), search]), calls([answer("answer-1")])]);
    models.experts([says("Seven.")]);
    let service = DuckDuckGo::saying(&article(
        "Seven",
        "There are seven.",
        "https://example.org/7",
    ))
    .await;
    let setup = Setup::with_models(&models)
        .search(&service)
        .connections(limits);
    let stack = setup.start().await;
    let run = stack.client.start(&json!({"query": "How many?"})).await;
    held.reached().await;
    let mut attack = Vec::new();
    for kind in unfinished() {
        for _ in 0..many {
            attack.push(connect(&stack, &kind).await);
        }
        // A connection of its own for each, as of a person who comes now.
        assert_eq!(
            tests::raw_http::exchange(&stack.client.address, "GET", "/health", &[])
                .await
                .get(..15),
            Some("HTTP/1.1 200 OK")
        );
    }
    held.open();
    let told = run.told().await;
    assert_eq!(told.tools_used(), ["search", "answer"]);
    assert_eq!(told.answer(), "Seven.");
    assert_eq!(told.of("tool_result")[0]["ok"], true);
    let ask = stack.client.request(Method::GET, "/api/config");
    assert_eq!(send(ask).await.status(), 200);
    drop(attack);
    models.assert_spent();
}

#[tokio::test]
async fn with_a_request_under_way_on_each_the_next_is_refused_with_words() {
    let (_, limits) = limits();
    let limits = Limits {
        connections: 3,
        ..limits
    };
    let models = ModelServer::start().await;
    let held = Gate::shut();
    let parts = || -> Vec<Part> { vec![text("Soon"), gate(&held), text(".")] };
    models.orchestrator((0..3).map(|_| sse(parts())));
    let stack = Setup::with_models(&models)
        .connections(limits)
        .start()
        .await;
    let mut runs = Vec::new();
    for _ in 0..3 {
        let mut run = stack.client.start(&json!({"query": "How many?"})).await;
        let seen = run.until(|frame| frame.event() == "delta").await;
        runs.push((run, seen));
    }
    // Also one whose whole request is there already when it is refused.
    for sent in ["", "GET /health HTTP/1.1\r\nhost: HOST\r\n\r\n"] {
        let refused = said(connect(&stack, sent).await).await;
        for part in [
            "HTTP/1.1 503 Service Unavailable\r\n",
            "\r\nretry-after: 5\r\n",
            "\r\ncache-control: no-store\r\n",
            "\r\nx-content-type-options: nosniff\r\n",
            r#""code":"unavailable""#,
        ] {
            assert!(refused.contains(part), "{sent:?}, {part}: {refused}");
        }
    }
    held.open();
    for (run, seen) in runs {
        assert_eq!(run.told_after(seen).await.status(), "completed");
    }
    let health = tests::raw_http::exchange(&stack.client.address, "GET", "/health", &[]).await;
    assert!(health.starts_with("HTTP/1.1 200 OK"), "{health}");
}

/// Each part of a request has a time of its own; what is asked has none.
#[tokio::test]
async fn a_request_that_stays_away_is_closed_and_a_stream_is_not() {
    // It binds the run's own request, too, on however slow a machine.
    let short = Duration::from_secs(1);
    let all = Limits {
        connections: 100,
        per_address: 100,
        head: LONG,
        body: LONG,
        idle: LONG,
    };
    let [nothing, begun, head, body, chunks, next] = unfinished();
    let answered = "GET /health HTTP/1.1\r\nhost: HOST\r\n\r\n".to_owned();
    let cases = [
        (
            Limits { head: short, ..all },
            vec![nothing, begun, head, next],
        ),
        (Limits { body: short, ..all }, vec![body, chunks]),
        (Limits { idle: short, ..all }, vec![answered]),
    ];
    for (limits, unfinished) in cases {
        let models = ModelServer::start().await;
        let held = Gate::shut();
        models.orchestrator([sse([text("Soon"), gate(&held), text(".")])]);
        let stack = Setup::with_models(&models)
            .connections(limits)
            .start()
            .await;
        let mut run = stack.client.start(&json!({"query": "How many?"})).await;
        let seen = run.until(|frame| frame.event() == "delta").await;
        let heard = join_all(
            unfinished
                .iter()
                .map(async |sent| said(connect(&stack, sent).await).await),
        );
        for (sent, heard) in unfinished.iter().zip(heard.await) {
            let is_answered = sent.starts_with("GET /health");
            assert_eq!(
                heard.starts_with("HTTP/1.1 200 OK"),
                is_answered,
                "{sent:?}: {heard}"
            );
        }
        held.open();
        assert_eq!(run.told_after(seen).await.answer(), "Soon.");
    }
}
