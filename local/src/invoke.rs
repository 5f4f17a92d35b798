//! Lambda's Invoke API on loopback: hands a payload to a handler of this process, registered by function name, and
//! answers as the real service does, its limits and its error shapes included.
//!
//! Refuses to retry: an asynchronous invocation that fails is logged. Checks no signature: see [`crate::guard`].

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use crate::guard::{MAX_SIGNED_BYTES, error};

/// What a synchronous call may carry each way, in bytes (Lambda quotas).
const MAX_SYNC_BYTES: usize = 6 * 1024 * 1024;
/// What an asynchronous call may carry, in bytes (Lambda quotas).
const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// One function: the payload in, the payload out. Dropping the future must end what it started.
pub type Handler = Arc<dyn Fn(Value) -> BoxFuture<'static, anyhow::Result<Value>> + Send + Sync>;

/// The functions that can be invoked, by name.
#[derive(Clone, Default)]
pub struct Functions(BTreeMap<String, Handler>);

impl Functions {
    /// A function that takes and gives any JSON.
    #[must_use]
    pub fn with<F, R>(mut self, name: &str, handle: F) -> Self
    where
        F: Fn(Value) -> R + Send + Sync + 'static,
        R: Future<Output = anyhow::Result<Value>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |payload| handle(payload).boxed());
        self.0.insert(name.to_owned(), handler);
        self
    }

    /// A function that speaks the tool contract.
    #[must_use]
    pub fn with_tool<F, R>(self, name: &str, handle: F) -> Self
    where
        F: Fn(tool::Request) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = tool::Response> + Send,
    {
        self.with(name, move |payload| {
            let handle = handle.clone();
            async move {
                let request = serde_json::from_value(payload).context("read the tool request")?;
                Ok(serde_json::to_value(handle(request).await)?)
            }
        })
    }
}

/// `POST /2015-03-31/functions/{name}/invocations`; the name may be a full or partial ARN.
pub fn router(functions: Functions) -> Router {
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .layer(DefaultBodyLimit::max(MAX_SIGNED_BYTES))
        .with_state(functions)
}

async fn invoke(
    State(functions): State<Functions>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(handler) = functions.0.get(plain_name(&name)).cloned() else {
        let message = format!("Function not found: {name}");
        return error(StatusCode::NOT_FOUND, "ResourceNotFoundException", &message);
    };
    let kind = headers.get("x-amz-invocation-type");
    let (limit, wait) = match kind.map_or(&b"RequestResponse"[..], |kind| kind.as_bytes()) {
        b"RequestResponse" => (MAX_SYNC_BYTES, true),
        b"Event" => (MAX_EVENT_BYTES, false),
        // The function is there, and may be invoked: there is nothing else to check here.
        b"DryRun" => return StatusCode::NO_CONTENT.into_response(),
        _ => {
            let message = "X-Amz-Invocation-Type must be RequestResponse, Event or DryRun.";
            return error(
                StatusCode::BAD_REQUEST,
                "InvalidParameterValueException",
                message,
            );
        }
    };
    if body.len() > limit {
        let message = format!("Request must be smaller than {limit} bytes.");
        return error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestTooLargeException",
            &message,
        );
    }
    let payload = match serde_json::from_slice(if body.is_empty() { b"{}" } else { &body }) {
        Ok(payload) => payload,
        Err(fault) => {
            let message = format!("Could not parse request body into json: {fault}");
            return error(
                StatusCode::BAD_REQUEST,
                "InvalidRequestContentException",
                &message,
            );
        }
    };
    if wait {
        answer(run(handler, payload).await)
    } else {
        tokio::spawn(async move {
            if let Err(failure) = run(handler, payload).await {
                tracing::error!(function = name, error = %failure.message, "an asynchronous invocation failed");
            }
        });
        StatusCode::ACCEPTED.into_response()
    }
}

/// `arn:aws:lambda:region:account:function:NAME:alias`, `account:function:NAME`, `NAME:alias` or `NAME`.
fn plain_name(name: &str) -> &str {
    let tail = name.rsplit_once("function:").map_or(name, |(_, tail)| tail);
    tail.split_once(':').map_or(tail, |(name, _)| name)
}

/// How a function failed, as Lambda reports it in the payload.
struct FunctionError {
    kind: &'static str,
    message: String,
}

async fn run(handler: Handler, payload: Value) -> Result<String, FunctionError> {
    // The call itself is inside the future, so that a panic before the first await is caught as well.
    let guarded = AssertUnwindSafe(async move { handler(payload).await }).catch_unwind();
    let result = guarded.await.map_err(|panic| FunctionError {
        kind: "Panic",
        message: panic_text(panic.as_ref()),
    })?;
    let value = result.map_err(|failure| FunctionError {
        kind: "Error",
        message: format!("{failure:#}"),
    })?;
    let text = value.to_string();
    if text.len() > MAX_SYNC_BYTES {
        return Err(FunctionError {
            kind: "Function.ResponseSizeTooLarge",
            message: format!("Response payload size exceeded {MAX_SYNC_BYTES} bytes."),
        });
    }
    Ok(text)
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "the function panicked".to_owned())
}

fn answer(outcome: Result<String, FunctionError>) -> Response {
    let version = (HeaderName::from_static("x-amz-executed-version"), "$LATEST");
    match outcome {
        Ok(payload) => ([version], payload).into_response(),
        Err(FunctionError { kind, message }) => {
            let failed = (HeaderName::from_static("x-amz-function-error"), "Unhandled");
            let payload = json!({"errorType": kind, "errorMessage": message}).to_string();
            ([version, failed], payload).into_response()
        }
    }
}

#[cfg(test)]
mod tests;
