//! The honest run: it searches, computes and answers, as slowly as cases are tried beside it.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use serde_json::{Value, json};
use std::convert::Infallible;
use tokio::sync::watch;

use super::Pulse;
use crate::client::Client;
use crate::model_server::perform;
use crate::script::{Script, answer, call, calls};

/// What its question holds, and no other one.
const MARK: &str = "HONEST";
const QUESTION: &str = "HONEST: what is six times seven?";
const PIECE: &str = "It is forty-two, and stays it. ";
const PIECES: usize = 12;
/// Cases between two pieces of its answer.
const BEATS: u64 = 2;

/// What its calls are told by.
pub(super) const ARGUMENT: &str = "honest";

/// A model server that answers the honest run, and leaves all other questions to `others`.
pub(super) fn models(pulse: &Pulse, others: fn(&Value) -> Script) -> Router {
    Router::new()
        .route(
            "/v1/models",
            get(async || Json(json!({"data": [{"id": "m"}]}))),
        )
        .route("/v1/chat/completions", post(chat))
        .with_state((pulse.clone(), others))
}

type Desk = (Pulse, fn(&Value) -> Script);

async fn chat(State((pulse, others)): State<Desk>, Json(request): Json<Value>) -> Response {
    let messages = request["messages"].as_array().unwrap();
    if !request["messages"].to_string().contains(MARK) {
        return perform(others(&request)).await;
    }
    if request.get("tools").is_none() {
        return slowly(pulse);
    }
    let is_searched = messages.iter().any(|message| message["role"] == "tool");
    let script = if is_searched {
        calls([answer("answer-1")])
    } else {
        calls([
            call("search", json!({"query": ARGUMENT})),
            call("code_interpreter", json!({"code": "print(6*7) # honest"})),
        ])
    };
    perform(script).await
}

/// The answer, a piece for every few cases.
fn slowly(pulse: Pulse) -> Response {
    let frame = |delta: Value, reason: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
        format!("data: {}\n\n", json!({"choices": [choice]}))
    };
    let frames = stream::unfold(0, move |piece| {
        let pulse = pulse.clone();
        async move {
            let text = match piece {
                0..PIECES => {
                    pulse.beats(BEATS).await;
                    frame(json!({"content": PIECE}), Value::Null)
                }
                PIECES => frame(json!({}), json!("stop")) + "data: [DONE]\n\n",
                _ => return None,
            };
            Some((Ok::<_, Infallible>(text), piece + 1))
        }
    });
    let headers = [("content-type", "text/event-stream")];
    (headers, Body::from_stream(frames)).into_response()
}

/// Asks again and again until the last case is over; gives how often. `now` holds the id of the run that is under way.
pub(super) async fn runs(client: &Client, pulse: &Pulse, now: &watch::Sender<String>) -> u64 {
    let mut count = 0;
    while count == 0 || !pulse.is_over() {
        let events = client.start(&json!({"query": QUESTION})).await;
        now.send_replace(events.run_id.clone());
        let told = events.told().await;
        assert_eq!(told.status(), "completed", "{told:?}");
        assert_eq!(told.answer(), PIECE.repeat(PIECES));
        assert_eq!(told.tools_used(), ["search", "code_interpreter", "answer"]);
        for result in told.of("tool_result") {
            assert_eq!(result["ok"], true, "{result}");
        }
        let printed = &told.of("tool_result");
        let printed = printed.iter().find(|it| it["tool"] == "code_interpreter");
        assert_eq!(printed.unwrap()["result"]["stdout"], "42\n");
        // Whoever reads it later is told the same.
        let replayed = client.events(&told.run_id, 0).await.told().await;
        assert_eq!(replayed.stored(), told.stored());
        let snapshot = client.json(&format!("/api/runs/{}", told.run_id)).await;
        assert_eq!(snapshot["status"], "completed");
        assert_eq!(snapshot["answer"], told.answer());
        count += 1;
    }
    count
}
