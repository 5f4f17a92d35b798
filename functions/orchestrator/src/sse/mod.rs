//! Server-sent events: what a client sees of a run, live or from the log.
//!
//! A stream has a source, which knows where events come from, and an encoder, which knows how a protocol writes them.

mod encode;
mod source;
mod stream;
mod watcher_permit;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::{StreamExt as _, iter, unfold};
use std::convert::Infallible;
use tracing::Instrument as _;

pub(crate) use encode::{
    CODE, ChatHead, ChunkEncoder, CompletionEncoder, Encode, EventEncoder, FinishReason,
    INSTRUCTIONS, Moment, ResponseStream, Steps, TURNS, WholeResponse, failure, message_text,
    on_one_line, prefixed, respond_at_once,
};
pub(crate) use stream::Stream;
pub(crate) use watcher_permit::WatcherPermit;

/// A response that sends a stream to its end. The body never fails: whatever happens is sent as an event, or ends it.
pub(crate) fn respond(stream: Stream) -> Response {
    respond_with(body(None, stream))
}

/// The same with frames that stand in a body already.
pub(crate) fn respond_with(frames: Body) -> Response {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache, no-transform"),
        ),
        (
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    (headers, frames).into_response()
}

/// A response of one JSON object, which a stream writes at its end, with blanks before it. The status is known where that end comes before
/// the first blank.
pub(crate) async fn respond_whole(mut stream: Stream) -> Response {
    let first = stream.next().await;
    let status = if stream.has_failed() {
        StatusCode::INTERNAL_SERVER_ERROR
    } else {
        StatusCode::OK
    };
    let json = HeaderValue::from_static("application/json");
    let headers = [(header::CONTENT_TYPE, json)];
    (status, headers, body(first, stream)).into_response()
}

fn body(first: Option<Bytes>, stream: Stream) -> Body {
    // The runtime sends a body from a task outside of any span.
    let span = tracing::info_span!("stream", run_id = %stream.run_id());
    let frames = unfold(Box::new(stream), move |mut stream| {
        let next = async {
            let frames = stream.next().await?;
            Some((Ok::<Bytes, Infallible>(frames), stream))
        };
        next.instrument(span.clone())
    });
    Body::from_stream(iter(first.map(Ok)).chain(frames))
}
