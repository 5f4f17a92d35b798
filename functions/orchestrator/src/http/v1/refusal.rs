//! Refusals in the shape that clients of OpenAI's interface read.

use axum::Json;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::super::ApiError;

/// Writes what refuses a request to `/v1` anew, whichever part of the service refuses it.
pub(in super::super) async fn in_their_shape(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_theirs = path == "/v1" || path.starts_with("/v1/");
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<ApiError>() {
        Some(error) if is_theirs => rewritten(&error, response),
        Some(_) | None => response,
    }
}

/// The status and what the headers say stay.
fn rewritten(error: &ApiError, response: Response) -> Response {
    let body = json!({"error": {
        "message": error.message(),
        "type": kind(response.status()),
        "param": error.field(),
        "code": error.code(),
    }});
    let mut rewritten = (response.status(), Json(body)).into_response();
    let headers = response.headers().iter();
    let kept = headers
        .filter(|(name, _)| **name != header::CONTENT_LENGTH && **name != header::CONTENT_TYPE);
    for (name, value) in kept {
        rewritten.headers_mut().append(name, value.clone());
    }
    rewritten
}

fn kind(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "authentication_error",
        StatusCode::FORBIDDEN => "permission_error",
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request_error",
    }
}
