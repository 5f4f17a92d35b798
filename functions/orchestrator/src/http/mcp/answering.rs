//! The answer to a call that waits for a run: events with the progress where the client wants to hear of it, else one object with blanks
//! before it, so that no proxy takes the connection for dead. When the client leaves, the waiting ends, and the run goes on.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use run::Seq;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::era::Era;
use super::message::Request;
use super::tools;
use super::waiting::Waiting;
use crate::sse;

/// Something is sent after this long without anything else. Clients are promised a sign within 10 seconds; the rest is for the table.
const SIGN_AFTER: Duration = Duration::from_secs(8);

/// How a call is answered.
pub(super) struct Form {
    pub(super) id: Value,
    pub(super) era: Era,
    /// Whether the client reads a stream of events.
    takes_events: bool,
    /// What it knows the progress by, where it wants to hear of it.
    token: Option<Value>,
}

impl Form {
    pub(super) fn of(request: &Request, era: Era, headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT).iter();
        let accepted: Vec<_> = accepted.filter_map(|it| it.to_str().ok()).collect();
        let accepts = |media_type: &str| accepted.iter().any(|it| it.contains(media_type));
        let token = request.meta("progressToken").cloned();
        let token = token.filter(|it| it.is_string() || it.is_number());
        let only_events = !accepts("application/json") && !accepts("*/*");
        Self {
            id: request.id.clone(),
            era,
            takes_events: accepts("text/event-stream") && (token.is_some() || only_events),
            token,
        }
    }

    pub(super) fn respond(self, waiting: Waiting) -> Response {
        let is_stream = self.takes_events;
        let answering = Box::new(Answering {
            form: self,
            waiting,
            told: Seq(0),
            signs: 0,
            is_done: false,
        });
        let frames = unfold(answering, async |mut answering| {
            let frame = answering.next().await?;
            Some((Ok::<_, Infallible>(Bytes::from(frame)), answering))
        });
        let frames = Body::from_stream(frames);
        if is_stream {
            return sse::respond_with(frames);
        }
        let json = HeaderValue::from_static("application/json");
        ([(header::CONTENT_TYPE, json)], frames).into_response()
    }
}

/// A call that is being answered.
struct Answering {
    form: Form,
    waiting: Waiting,
    /// The last event that was told of.
    told: Seq,
    /// Signs of life since.
    signs: u32,
    is_done: bool,
}

impl Answering {
    /// What is sent next; `None` behind the result.
    async fn next(&mut self) -> Option<String> {
        if self.is_done {
            return None;
        }
        let sign_at = Instant::now() + SIGN_AFTER;
        while !self.waiting.is_over() {
            if self.form.takes_events && self.form.token.is_some() {
                let last = self.waiting.steps.last_seq();
                if last > self.told {
                    (self.told, self.signs) = (last, 0);
                    return Some(self.progress());
                }
            }
            if Instant::now() >= sign_at {
                self.signs += 1;
                return Some(self.sign());
            }
            self.waiting.advance().await;
        }
        self.is_done = true;
        let result = self.form.era.result(tools::result(&self.waiting.steps));
        Some(self.frame(&json!({"jsonrpc": "2.0", "id": self.form.id, "result": result})))
    }

    fn sign(&self) -> String {
        match (self.form.takes_events, &self.form.token) {
            (true, Some(_)) => self.progress(),
            (true, None) => ": \n\n".to_owned(),
            (false, _) => "\n".to_owned(),
        }
    }

    /// The number of the last event; it has to rise each time, also while no event comes.
    fn progress(&self) -> String {
        let number = match self.signs {
            0 => Value::from(self.told.0),
            signs => json!(
                f64::from(u32::try_from(self.told.0).unwrap_or(u32::MAX))
                    + f64::from(signs) / 100.0
            ),
        };
        self.frame(&json!({
            "jsonrpc": "2.0",
            "method": "notifications/progress",
            "params": {"progressToken": self.form.token, "progress": number, "message": self.waiting.steps.line()},
        }))
    }

    fn frame(&self, message: &Value) -> String {
        if self.form.takes_events {
            let data = message.to_string();
            format!("event: message\ndata: {}\n\n", sse::on_one_line(&data))
        } else {
            message.to_string()
        }
    }
}
