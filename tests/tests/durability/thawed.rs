//! Requests that were signed before a function was frozen, and sent after it was thawed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use tests::crash::{Process, Watcher, World, attempts, verify};
use tests::loopback::Served;

const KEY: &str = "the start of this run";
/// The largest body of an invocation, in bytes.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// How often one invocation is signed.
const SIGNATURES: usize = 3;

/// Status, code and words.
type Refusal = (u16, &'static str, &'static str);

const EXPIRED: Refusal = (
    403,
    "InvalidSignatureException",
    "Signature expired: 20261128T172525Z is now earlier than 20261128T172528Z (20261128T173028Z - 5 min.)",
);
const NOT_YET: Refusal = (
    403,
    "SignatureDoesNotMatch",
    "Signature not yet current: 20261128T172525Z is still later than 20261128T172028Z (20261128T171528Z + 5 min.)",
);
const OF_AN_EMULATOR: Refusal = (
    403,
    "AuthFailure",
    "the request's signature expired before it came",
);
const IN_THE_FUTURE: Refusal = (400, "RequestInTheFuture", "");

/// How often each invocation was sent, by its body.
type Sent = Arc<Mutex<BTreeMap<Bytes, usize>>>;

/// Refuses each invocation the first times as Lambda does, and passes it on after that.
fn refuse_first(target: String, refusals: &'static [Refusal], sent: &Sent) -> Router {
    let sent = Arc::clone(sent);
    let http = host::http::direct_client().unwrap();
    Router::new().fallback(async move |request: Request| {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, MAX_BYTES).await.unwrap();
        let before = {
            let mut sent = sent.lock().unwrap();
            let times = sent.entry(body.clone()).or_default();
            *times += 1;
            *times - 1
        };
        if let Some(refusal) = refusals.get(before) {
            return refused(*refusal);
        }
        let url = format!("{target}{}", parts.uri);
        let sent = http
            .request(parts.method, url)
            .headers(parts.headers)
            .body(body);
        let answer = sent.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        (status, headers, answer.bytes().await.unwrap()).into_response()
    })
}

fn refused((status, code, words): Refusal) -> Response {
    let kind = format!("{code}:http://internal.amazon.com/coral/com.amazon.coral.service/");
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("x-amzn-errortype", kind),
    ];
    let body = json!({"message": words}).to_string();
    (StatusCode::from_u16(status).unwrap(), headers, body).into_response()
}

/// A world whose tools are behind such refusals, and a run in it.
async fn run(refusals: &'static [Refusal]) -> (World, Process, Watcher, Sent) {
    let mut world = World::new(Duration::from_mins(1)).await;
    let sent = Sent::default();
    let proxy = refuse_first(world.functions.address.clone(), refusals, &sent);
    let proxy = Served::start(proxy).await;
    let _behind = std::mem::replace(&mut world.functions, proxy);
    let process = world.process().await;
    let mut watcher = Watcher::default();
    watcher.start(&process.client, KEY).await;
    assert!(watcher.is_over());
    (world, process, watcher, sent)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invocation_that_was_signed_too_long_ago_is_signed_anew() {
    const REFUSALS: [&[Refusal]; 3] = [
        &[EXPIRED],
        &[EXPIRED, NOT_YET],
        &[IN_THE_FUTURE, OF_AN_EMULATOR],
    ];
    for refusals in REFUSALS {
        let (world, process, watcher, sent) = run(refusals).await;
        verify(&world, &process.client, &watcher).await;
        let attempts = attempts(&watcher.frames);
        assert!(attempts.values().all(|attempts| *attempts == 1));
        let frames = watcher.frames.iter();
        let results = frames.filter(|frame| frame.event() == "tool_result");
        // Among them the letter, which must not be sent twice.
        for result in results {
            assert_eq!(result.data["ok"], true, "{}", result.data);
        }
        assert!(world.cast.invoked().values().all(|times| *times == 1));
        let sent = sent.lock().unwrap();
        assert!(sent.values().all(|times| *times == refusals.len() + 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invocation_is_signed_so_often_and_no_more() {
    let (world, _process, _watcher, sent) = run(&[EXPIRED; 2 * SIGNATURES * SIGNATURES]).await;
    let sent = sent.lock().unwrap();
    assert!(!sent.is_empty());
    assert!(
        sent.values().all(|times| *times == SIGNATURES),
        "{:?}",
        sent.values()
    );
    assert!(world.cast.invoked().is_empty());
}

/// What was not refused may have run.
#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_must_not_be_called_twice_is_not_where_that_may_have_happened() {
    for refusals in [
        &[(500, "ServiceException", ""); SIGNATURES][..],
        &[(403, "AccessDeniedException", ""); SIGNATURES],
    ] {
        let (_world, _process, _watcher, sent) = run(refusals).await;
        let sent = sent.lock().unwrap();
        let mut letters = sent.iter().filter(|(body, _)| is_letter(body)).peekable();
        assert!(letters.peek().is_some());
        assert!(letters.all(|(_, times)| *times == 1), "{refusals:?}");
    }
}

fn is_letter(body: &Bytes) -> bool {
    let request: serde_json::Value = serde_json::from_slice(body).unwrap();
    request["tool"] == "letter"
}
