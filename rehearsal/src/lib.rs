//! The rehearsal model: a small general rule set behind the HTTP protocol of a real model server, so that a newcomer
//! sees the whole loop work before any model is installed.
//!
//! It holds no text for particular questions, computes only by running code, and only where a rule has read the whole
//! question; else it says that it cannot work it out. It quotes only what tools returned, and says in every answer that it
//! has no weights. What it says is decided by pure functions over the parsed request; only
//! this file serves, runs the program and keeps time.

mod arithmetic;
mod brief;
mod chained;
mod code;
mod compose;
mod coverage;
mod dates;
mod discussion;
mod expert;
mod findings;
mod greeting;
mod lists;
mod lookup;
mod numerals;
mod orchestrate;
mod rates;
mod request;
mod sequences;
#[cfg(test)]
mod tests;
mod texts;
mod token;
mod turn;
mod two_messages;
mod wire;
mod words;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{Stream, StreamExt as _, stream};
use rand::distr::{Alphanumeric, SampleString as _};
use serde_json::json;

use request::Request;
use turn::Turn;
pub use wire::MODEL;
use wire::{Head, Output};

/// A pause between words at which the text can be followed, and a long answer still ends within seconds.
pub const READABLE_PAUSE: Duration = Duration::from_millis(12);
/// The largest request body, in bytes.
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// Runs a Python program: what it printed, or why it could not be run, for the reader.
pub type Python = Arc<dyn Fn(String) -> BoxFuture<'static, Result<String, String>> + Send + Sync>;

fn turn(request: &Request) -> Turn {
    let talk = orchestrate::Talk::read(request);
    if request.offered().next().is_some() {
        orchestrate::turn(&talk)
    } else {
        let in_discussion = discussion::turn(&talk.system, &talk.question);
        let for_tool = || chained::turn(&talk.system, &talk.question);
        let asked_for = in_discussion.or_else(for_tool);
        asked_for.unwrap_or_else(|| expert::turn(&talk.system, &talk.question))
    }
}

#[derive(Clone)]
struct Server {
    python: Python,
    pause: Duration,
}

/// `GET /v1/models` and `POST /v1/chat/completions`. `pause` is kept after each word of a stream.
pub fn router(python: Python, pause: Duration) -> Router {
    Router::new()
        .route("/v1/models", get(models))
        .route("/v1/chat/completions", post(chat))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Server { python, pause })
}

async fn models() -> Response {
    let model = json!({"id": MODEL, "object": "model", "owned_by": "serverless-llm"});
    json_response(StatusCode::OK, &json!({"object": "list", "data": [model]}))
}

async fn chat(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Response {
    // A page of another origin cannot send this type without a preflight, which finds no answer here.
    let kind = headers.get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json")) {
        return invalid("the content type must be application/json");
    }
    let request = match Request::read(&body) {
        Ok(request) => request,
        Err(fault) => return invalid(&fault),
    };
    let id = Alphanumeric.sample_string(&mut rand::rng(), 32);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let head = Head {
        id: format!("chatcmpl-{id}"),
        created: now.map_or(0, |since| since.as_secs()),
        prompt_tokens: wire::tokens(&String::from_utf8_lossy(&body)),
    };
    if request.stream() {
        let headers = [
            (header::CONTENT_TYPE, "text/event-stream"),
            (header::CACHE_CONTROL, "no-cache"),
        ];
        let body = Body::from_stream(frames(server, request, head));
        return (headers, body).into_response();
    }
    let output = output(&server, &request).await;
    json_response(StatusCode::OK, &head.whole(&output))
}

/// The role goes out at once; what follows is made while the client waits, as with a model. The words of a rule set
/// are all there at the same time: the pause between them stands in for the speed of a model.
fn frames(
    server: Server,
    request: Request,
    head: Head,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let pause = server.pause;
    let role = stream::iter([head.role()]);
    let rest = stream::once(async move {
        let output = output(&server, &request).await;
        stream::iter(head.rest(&output, request.wants_usage()))
    });
    role.chain(rest.flatten()).then(move |frame| async move {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        Ok(Bytes::from(frame))
    })
}

async fn output(server: &Server, request: &Request) -> Output {
    let body = match turn(request) {
        Turn::Call {
            why,
            tool,
            arguments,
        } => {
            return Output::Call {
                why,
                id: Alphanumeric.sample_string(&mut rand::rng(), 32),
                tool,
                arguments: arguments.to_string(),
            };
        }
        Turn::Say(body) => body,
        Turn::Work(work) => {
            let outcome = (server.python)(work.program.clone()).await;
            work.show(outcome)
        }
    };
    Output::text(
        compose::closed(&body, request.max_chars()),
        request.max_chars(),
    )
}

fn invalid(message: &str) -> Response {
    let code = StatusCode::BAD_REQUEST;
    let error = json!({"message": message, "type": "invalid_request_error", "code": code.as_u16()});
    json_response(code, &json!({"error": error}))
}

fn json_response(status: StatusCode, body: &serde_json::Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    (status, headers, body.to_string()).into_response()
}
