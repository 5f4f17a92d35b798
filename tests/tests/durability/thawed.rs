//! Requests that were signed before a function was frozen, and sent after it was thawed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use tests::crash::{Watcher, World, attempts, verify};
use tests::loopback::Served;

const KEY: &str = "the start of this run";
const EXPIRED: &str = "Signature expired: 20261128T172525Z is now earlier than 20261128T172528Z (20261128T173028Z - 5 min.)";
/// The largest body of an invocation, in bytes.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Refuses each invocation the first time as Lambda does, and passes it on after that.
fn refuse_first(target: String) -> Router {
    let seen: Arc<Mutex<BTreeSet<Bytes>>> = Arc::default();
    let http = host::http::direct_client().unwrap();
    Router::new().fallback(async move |request: Request| {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, MAX_BYTES).await.unwrap();
        if seen.lock().unwrap().insert(body.clone()) {
            return expired();
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

fn expired() -> Response {
    let kind =
        "InvalidSignatureException:http://internal.amazon.com/coral/com.amazon.coral.service/";
    let headers = [
        ("content-type", "application/json"),
        ("x-amzn-errortype", kind),
    ];
    (
        StatusCode::FORBIDDEN,
        headers,
        json!({"message": EXPIRED}).to_string(),
    )
        .into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invocation_that_was_signed_too_long_ago_is_signed_anew() {
    let mut world = World::new(Duration::from_mins(1)).await;
    let proxy = Served::start(refuse_first(world.functions.address.clone())).await;
    let behind = std::mem::replace(&mut world.functions, proxy);
    let process = world.process().await;
    let mut watcher = Watcher::default();
    watcher.start(&process.client, KEY).await;
    assert!(watcher.is_over());
    verify(&world, &process.client, &watcher).await;
    assert!(
        attempts(&watcher.frames)
            .values()
            .all(|attempts| *attempts == 1)
    );
    let results = watcher
        .frames
        .iter()
        .filter(|frame| frame.event() == "tool_result");
    // Among them the letter, which must not be sent twice.
    for result in results {
        assert_eq!(result.data["ok"], true, "{}", result.data);
    }
    assert!(world.cast.invoked().values().all(|times| *times == 1));
    drop(behind);
}
