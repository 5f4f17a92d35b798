//! The smallest streaming function of the same crates as the orchestrator: what a cold start cannot go below.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::IntoResponse;
use futures_util::stream;
use std::convert::Infallible;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let app = Router::new().fallback(hello);
    lambda_http::run_with_streaming_response(app).await
}

async fn hello() -> impl IntoResponse {
    let frames = ["data: hello\n\n", "data: world\n\n"];
    let frames = frames.map(|frame| Ok::<_, Infallible>(Bytes::from_static(frame.as_bytes())));
    let body = Body::from_stream(stream::iter(frames));
    ([(header::CONTENT_TYPE, "text/event-stream")], body)
}
