//! Server-sent events: what a client sees of a run, live or from the log.
//!
//! A stream has a source, which knows where events come from, and an encoder, which knows how a protocol writes them.

mod encode;
mod source;
mod stream;
mod watcher_permit;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use std::convert::Infallible;
use tracing::Instrument as _;

pub(crate) use stream::Stream;
pub(crate) use watcher_permit::WatcherPermit;

/// A response that sends a stream to its end. The body never fails: whatever happens is sent as an event, or ends it.
pub(crate) fn respond(stream: Stream) -> Response {
    // The runtime sends a body from a task outside of any span.
    let span = tracing::info_span!("stream", run_id = %stream.run_id());
    let frames = unfold(Box::new(stream), move |mut stream| {
        let next = async {
            let frames = stream.next().await?;
            Some((Ok::<Bytes, Infallible>(frames), stream))
        };
        next.instrument(span.clone())
    });
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
    (headers, Body::from_stream(frames)).into_response()
}
