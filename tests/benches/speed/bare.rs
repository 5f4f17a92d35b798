//! The least that can pass tokens on: an axum handler that reads the stream of the model server with `eventsource-stream` and
//! `serde_json`, and writes the frames that the product writes. It stores nothing and knows no tools.

use std::convert::Infallible;

use axum::Router;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::routing::post;
use bytes::Bytes;
use eventsource_stream::Eventsource as _;
use futures_util::{Stream, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::parts::Spot;
use crate::stand::{KEY, START};

/// What the bare handler reads of a chunk.
#[derive(Deserialize)]
struct Chunk {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Delta,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
}

/// The frame that the product sends for a delta.
#[derive(Serialize)]
struct Frame<'a> {
    event: &'static str,
    call_id: &'static str,
    attempt: u32,
    offset: usize,
    content: &'a str,
}

#[derive(Clone)]
struct Bare {
    http: reqwest::Client,
    url: String,
}

/// Passes on what this model server says.
pub fn router(models: &Spot) -> Router {
    let bare = Bare {
        http: host::http::direct_client().unwrap(),
        url: format!("{}/v1/chat/completions", models.address),
    };
    Router::new().route(START, post(pass_on)).with_state(bare)
}

async fn pass_on(
    State(bare): State<Bare>,
    question: Bytes,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let question: Value = serde_json::from_slice(&question).unwrap();
    let body = json!({"model": "qwen", "messages": [{"role": "user", "content": question["query"]}], "stream": true});
    let reply = bare.http.post(&bare.url).bearer_auth(KEY).json(&body);
    let reply = reply.send().await.unwrap().bytes_stream().eventsource();
    let mut offset = 0;
    let frames = reply.filter_map(move |event| {
        let data = event.unwrap().data;
        let content = (data != "[DONE]").then(|| {
            let chunk: Chunk = serde_json::from_str(&data).unwrap();
            chunk.choices.into_iter().next()?.delta.content
        });
        let frame = content.flatten().map(|content| {
            let frame = Frame {
                event: "delta",
                call_id: "r1.orchestrator",
                attempt: 1,
                offset,
                content: &content,
            };
            offset += content.encode_utf16().count();
            Ok(Event::default().json_data(frame).unwrap())
        });
        std::future::ready(frame)
    });
    Sse::new(frames)
}
