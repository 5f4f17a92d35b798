//! Pages of other origins that an operator has named may use what is under `/v1`, as chat pages do that call from the browser.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::App;

/// What such a page may read of an answer's head, beside what all may.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "x-run-id, x-request-id, x-should-retry, retry-after, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests",
);
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, DELETE");
/// How long a browser keeps what it was told, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Answers what a browser asks before it sends a request of such a page, and says with the answer that the page may read it.
pub(super) async fn cors(State(app): State<App>, request: Request, next: Next) -> Response {
    let origin = named_origin(&app, request.uri().path(), request.headers()).cloned();
    let Some(origin) = origin else {
        return next.run(request).await;
    };
    let headers = request.headers();
    let is_asked_before = *request.method() == Method::OPTIONS
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_asked_before {
        let mut may = HeaderMap::from_iter([
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
        ]);
        // Clients send many headers of their own; none of them opens anything.
        if let Some(wanted) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            may.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
        }
        (StatusCode::NO_CONTENT, may).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(header::VARY, HeaderValue::from(header::ORIGIN));
    response
}

/// The origin of the page that sends a request, where the operator has named it for what is asked.
pub(super) fn named_origin<'a>(
    app: &App,
    path: &str,
    headers: &'a HeaderMap,
) -> Option<&'a HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    (path.starts_with("/v1/") && app.access.names_origin(origin)).then_some(origin)
}
