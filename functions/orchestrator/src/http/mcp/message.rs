//! Messages of JSON-RPC: one is read from each body, and one is written into each answer.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use super::super::error::quoted;

/// What a client sends.
pub(super) enum Message {
    Request(Request),
    /// A notification, or the answer to a request, of which this server sends none: nothing is to be done.
    OfNoAnswer,
}

/// A call of a method.
#[derive(Debug)]
pub(super) struct Request {
    /// A text or a number, which the answer repeats.
    pub(super) id: Value,
    pub(super) method: String,
    pub(super) params: Map<String, Value>,
}

/// Why a request has no result.
#[derive(Debug, PartialEq)]
pub(super) struct Fault {
    status: StatusCode,
    code: i32,
    message: String,
    data: Option<Value>,
}

impl Message {
    /// Reads a body.
    pub(super) fn read(text: &[u8]) -> Result<Self, Fault> {
        let message = match serde_json::from_slice(text) {
            Ok(Value::Object(message)) => message,
            Ok(Value::Array(_)) => {
                return Err(Fault::invalid_request(
                    "Batches are not taken: send each message in a request of its own.",
                ));
            }
            Ok(_) => {
                return Err(Fault::invalid_request(
                    "The body must be a message of JSON-RPC, an object.",
                ));
            }
            Err(error) => return Err(Fault::new(-32700, format!("The body is no JSON: {error}."))),
        };
        Self::of(message)
    }

    fn of(mut message: Map<String, Value>) -> Result<Self, Fault> {
        if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err(Fault::invalid_request("jsonrpc must be \"2.0\"."));
        }
        let method = match message.remove("method") {
            Some(Value::String(method)) => method,
            None if message.contains_key("result") || message.contains_key("error") => {
                return Ok(Self::OfNoAnswer);
            }
            Some(_) | None => return Err(Fault::invalid_request("method must be a text.")),
        };
        let id = match message.remove("id") {
            None => return Ok(Self::OfNoAnswer),
            Some(id @ (Value::String(_) | Value::Number(_))) => id,
            Some(_) => return Err(Fault::invalid_request("id must be a text or a number.")),
        };
        let params = match message.remove("params") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(params)) => params,
            Some(_) => {
                let fault = Fault::invalid_params("params must be an object.");
                return Err(fault.with_status(StatusCode::BAD_REQUEST));
            }
        };
        Ok(Self::Request(Request { id, method, params }))
    }
}

impl Request {
    /// What stands in the metadata of the request by this name.
    pub(super) fn meta(&self, name: &str) -> Option<&Value> {
        self.params.get("_meta")?.get(name)
    }
}

impl Fault {
    fn new(code: i32, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: message.into(),
            data: None,
        }
    }

    fn invalid_request(message: &str) -> Self {
        Self::new(-32600, message)
    }

    /// The request is well formed, and asks for what cannot be had.
    pub(super) fn invalid_params(message: impl Into<String>) -> Self {
        Self::new(-32602, message).with_status(StatusCode::OK)
    }

    pub(super) fn unknown_method(method: &str) -> Self {
        let message = format!("There is no method `{}`.", quoted(method));
        Self::new(-32601, message).with_status(StatusCode::OK)
    }

    /// The head of the request says something else than its body.
    pub(super) fn header_mismatch(message: impl Into<String>) -> Self {
        Self::new(-32020, message)
    }

    pub(super) fn unknown_version(requested: &str, supported: &[&str]) -> Self {
        Self {
            data: Some(json!({"supported": supported, "requested": quoted(requested)})),
            ..Self::new(-32022, "This version of the protocol is not spoken here.")
        }
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    #[cfg(test)]
    pub(super) const fn code(&self) -> i32 {
        self.code
    }

    /// The answer to the request of this id; to one that cannot be told by its id, `null`.
    pub(super) fn respond(&self, id: &Value) -> Response {
        let mut error = json!({"code": self.code, "message": self.message});
        if let Some(data) = &self.data {
            error["data"] = data.clone();
        }
        let body = json!({"jsonrpc": "2.0", "id": id, "error": error});
        (self.status, Json(body)).into_response()
    }
}

#[cfg(test)]
mod tests;
