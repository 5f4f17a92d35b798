//! A request that is under way: when it has come whole, and when its answer is over.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};

use super::connection::Connection;

/// The body of a request. With its end, or when nobody reads it any more, the connection has asked.
#[derive(Debug)]
pub(super) struct TrackedRequest {
    body: Incoming,
    connection: Connection,
}

impl TrackedRequest {
    pub(super) fn new(body: Incoming, connection: &Connection) -> Self {
        if body.is_end_stream() {
            connection.asks();
        } else {
            connection.sends();
        }
        Self {
            body,
            connection: connection.clone(),
        }
    }
}

impl Drop for TrackedRequest {
    fn drop(&mut self) {
        self.connection.has_sent();
    }
}

impl HttpBody for TrackedRequest {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.connection.has_sent();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The answer to a request; with its end nothing more is to be said, though it may still have to be sent.
#[derive(Debug)]
pub(super) struct ResponseTracker(Connection);

impl ResponseTracker {
    pub(super) fn to(connection: &Connection) -> Self {
        Self(connection.clone())
    }

    /// Lasts as long as this body.
    pub(super) fn with(self, body: Body) -> TrackedResponse {
        TrackedResponse {
            body,
            _answer: self,
        }
    }
}

impl Drop for ResponseTracker {
    fn drop(&mut self) {
        self.0.answered();
    }
}

/// The body of an answer.
#[derive(Debug)]
pub(super) struct TrackedResponse {
    body: Body,
    _answer: ResponseTracker,
}

impl HttpBody for TrackedResponse {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
