//! The smallest streaming function of the same crates as the orchestrator: what a cold start cannot go below.
//!
//! With `SEND_AT_ONCE` it sends what it writes without Nagle's pause, as the orchestrator does.

use std::convert::Infallible;
use std::future::ready;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::map_request;
use axum::response::IntoResponse;
use futures_util::stream;
use host::RuntimeApi;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let app = Router::new().fallback(hello);
    let sends_at_once = std::env::var_os("SEND_AT_ONCE").is_some();
    let Some(runtime_api) = RuntimeApi::from_env().filter(|_| sends_at_once) else {
        return lambda_http::run_with_streaming_response(app).await;
    };
    let app = app.layer(map_request(move |request: Request| {
        runtime_api.send_at_once();
        ready(request)
    }));
    lambda_http::run_with_streaming_response(app).await
}

async fn hello() -> impl IntoResponse {
    let frames = ["data: hello\n\n", "data: world\n\n"];
    let frames = frames.map(|frame| Ok::<_, Infallible>(Bytes::from_static(frame.as_bytes())));
    let body = Body::from_stream(stream::iter(frames));
    ([(header::CONTENT_TYPE, "text/event-stream")], body)
}
