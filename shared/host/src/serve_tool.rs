//! Runs a tool as a Lambda function: one event in, one [`tool::Response`] out.
//!
//! Refuses to fail an invocation for what an event says: a malformed event is answered, not thrown.

use std::borrow::Cow;

use lambda_runtime::layers::TracingLayer;
use lambda_runtime::tower::util::MapResponseLayer;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;
use tool::{Failure, Request, Response};
use tracing::{Instrument as _, info_span};

/// Characters of an error's words that are told, from their beginning and again from their end.
const BRIEF_CHARS: usize = 60;

/// Answers events of the Lambda runtime with `handler` until the runtime ends the process.
pub async fn serve_tool(handler: impl AsyncFn(Request) -> Response) -> Result<(), Error> {
    let handler = &handler;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        Ok::<_, Error>(answer(handler, event.payload).await)
    }))
    .await
}

/// Answers one event, then ends the process, so that the next event gets a fresh environment.
pub async fn serve_tool_once(handler: impl AsyncFn(Request) -> Response) -> Result<(), Error> {
    let handler = &handler;
    let answered = MapResponseLayer::new(|()| std::process::exit(0));
    let service = service_fn(async |event: LambdaEvent<Value>| {
        Ok::<_, Error>(answer(handler, event.payload).await)
    });
    lambda_runtime::Runtime::new(service)
        .layer(answered)
        .layer(TracingLayer::new())
        .run()
        .await
}

/// What `handler` says to one event; an event that is no tool request gets `invalid_request`.
pub async fn answer(handler: impl AsyncFn(Request) -> Response, event: Value) -> Response {
    match serde_json::from_value::<Request>(event) {
        Ok(request) => {
            let Request { run_id, round, .. } = request;
            let span = info_span!("call", %run_id, round, call_id = %request.call_id);
            handler(request).instrument(span).await
        }
        Err(reason) => {
            let reason = reason.to_string();
            let reason = brief(&reason);
            tracing::warn!(%reason, "an event is no tool request");
            let message = format!("the event is not a tool request: {reason}");
            Response::Failed(Failure::new("invalid_request", message, false))
        }
    }
}

/// A tool's typed result as the contract's response, without artifacts. The result must serialize to an object.
pub fn respond(outcome: Result<impl Serialize, Failure>) -> Response {
    match outcome.map(serde_json::to_value) {
        Ok(Ok(Value::Object(result))) => Response::Ok {
            result,
            artifacts: Vec::new(),
        },
        Ok(Ok(other)) => internal(&format!("its result is no object: {other}")),
        Ok(Err(reason)) => internal(&format!("its result is no JSON: {reason}")),
        Err(failure) => Response::Failed(failure),
    }
}

fn internal(fault: &str) -> Response {
    let fault = brief(fault);
    tracing::error!(%fault, "a tool broke its contract");
    let message = format!("the tool has a fault that only its operator can mend: {fault}");
    Response::Failed(Failure::new("internal", message, false))
}

/// What is wrong with a value, without most of the value: such words repeat all of it, in their middle.
fn brief(words: &str) -> Cow<'_, str> {
    let begins = words.char_indices().nth(BRIEF_CHARS);
    let ends = words.char_indices().nth_back(BRIEF_CHARS - 1);
    match (begins, ends) {
        (Some((end, _)), Some((begin, _))) if end < begin => {
            Cow::Owned(format!("{}…{}", &words[..end], &words[begin..]))
        }
        _ => Cow::Borrowed(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    async fn echo(request: Request) -> Response {
        Response::Ok {
            result: request.arguments,
            artifacts: Vec::new(),
        }
    }

    #[tokio::test]
    async fn an_event_is_handled_or_answered_with_what_is_wrong_with_it() {
        let event = json!({
            "call_id": "r1.1", "idempotency_key": "01ARZ3NDEKTSV4RRFFQ69G5FAV/1/1", "tool": "echo",
            "arguments": {"say": "hello"}, "deadline_ms": 1_764_000_000_000_u64,
            "run_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "round": 1,
        });
        let mut without_tool = event.clone();
        without_tool.as_object_mut().unwrap().remove("tool");
        let mut odd_call = event.clone();
        odd_call["call_id"] = json!("first");
        let refused = |reason: &str| {
            json!({"ok": false, "error": {
                "code": "invalid_request",
                "message": format!("the event is not a tool request: {reason}"),
                "retryable": false,
            }})
        };
        let cases = [
            (event, json!({"ok": true, "result": {"say": "hello"}})),
            (without_tool, refused("missing field `tool`")),
            (odd_call, refused("not a valid call id")),
            (json!({}), refused("missing field `call_id`")),
            (
                json!(null),
                refused("invalid type: null, expected struct Request"),
            ),
            (
                json!("é".repeat(9000)),
                refused(&format!(
                    "invalid type: string \"{}…{}\", expected struct Request",
                    "é".repeat(38),
                    "é".repeat(34)
                )),
            ),
        ];
        for (event, expected) in cases {
            let response = answer(echo, event).await;
            assert_eq!(serde_json::to_value(response).unwrap(), expected);
        }
    }
    #[test]
    fn a_typed_result_becomes_the_object_of_a_response() {
        let failure = Failure::new("timeout", "too late", true);
        let cases = [
            (Ok(json!({"n": 1})), json!({"ok": true, "result": {"n": 1}})),
            (
                Err(failure),
                json!({"ok": false, "error": {"code": "timeout", "message": "too late", "retryable": true}}),
            ),
            (
                Ok(json!("long".repeat(9000))),
                json!({"ok": false, "error": {
                    "code": "internal",
                    "message": format!(
                        "the tool has a fault that only its operator can mend: its result is no object: \"{}lo…{}\"",
                        "long".repeat(8), "ong".to_owned() + &"long".repeat(14)
                    ),
                    "retryable": false,
                }}),
            ),
            (
                Ok(json!(7)),
                json!({"ok": false, "error": {
                    "code": "internal",
                    "message": "the tool has a fault that only its operator can mend: its result is no object: 7",
                    "retryable": false,
                }}),
            ),
        ];
        for (outcome, expected) in cases {
            assert_eq!(serde_json::to_value(respond(outcome)).unwrap(), expected);
        }
    }
}
