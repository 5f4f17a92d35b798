//! What a client says of services that answer as they should, and as they should not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::Ipv4Addr;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use axum::http::response::Builder;
use axum::routing::any;
use client::{Client, ClientError, Refusal};
use serde_json::json;
use tokio::net::TcpListener;

const RUN: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

type Answer = fn(Builder) -> Response<Body>;

/// A client of a service that gives one answer to everything.
async fn answering(answer: Answer) -> Client {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().fallback(any(async move || answer(Response::builder())));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Client::new(host::http::direct_client().unwrap(), address)
}

fn stream(head: Builder) -> Builder {
    head.header("content-type", "text/event-stream")
        .header("cache-control", "no-cache, no-transform")
        .header("x-accel-buffering", "no")
}

fn started(head: Builder) -> Builder {
    stream(head)
        .header("x-run-id", RUN)
        .header("location", format!("/api/runs/{RUN}/events"))
}

fn body(head: Builder, text: &'static str) -> Response<Body> {
    head.body(Body::from(text)).unwrap()
}

#[tokio::test]
async fn a_start_is_read_frame_by_frame_and_knows_where_to_go_on() {
    let client = answering(|head| {
        let frames = "id: 1\ndata: {\"event\":\"start\"}\n\ndata: {\"event\":\"ping\"}\n\n";
        body(started(head), frames)
    });
    let mut events = client.await.start(&json!({"query": "Hi"})).await.unwrap();
    assert_eq!((events.run_id(), events.last_id()), (RUN, 0));
    let mut seen = Vec::new();
    while let Some(frame) = events.next().await.unwrap() {
        seen.push((frame.event().to_owned(), events.last_id()));
    }
    // What is not stored is no place to go on from.
    assert_eq!(seen, [("start".to_owned(), 1), ("ping".to_owned(), 1)]);
}

#[tokio::test]
async fn a_stream_that_ended_before_its_first_event_is_gone_on_with_where_it_began() {
    let client = answering(|head| body(stream(head), "data: {\"event\":\"ping\"}\n\n")).await;
    let mut events = client.events(RUN, 41).await.unwrap().unwrap();
    while events.next().await.unwrap().is_some() {}
    assert_eq!(events.last_id(), 41);
}

#[tokio::test]
async fn of_a_run_that_was_read_to_its_end_nothing_is_left() {
    let client = answering(|head| body(head.status(204), "")).await;
    assert!(client.events(RUN, 7).await.unwrap().is_none());
}

#[tokio::test]
async fn a_refusal_is_told_in_the_services_words_and_one_of_another_in_some_of_its_own() {
    let client = answering(|head| {
        let refused =
            r#"{"error": {"code": "invalid_request", "message": "no", "field": "query"}}"#;
        body(head.status(400), refused)
    });
    let refusal = |status, code: &str, message: &str, field: Option<&str>| Refusal {
        status,
        code: code.to_owned(),
        message: message.to_owned(),
        field: field.map(str::to_owned),
    };
    let error = client.await.json("/api/config").await.unwrap_err();
    let ClientError::Refused(told) = error else {
        panic!("{error:?}");
    };
    assert_eq!(told, refusal(400, "invalid_request", "no", Some("query")));
    assert_eq!(told.to_string(), "refused (400 invalid_request): no");
    for (answer, told) in [
        (
            (|head| {
                head.status(502)
                    .body(Body::from("<html>".repeat(9000)))
                    .unwrap()
            }) as Answer,
            refusal(502, "", &format!("{}<h", "<html>".repeat(33)), None),
        ),
        (
            |head| body(head.status(503), ""),
            refusal(503, "", "", None),
        ),
        (
            |head| body(head.status(500), "{\"error\": 1}"),
            refusal(500, "", "{\"error\": 1}", None),
        ),
    ] {
        let error = answering(answer).await.start(&json!({})).await.unwrap_err();
        assert!(
            matches!(&error, ClientError::Refused(refused) if *refused == told),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_breaks_the_contract_is_told_as_such() {
    for (answer, fault) in [
        (
            (|head| body(stream(head), "")) as Answer,
            "no header x-run-id",
        ),
        (
            |head| body(stream(head).header("x-run-id", RUN), ""),
            "no header location",
        ),
        (
            |head| {
                body(
                    stream(head).header("x-run-id", RUN).header("location", "/"),
                    "",
                )
            },
            "location is /",
        ),
        (
            |head| {
                let head = head.header("x-run-id", RUN);
                let head = head.header("location", format!("/api/runs/{RUN}/events"));
                body(head.header("content-type", "text/html"), "<html>")
            },
            "content-type of a stream is text/html",
        ),
        (
            |head| body(started(head).status(202), ""),
            "a stream with status 202",
        ),
    ] {
        let error = answering(answer).await.start(&json!({})).await.unwrap_err();
        assert!(matches!(error, ClientError::Contract(_)), "{error:?}");
        assert!(error.to_string().contains(fault), "{error}");
    }
    let client = answering(|head| body(started(head), "data: {\"event\":\"ping\"}\n")).await;
    let mut cut = client.start(&json!({})).await.unwrap();
    let told = cut.next().await.unwrap_err().to_string();
    assert!(told.contains("ends inside a frame"), "{told}");
}

#[tokio::test]
async fn a_key_stands_in_every_request_and_a_slash_behind_the_address_in_none() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = format!("http://{}//", listener.local_addr().unwrap());
    let echo = async |request: Request| {
        let key = request
            .headers()
            .get("authorization")
            .map(|key| key.to_str().unwrap().to_owned());
        axum::Json(json!({"path": request.uri().path(), "key": key}))
    };
    let router = Router::new().fallback(any(echo));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let client = Client::new(host::http::direct_client().unwrap(), address);
    let told = client.json("/api/config").await.unwrap();
    assert_eq!(told, json!({"path": "/api/config", "key": null}));
    let told = client
        .with_key("open sesame")
        .json("/health")
        .await
        .unwrap();
    assert_eq!(
        told,
        json!({"path": "/health", "key": "Bearer open sesame"})
    );
}

#[tokio::test]
async fn what_is_no_frame_is_told_as_that_right_behind_the_one_before_it() {
    let client = answering(|head| {
        let frames = "id: 1\ndata: {\"event\":\"start\"}\n\nnonsense\n\n";
        body(started(head), frames)
    });
    let mut events = client.await.start(&json!({"query": "Hi"})).await.unwrap();
    assert_eq!(events.next().await.unwrap().unwrap().event(), "start");
    let told = events.next().await.unwrap_err();
    assert!(format!("{told:?}").contains("nonsense"), "{told:?}");
}
