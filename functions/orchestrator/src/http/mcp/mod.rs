//! `POST /mcp`: the orchestra as tools, by the Model Context Protocol over streamable HTTP, in versions with a handshake and without one.
//!
//! No session is kept: each request is answered by itself. Refuses batches, and sends no request to its clients. Written by hand: what the
//! protocol's own crate needs for a server would not fit into the function.

mod answering;
mod call;
mod era;
mod message;
mod tools;
mod waiting;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use super::function_time::{FunctionTime, StopsBehindReply};
use super::read_body::read_text;
use super::{ApiError, App, Caller};
use answering::Form;
use call::Call;
use era::{Era, VERSIONS, negotiated, server_info};
use message::{Fault, Message, Request};

const INSTRUCTIONS: &str = "ask starts a run for a question and waits for its answer. If the status is running, call get_run with the \
     run_id until it is not. Follow-up questions name the run before as previous_run_id.";
/// How long clients may keep what does not change with a request, in milliseconds.
const KEPT_FOR_MS: u32 = 3_600_000;

pub(super) async fn post(
    State(app): State<App>,
    FunctionTime(deadline): FunctionTime,
    StopsBehindReply(stops): StopsBehindReply,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let request = match Message::read(&read_text(&headers, body).await?) {
        Ok(Message::Request(request)) => request,
        Ok(Message::OfNoAnswer) => return Ok(StatusCode::ACCEPTED.into_response()),
        Err(fault) => return Ok(fault.respond(&Value::Null)),
    };
    let era = match Era::of(&request, &headers) {
        Ok(era) => era,
        Err(fault) => return Ok(fault.respond(&request.id)),
    };
    if request.method == "tools/call" {
        let call = Call {
            app: &app,
            caller: &caller,
            deadline,
            headers: &headers,
            stops,
        };
        return Ok(call_tool(&call, Form::of(&request, era, &headers), request).await);
    }
    Ok(match result(&request) {
        Ok(result) => respond(&request.id, era, result),
        Err(fault) => era.fault(fault, StatusCode::NOT_FOUND).respond(&request.id),
    })
}

/// The result of a method that is answered at once.
fn result(request: &Request) -> Result<Map<String, Value>, Fault> {
    let result = match &*request.method {
        "initialize" => json!({
            "protocolVersion": negotiated(request),
            "capabilities": {"tools": {}},
            "serverInfo": server_info(),
            "instructions": INSTRUCTIONS,
        }),
        "server/discover" => json!({
            "supportedVersions": VERSIONS,
            "capabilities": {"tools": {}},
            "instructions": INSTRUCTIONS,
            "ttlMs": KEPT_FOR_MS,
            "cacheScope": "public",
        }),
        "ping" => json!({}),
        "tools/list" => json!({
            "tools": tools::list().unwrap_or_default(),
            "ttlMs": KEPT_FOR_MS,
            "cacheScope": "public",
        }),
        other => return Err(Fault::unknown_method(other)),
    };
    match result {
        Value::Object(result) => Ok(result),
        _ => Err(Fault::unknown_method(&request.method)),
    }
}

async fn call_tool(call: &Call<'_>, form: Form, mut request: Request) -> Response {
    let name = request.params.remove("name");
    let arguments = match request.params.remove("arguments") {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(arguments)) => Ok(arguments),
        Some(_) => Err("arguments must be an object."),
    };
    let (Some(Value::String(name)), Ok(arguments)) = (name, arguments) else {
        let fault = Fault::invalid_params("name must be that of a tool, and arguments an object.");
        return fault.respond(&request.id);
    };
    match call.of(&name, arguments).await {
        None => {
            let message = "There is no such tool; there are ask, get_run and cancel_run.";
            Fault::invalid_params(message).respond(&request.id)
        }
        Some(Ok(waiting)) => form.respond(waiting),
        Some(Err(error)) => respond(&form.id, form.era, tools::refused(&error)),
    }
}

fn respond(id: &Value, era: Era, result: Map<String, Value>) -> Response {
    let body = json!({"jsonrpc": "2.0", "id": id, "result": era.result(result)});
    Json(body).into_response()
}
