//! Reads a JSON body within its bound, and refuses a larger one on every route of the interface.

use axum::body::{Body, BodyDataStream};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use serde_json::{Map, Value};

use super::ApiError;

/// Largest body of a request, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 1_048_576;
/// A body that is too large is read on to here, so that its sender gets to see the refusal.
const MAX_DRAINED_BYTES: usize = 16 * MAX_BODY_BYTES;

/// What some editors and shells put in front of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Refuses a body whose sender says that it is too large, whatever is done with it.
pub(super) async fn refuse_large(request: Request, next: Next) -> Response {
    let said = request.headers().get(header::CONTENT_LENGTH);
    let said: Option<usize> = said.and_then(|value| value.to_str().ok()?.parse().ok());
    if said.is_none_or(|bytes| bytes <= MAX_BODY_BYTES) {
        return next.run(request).await;
    }
    let read = read(request.into_body().into_data_stream()).await;
    let refusal = read
        .err()
        .unwrap_or_else(|| ApiError::too_large(MAX_BODY_BYTES));
    refusal.into_response()
}

/// The JSON object of a body.
pub(super) async fn read_object(
    headers: &HeaderMap,
    body: Body,
) -> Result<Map<String, Value>, ApiError> {
    match serde_json::from_slice(&read_text(headers, body).await?) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(ApiError::invalid("The body must be a JSON object.")),
        Err(error) => Err(ApiError::invalid(format!("The body is no JSON: {error}."))),
    }
}

/// The text of a body that says that it is JSON, with a mark in the place of each half of a character.
pub(super) async fn read_text(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, ApiError> {
    if !is_json(headers) {
        return Err(ApiError::unsupported_media_type());
    }
    let mut bytes = read(body.into_data_stream()).await?;
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    mend_halves(&mut bytes);
    Ok(bytes)
}

/// Writes U+FFFD in the place of each escaped half of a surrogate pair: clients that cut a text at some length send them, and what reads
/// JSON into texts refuses them. Outside of texts no JSON has an escape.
pub fn mend_halves(json: &mut [u8]) {
    let mut at = 0;
    while let Some(next) = json[at..].iter().position(|byte| *byte == b'\\') {
        at += next;
        let unit = |at: usize| {
            let digits = json.get(at..at + 6)?.strip_prefix(br"\u")?;
            u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
        };
        at += match (unit(at), unit(at + 6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => 12,
            (Some(0xd800..0xe000), _) => {
                json[at + 2..at + 6].copy_from_slice(b"fffd");
                6
            }
            // Behind what is escaped, which may be a backslash.
            _ => 2,
        };
        at = at.min(json.len());
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    value.is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or("").trim();
        essence.eq_ignore_ascii_case("application/json")
    })
}

async fn read(mut body: BodyDataStream) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    let mut size = 0;
    while let Some(chunk) = body.next().await {
        let chunk =
            chunk.map_err(|error| ApiError::invalid(format!("The body broke off: {error}.")))?;
        size += chunk.len();
        if size > MAX_DRAINED_BYTES {
            break;
        }
        if size <= MAX_BODY_BYTES {
            bytes.extend_from_slice(&chunk);
        }
    }
    if size > MAX_BODY_BYTES {
        return Err(ApiError::too_large(MAX_BODY_BYTES));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
