//! The whole tool against a server that answers as `DuckDuckGo` does, well or badly.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::RawQuery;
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use search::{Config, Search};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const JSON: &str = "application/x-javascript";
const HTML: &str = "text/html; charset=UTF-8";

/// What the real service says to `rust programming language`, shortened.
const ARTICLE: &str = include_str!("article.json");
/// What it says to a question it knows nothing about: every field there, every field empty.
const NOTHING: &str = include_str!("nothing.json");

async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    base
}

/// A server with one answer to every request.
async fn replay(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> String {
    let body = body.into();
    let answer = async move || {
        Response::builder()
            .status(status)
            .header("content-type", content_type)
            .body(Body::from(body))
            .unwrap()
    };
    serve(Router::new().fallback(answer)).await
}

fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_millis().try_into().unwrap()
}

async fn call(base: &str, arguments: Value, time_ms: u64) -> Value {
    let request = json!({
        "call_id": "r1.1", "idempotency_key": "01ARZ3NDEKTSV4RRFFQ69G5FAV/1/1", "tool": "search",
        "arguments": arguments, "deadline_ms": now_ms() + time_ms,
        "run_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "round": 1,
    });
    let search = Search::new(Config::new(base).unwrap()).unwrap();
    let response = search
        .handle(serde_json::from_value(request).unwrap())
        .await;
    serde_json::to_value(response).unwrap()
}

async fn search(base: &str) -> Value {
    call(base, json!({"query": "rust"}), 60_000).await
}

fn found(query: &str, results: Value) -> Value {
    let num_results = results.as_array().unwrap().len();
    json!({"ok": true, "result": {
        "query": query, "num_results": num_results, "results": results, "provider": "duckduckgo",
    }})
}

fn failed(base: &str, code: &str, what: &str, retryable: bool) -> Value {
    let host = base.trim_start_matches("http://");
    let message = format!("the search service at {host} {what}");
    json!({"ok": false, "error": {"code": code, "message": message, "retryable": retryable}})
}

#[tokio::test]
async fn an_article_comes_back_as_its_summary_its_site_and_its_topics() {
    let base = replay(200, JSON, ARTICLE).await;
    let summary = json!({
        "title": "Rust (programming language)",
        "snippet": "Rust is a general-purpose programming language. It is noted for its emphasis on performance, type safety, concurrency, and memory safety.",
        "url": "https://en.wikipedia.org/wiki/Rust_(programming_language)",
    });
    let site = json!({"title": "Official site", "snippet": "Official site", "url": "https://www.rust-lang.org/"});
    let topics = [
        json!({
            "title": "Concurrent programming languages",
            "snippet": "Concurrent programming languages",
            "url": "https://duckduckgo.com/c/Concurrent_programming_languages",
        }),
        json!({
            "title": "Outline of the Rust programming language",
            "snippet": "Outline of the Rust programming language The following outline is provided as an overview of & topical guide to Rust.",
            "url": "https://duckduckgo.com/Outline_of_the_Rust_programming_language",
        }),
        json!({
            "title": "Rust (fungus)",
            "snippet": "Rust (fungus) Rusts are fungal plant pathogens of the order Pucciniales.",
            "url": "https://duckduckgo.com/Rust_(fungus)",
        }),
    ];
    let [first, second, third] = topics;
    let all = [summary, site, first, second, third];

    for count in 1..=5 {
        let arguments = json!({"query": "rust programming language", "num_results": count});
        let expected = found("rust programming language", json!(all[..count]));
        assert_eq!(call(&base, arguments, 60_000).await, expected);
    }
}

#[tokio::test]
async fn nothing_found_is_no_failure() {
    let answers = [
        (200, JSON, NOTHING),
        (202, JSON, NOTHING),
        (202, JSON, ""),
        (200, JSON, "{}"),
    ];
    for (status, content_type, body) in answers {
        let base = replay(status, content_type, body).await;
        assert_eq!(
            search(&base).await,
            found("rust", json!([])),
            "{status} {body}"
        );
    }
}

#[tokio::test]
async fn the_query_goes_out_whole_and_under_the_base_path() {
    let echo = async |uri: Uri, RawQuery(query): RawQuery, headers: HeaderMap| {
        let agent = headers["user-agent"].to_str().unwrap();
        let said = format!("{} {} {agent}", uri.path(), query.unwrap());
        json!({"Answer": said}).to_string()
    };
    let base = serve(Router::new().fallback(echo)).await;
    let arguments = json!({"query": "a&b=c #1 + 100% é?", "num_results": 1});
    let agent = concat!("serverless-llm/", env!("CARGO_PKG_VERSION"));
    for (base, path) in [(base.clone(), "/"), (format!("{base}/ddg"), "/ddg/")] {
        let sent = "q=a%26b%3Dc+%231+%2B+100%25+%C3%A9%3F&format=json&no_html=1&skip_disambig=1";
        let expected = found(
            "a&b=c #1 + 100% é?",
            json!([{
                "title": "a&b=c #1 + 100% é?",
                "snippet": format!("{path} {sent} {agent}"),
                "url": "https://duckduckgo.com/?q=a%26b%3Dc+%231+%2B+100%25+%C3%A9%3F",
            }]),
        );
        assert_eq!(call(&base, arguments.clone(), 60_000).await, expected);
    }
}

#[tokio::test]
async fn a_bad_response_is_told_as_what_it_is() {
    let page =
        "<!DOCTYPE html><html><head><title>DuckDuckGo</title></head><body>Error</body></html>";
    let unreadable = "answered with something that is not search results";
    let cases = [
        (
            429,
            HTML,
            page.to_owned(),
            "rate_limited",
            "refuses more searches for now; try again later",
            true,
        ),
        (
            500,
            HTML,
            page.to_owned(),
            "bad_response",
            "answered with status 500",
            true,
        ),
        (
            503,
            JSON,
            String::new(),
            "bad_response",
            "answered with status 503",
            true,
        ),
        (
            403,
            HTML,
            page.to_owned(),
            "bad_response",
            "answered with status 403",
            false,
        ),
        (
            303,
            HTML,
            String::new(),
            "bad_response",
            "answered with status 303",
            false,
        ),
        (
            200,
            HTML,
            page.to_owned(),
            "bad_response",
            unreadable,
            false,
        ),
        (
            202,
            HTML,
            page.to_owned(),
            "bad_response",
            unreadable,
            false,
        ),
        (200, JSON, String::new(), "bad_response", unreadable, false),
        (
            200,
            JSON,
            "\u{0}\u{1}garbage".to_owned(),
            "bad_response",
            unreadable,
            false,
        ),
        (
            200,
            JSON,
            "[]".to_owned(),
            "bad_response",
            unreadable,
            false,
        ),
        (
            200,
            JSON,
            ARTICLE[..ARTICLE.len() / 2].to_owned(),
            "bad_response",
            unreadable,
            false,
        ),
        (
            200,
            JSON,
            format!("{{\"Answer\": \"{}\"}}", "a".repeat(1 << 20)),
            "bad_response",
            "answered with more than 1048576 bytes",
            false,
        ),
    ];
    for (status, content_type, body, code, what, retryable) in cases {
        let base = replay(status, content_type, body).await;
        let expected = failed(&base, code, what, retryable);
        assert_eq!(search(&base).await, expected, "{status} {code}");
    }
}

#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed() {
    let elsewhere = replay(200, JSON, ARTICLE).await;
    let redirect = async move || (StatusCode::SEE_OTHER, [("location", elsewhere)]);
    let base = serve(Router::new().fallback(redirect)).await;
    let expected = failed(&base, "bad_response", "answered with status 303", false);
    assert_eq!(search(&base).await, expected);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_bad_response() {
    let broken = async || {
        let half = Bytes::from_static(&ARTICLE.as_bytes()[..100]);
        let chunks = [Ok(half), Err(std::io::Error::other("gone"))];
        Body::from_stream(futures_util::stream::iter(chunks))
    };
    let base = serve(Router::new().fallback(broken)).await;
    let expected = failed(
        &base,
        "bad_response",
        "broke off in the middle of its answer",
        true,
    );
    assert_eq!(search(&base).await, expected);
}

#[tokio::test]
async fn a_service_that_is_silent_until_the_deadline_is_a_timeout() {
    let silent = async || std::future::pending::<()>().await;
    let stalled =
        async || Body::from_stream(futures_util::stream::pending::<Result<Bytes, Infallible>>());
    for app in [
        Router::new().fallback(silent),
        Router::new().fallback(stalled),
    ] {
        let base = serve(app).await;
        let expected = failed(&base, "timeout", "did not answer in time", true);
        for time_ms in [0, 400] {
            let response = call(&base, json!({"query": "rust"}), time_ms).await;
            assert_eq!(response, expected);
        }
    }
}

#[tokio::test]
async fn a_service_that_refuses_connections_is_unreachable_and_its_secrets_stay() {
    // Nothing but the operating system may listen on port 1.
    let base = "http://user:secret@127.0.0.1:1/token";
    let expected = failed(
        "127.0.0.1:1",
        "unreachable",
        "cannot be reached; the operator should check this machine's network access and DUCKDUCKGO_URL",
        true,
    );
    assert_eq!(search(base).await, expected);
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_told_before_anything_is_asked() {
    let expected = json!({"ok": false, "error": {
        "code": "invalid_arguments",
        "message": "num_results must be between 1 and 5, got 9",
        "retryable": false,
    }});
    let arguments = json!({"query": "rust", "num_results": 9});
    assert_eq!(
        call("http://127.0.0.1:1", arguments, 60_000).await,
        expected
    );
}
