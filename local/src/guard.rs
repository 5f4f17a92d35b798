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
use rand::TryRng as _;
use rand::rngs::SysRng;
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
            SysRng.try_fill_bytes(&mut bytes)?;
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
mod tests;
