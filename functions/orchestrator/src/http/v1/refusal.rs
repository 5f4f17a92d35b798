//! Refusals in the shape that clients of OpenAI's interface read.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::super::ApiError;

/// How their clients know that there is no money left.
const QUOTA: &str = "insufficient_quota";

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

/// The status and what the headers say stay, but for what their clients know by other names.
fn rewritten(error: &ApiError, response: Response) -> Response {
    let is_broke = response.status() == StatusCode::PAYMENT_REQUIRED;
    let (status, kind, code) = if is_broke {
        (StatusCode::TOO_MANY_REQUESTS, QUOTA, QUOTA)
    } else {
        (response.status(), kind(response.status()), error.code())
    };
    let body = json!({"error": {
        "message": error.message(),
        "type": kind,
        "param": error.field(),
        "code": code,
    }});
    let mut rewritten = (status, Json(body)).into_response();
    let headers = response.headers().iter();
    let kept = headers
        .filter(|(name, _)| **name != header::CONTENT_LENGTH && **name != header::CONTENT_TYPE);
    for (name, value) in kept {
        rewritten.headers_mut().append(name, value.clone());
    }
    let mut say = |name: &'static str, value: HeaderValue| {
        let name = HeaderName::from_static(name);
        rewritten.headers_mut().insert(name, value);
    };
    if is_broke {
        // Clients would ask again at once, and at midnight at the earliest it is of use.
        say("x-should-retry", HeaderValue::from_static("false"));
    }
    if let Some(limit) = error.limit().and_then(|limit| limit.requests) {
        let reset = format!("{}s", error.retry_after().unwrap_or_default());
        say("x-ratelimit-limit-requests", HeaderValue::from(limit));
        say("x-ratelimit-remaining-requests", HeaderValue::from(0));
        if let Ok(reset) = HeaderValue::try_from(reset) {
            say("x-ratelimit-reset-requests", reset);
        }
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
