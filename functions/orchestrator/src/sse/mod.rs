//! Server-sent events: what a client sees of a run, live or from the log.

mod feed;
mod frames;
mod watcher_permit;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use std::convert::Infallible;
use tracing::Instrument as _;

pub(crate) use feed::Feed;
pub(crate) use watcher_permit::WatcherPermit;

/// A response that sends a feed to its end. The body never fails: whatever happens is told as an event, or ends it.
pub(crate) fn respond(feed: Feed) -> Response {
    // The runtime sends a body from a task that stands in no span.
    let span = tracing::info_span!("stream", run_id = %feed.run_id());
    let frames = stream::unfold(Box::new(feed), move |mut feed| {
        let next = async {
            let frames = feed.next().await?;
            Some((Ok::<Bytes, Infallible>(frames), feed))
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
