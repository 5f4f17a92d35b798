use axum::http::{HeaderValue, Request};
use axum::routing::post;
use tower::ServiceExt as _;

use super::*;

type Plain = Request<&'static str>;

/// A POST signed over `/a` and the body `text`.
fn signed(key: &AccessKey) -> Plain {
    let mut request = Request::post("/a")
        .header("host", "127.0.0.1:9")
        .header("x-amz-date", "20260102T030405Z")
        .body("text")
        .unwrap();
    let at: jiff::Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
    let claim = Claim {
        key_id: &key.id,
        region: "eu-west-1",
        service: "any",
        signed_headers: "host;x-amz-date",
        signature: "",
        at: at.into(),
    };
    let (parts, ()) = request.clone().map(|_| ()).into_parts();
    let signature = claim.signature_by(key, &parts, b"text").unwrap();
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/20260102/eu-west-1/any/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature={signature}",
        key.id
    );
    let authorization = HeaderValue::from_str(&authorization).unwrap();
    request.headers_mut().insert("authorization", authorization);
    request
}

/// What the lock answers; a refusal must be an AWS error without a CORS header.
async fn status(key: &AccessKey, request: Plain) -> StatusCode {
    let router = Router::new().route("/{*path}", post(|body: String| async { body }));
    let request = request.map(Body::from);
    let response = locked(router, key.clone()).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 4096).await.unwrap();
    if parts.status == StatusCode::FORBIDDEN {
        let mut names = parts.headers.keys().map(header::HeaderName::as_str);
        assert!(!names.any(|name| name.starts_with("access-control")));
        let error: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(error["__type"], "UnrecognizedClientException");
    } else {
        assert_eq!(body, "text");
    }
    parts.status
}

#[tokio::test]
async fn a_request_passes_only_as_it_was_signed() {
    let key = AccessKey::random().unwrap();
    assert_eq!(status(&key, signed(&key)).await, StatusCode::OK);

    let other_body = signed(&key).map(|_| "other");
    let mut other_path = signed(&key);
    *other_path.uri_mut() = "/b".parse().unwrap();
    let mut other_query = signed(&key);
    *other_query.uri_mut() = "/a?x=1".parse().unwrap();
    let mut other_time = signed(&key);
    let later = HeaderValue::from_static("20260102T030406Z");
    other_time.headers_mut().insert("x-amz-date", later);
    let other_secret = AccessKey {
        id: key.id.clone(),
        ..AccessKey::random().unwrap()
    };
    let other_key = AccessKey::random().unwrap();
    for request in [
        other_body,
        other_path,
        other_query,
        other_time,
        signed(&other_secret),
        signed(&other_key),
    ] {
        assert_eq!(status(&key, request).await, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn what_a_web_page_can_send_is_refused() {
    let key = AccessKey::random().unwrap();
    let preflight = Request::options("/a")
        .header("origin", "https://example.com")
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,x-amz-target",
        );
    let simple = Request::post("/a");
    let bearer = Request::post("/a").header("authorization", format!("Bearer {}", key.id));
    let unknown_path = Request::get("/");
    for request in [preflight, simple, bearer, unknown_path] {
        let request = request.header("host", "127.0.0.1:9").body("text").unwrap();
        assert_eq!(status(&key, request).await, StatusCode::FORBIDDEN);
    }
}
