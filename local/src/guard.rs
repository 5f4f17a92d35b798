//! The lock on the loopback services: a random access key for this process, and a layer that lets only requests pass
//! that carry a valid AWS `SigV4` signature made with it.
//!
//! A web page in the same machine's browser can reach any loopback port; it cannot sign. Everything without a valid
//! signature gets 403, CORS preflights included, and no answer carries a CORS header. The signature is made again with
//! the SDK's own signer over what was signed (method, path, headers, whole body) and compared.
//!
//! Refuses to judge the age of a request: whoever can record loopback traffic can read this process anyway.

use std::sync::Arc;
use std::time::SystemTime;

use aws_sdk_dynamodb::config::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use serde_json::json;
use subtle::ConstantTimeEq as _;

/// The largest body that is read to check its signature: `DynamoDB`'s own limit, the larger one of the two services.
pub const MAX_SIGNED_BYTES: usize = 16 * 1024 * 1024;

/// An access key id and its secret, 128 and 256 random bits. It lives as long as the process and is written nowhere.
#[derive(Clone)]
pub struct AccessKey {
    id: String,
    secret: String,
}

impl AccessKey {
    /// Fails only where the operating system gives no randomness.
    pub fn random() -> anyhow::Result<Self> {
        let number = || -> anyhow::Result<u128> {
            let mut bytes = [0; 16];
            OsRng.try_fill_bytes(&mut bytes)?;
            Ok(u128::from_be_bytes(bytes))
        };
        Ok(Self {
            id: format!("{:032X}", number()?),
            secret: format!("{:032X}{:032X}", number()?, number()?),
        })
    }

    /// The token for [`bearer_locked`].
    pub fn bearer(&self) -> &str {
        &self.id
    }

    /// What an SDK client signs with to be let in.
    pub fn credentials(&self) -> Credentials {
        Credentials::new(&self.id, &self.secret, None, None, "serverless-llm local")
    }
}

/// As [`locked`], for a service whose clients know no AWS signatures: the key's id is asked for as a bearer token.
pub fn bearer_locked(router: Router, key: AccessKey) -> Router {
    router.layer(middleware::from_fn_with_state(Arc::new(key), let_bearer_in))
}

/// Puts the lock before every route of `router`, its fallback included.
pub fn locked(router: Router, key: AccessKey) -> Router {
    router.layer(middleware::from_fn_with_state(Arc::new(key), let_in))
}

async fn let_in(State(key): State<Arc<AccessKey>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Some(claim) = Claim::read(&parts).filter(|claim| equal(claim.key_id, &key.id)) else {
        return refused();
    };
    let Ok(body) = to_bytes(body, MAX_SIGNED_BYTES).await else {
        return error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestTooLargeException",
            "The body is larger than 16 MB or broke off.",
        );
    };
    match claim.signature_by(&key, &parts, &body) {
        Some(signature) if equal(&signature, claim.signature) => {}
        Some(_) | None => return refused(),
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

async fn let_bearer_in(
    State(key): State<Arc<AccessKey>>,
    request: Request,
    next: Next,
) -> Response {
    let header = request.headers().get(header::AUTHORIZATION);
    let token = header
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    if token.is_some_and(|token| equal(token, &key.id)) {
        next.run(request).await
    } else {
        refused()
    }
}

/// What the `Authorization` and `X-Amz-Date` headers say about how the request was signed.
struct Claim<'a> {
    key_id: &'a str,
    region: &'a str,
    service: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
    at: SystemTime,
}

impl<'a> Claim<'a> {
    /// `AWS4-HMAC-SHA256 Credential=<id>/<day>/<region>/<service>/aws4_request, SignedHeaders=…, Signature=…`
    fn read(parts: &'a Parts) -> Option<Self> {
        let header = |name| parts.headers.get(name)?.to_str().ok();
        let fields = header("authorization")?.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let field = |name| {
            let mut fields = fields.split(',').map(str::trim);
            fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
        };
        let mut scope = field("Credential")?.split('/');
        let (key_id, _day) = (scope.next()?, scope.next()?);
        let (region, service) = (scope.next()?, scope.next()?);
        let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", header("x-amz-date")?).ok()?;
        Some(Self {
            key_id,
            region,
            service,
            signed_headers: field("SignedHeaders")?,
            signature: field("Signature")?,
            at: at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.into(),
        })
    }

    /// The signature that `key` gives this request; nothing where the request cannot be signed at all.
    fn signature_by(&self, key: &AccessKey, parts: &Parts, body: &[u8]) -> Option<String> {
        let identity = key.credentials().into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(self.at)
            .settings(SigningSettings::default())
            .build()
            .ok()?
            .into();
        let host = parts.headers.get(header::HOST)?.to_str().ok()?;
        let signed = self.signed_headers.split(';').filter_map(|name| {
            let value = parts.headers.get(name)?.to_str().ok()?;
            Some((name, value))
        });
        let uri = format!("http://{host}{}", parts.uri.path_and_query()?);
        let body = SignableBody::Bytes(body);
        let request = SignableRequest::new(parts.method.as_str(), uri, signed, body).ok()?;
        Some(sign(request, &params).ok()?.signature().to_owned())
    }
}

fn equal(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

fn refused() -> Response {
    error(
        StatusCode::FORBIDDEN,
        "UnrecognizedClientException",
        "This service of the local stack takes only requests signed with the access key of its own process.",
    )
}

/// An error in the shape that both AWS JSON protocols read.
pub(crate) fn error(status: StatusCode, code: &'static str, message: &str) -> Response {
    let body = json!({"__type": code, "message": message}).to_string();
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::HeaderName::from_static("x-amzn-errortype"), code),
    ];
    (status, headers, body).into_response()
}

/// What the tests of the locked services share.
#[cfg(test)]
pub(crate) mod loopback {
    use aws_sdk_dynamodb::config::SharedHttpClient;
    use axum::Router;

    /// Serves until the test's runtime ends; gives the base URL.
    pub async fn serve(router: Router) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        url
    }

    pub fn http_client() -> SharedHttpClient {
        host::aws::http_client().unwrap()
    }
}

#[cfg(test)]
mod tests {
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
}
