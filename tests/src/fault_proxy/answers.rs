//! Answers that the table did not give.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response as HttpResponse, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::{MAX_BYTES, Refusal};

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

pub(super) fn refusal(status: StatusCode, kind: &str) -> Response {
    let body = serde_json::json!({"__type": kind, "message": "a fault of the test"});
    refused(Refusal {
        status: status.as_u16(),
        body,
    })
}

pub(super) fn refused(refusal: Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap();
    let headers = [(header::CONTENT_TYPE, CONTENT_TYPE)];
    (status, headers, refusal.body.to_string()).into_response()
}

/// What a replica says that has not seen everything yet.
pub(super) async fn stale(response: Response, from: usize) -> Response {
    let mut answer = body_of(response).await;
    if let Some(items) = answer["Items"].as_array_mut() {
        items.truncate(from);
        let count = items.len();
        answer["Count"] = count.into();
        answer["ScannedCount"] = count.into();
    }
    json_response(&answer)
}

/// Carries out a part of a batch and gives the rest back.
pub(super) async fn partly(
    mut body: Value,
    count: usize,
    mut parts: Parts,
    next: Next,
) -> Response {
    let mut left = Value::Object(serde_json::Map::new());
    for (table, requests) in body["RequestItems"].as_object_mut().unwrap() {
        let requests = requests.as_array_mut().unwrap();
        let rest = requests.split_off(count.min(requests.len()));
        if !rest.is_empty() {
            left[table] = Value::Array(rest);
        }
    }
    let bytes = body.to_string();
    let length = HeaderValue::from(bytes.len());
    parts.headers.insert(header::CONTENT_LENGTH, length);
    let request = Request::from_parts(parts, Body::from(bytes));
    let mut answer = body_of(next.run(request).await).await;
    answer["UnprocessedItems"] = left;
    json_response(&answer)
}

async fn body_of(response: Response) -> Value {
    let bytes = to_bytes(response.into_body(), MAX_BYTES).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn json_response(body: &Value) -> Response {
    HttpResponse::builder()
        .header(header::CONTENT_TYPE, CONTENT_TYPE)
        .body(Body::from(body.to_string()))
        .unwrap()
}
