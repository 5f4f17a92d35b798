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
        _ => {
            let message = "X-Amz-Invocation-Type must be RequestResponse or Event.";
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
mod tests {
    use std::time::Duration;

    use aws_sdk_lambda::Client;
    use aws_sdk_lambda::config::{BehaviorVersion, Region};
    use aws_sdk_lambda::error::ProvideErrorMetadata as _;
    use aws_sdk_lambda::primitives::Blob;
    use aws_sdk_lambda::types::InvocationType;
    use tokio::sync::mpsc;

    use super::*;
    use crate::guard::{AccessKey, locked, loopback};

    async fn client(functions: Functions) -> Client {
        let key = AccessKey::random().unwrap();
        let url = loopback::serve(locked(router(functions), key.clone())).await;
        let config = aws_sdk_lambda::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("local"))
            .credentials_provider(key.credentials())
            .http_client(loopback::http_client())
            .endpoint_url(url)
            .build();
        Client::from_conf(config)
    }

    fn payload(value: Value) -> Blob {
        Blob::new(value.to_string())
    }

    #[tokio::test]
    async fn a_tool_gets_its_request_and_its_response_comes_back() {
        let echo = |request: tool::Request| async move {
            tool::Response::Ok {
                result: request.arguments,
                artifacts: Vec::new(),
            }
        };
        let client = client(Functions::default().with_tool("echo", echo)).await;
        let request = json!({"call_id": "r1.1", "idempotency_key": "k", "tool": "echo", "arguments": {"n": 1},
            "deadline_ms": 1, "run_id": "01JZZZZZZZZZZZZZZZZZZZZZZZ", "round": 1});
        for name in [
            "echo",
            "arn:aws:lambda:eu-west-1:123456789012:function:echo:live",
        ] {
            let call = client
                .invoke()
                .function_name(name)
                .payload(payload(request.clone()));
            let output = call.send().await.unwrap();
            assert_eq!((output.status_code, output.function_error()), (200, None));
            let answer: Value = serde_json::from_slice(output.payload.unwrap().as_ref()).unwrap();
            assert_eq!(answer, json!({"ok": true, "result": {"n": 1}}));
        }
    }

    #[tokio::test]
    async fn a_function_that_fails_or_panics_is_a_function_error_with_a_message() {
        let functions = Functions::default()
            .with("panics", |_| async { panic!("no {}", "way") })
            .with("fails", |_| async { anyhow::bail!("out of luck") })
            .with("large", |_| async {
                Ok(Value::String("x".repeat(MAX_SYNC_BYTES)))
            });
        let client = client(functions).await;
        for (name, kind, message) in [
            ("panics", "Panic", "no way"),
            ("fails", "Error", "out of luck"),
            (
                "large",
                "Function.ResponseSizeTooLarge",
                "Response payload size exceeded 6291456 bytes.",
            ),
        ] {
            let output = client.invoke().function_name(name).send().await.unwrap();
            assert_eq!(output.function_error(), Some("Unhandled"));
            let answer: Value = serde_json::from_slice(output.payload.unwrap().as_ref()).unwrap();
            assert_eq!(answer, json!({"errorType": kind, "errorMessage": message}));
        }
    }

    #[tokio::test]
    async fn what_cannot_be_invoked_is_refused_by_the_codes_of_lambda() {
        let client = client(Functions::default().with("f", |value| async { Ok(value) })).await;
        let large = payload(Value::String("x".repeat(MAX_SYNC_BYTES)));
        let large_event = payload(Value::String("x".repeat(MAX_EVENT_BYTES)));
        let call = || client.invoke().function_name("f");
        for (call, code) in [
            (
                client.invoke().function_name("absent"),
                "ResourceNotFoundException",
            ),
            (call().payload(large), "RequestTooLargeException"),
            (
                call()
                    .invocation_type(InvocationType::Event)
                    .payload(large_event),
                "RequestTooLargeException",
            ),
            (
                call().payload(Blob::new("{")),
                "InvalidRequestContentException",
            ),
            (
                call().invocation_type(InvocationType::DryRun),
                "InvalidParameterValueException",
            ),
        ] {
            let refusal = call.send().await.unwrap_err();
            assert_eq!(refusal.code(), Some(code), "{refusal:?}");
        }
    }

    #[tokio::test]
    async fn an_event_is_accepted_before_it_is_done() {
        let (done, mut ended) = mpsc::unbounded_channel();
        let gate = Arc::new(tokio::sync::Notify::new());
        let opened = gate.clone();
        let functions = Functions::default().with("slow", move |value| {
            let (done, gate) = (done.clone(), gate.clone());
            async move {
                gate.notified().await;
                done.send(value.clone())?;
                Ok(value)
            }
        });
        let client = client(functions).await;
        let call = client
            .invoke()
            .function_name("slow")
            .payload(payload(json!(7)));
        let output = call
            .invocation_type(InvocationType::Event)
            .send()
            .await
            .unwrap();
        assert_eq!(output.status_code, 202);
        opened.notify_one();
        assert_eq!(ended.recv().await, Some(json!(7)));
    }

    #[tokio::test]
    async fn a_call_that_the_client_drops_is_dropped_here_too() {
        struct Dropped(mpsc::UnboundedSender<&'static str>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.send("dropped").unwrap();
            }
        }
        let (says, mut heard) = mpsc::unbounded_channel();
        let functions = Functions::default().with("endless", move |_| {
            let says = says.clone();
            async move {
                says.send("started")?;
                let _held = Dropped(says);
                futures_util::future::pending().await
            }
        });
        let client = client(functions).await;
        let call = tokio::spawn(client.invoke().function_name("endless").send());
        assert_eq!(heard.recv().await, Some("started"));
        call.abort();
        let dropped = tokio::time::timeout(Duration::from_secs(10), heard.recv());
        assert_eq!(dropped.await.unwrap(), Some("dropped"));
    }
}
