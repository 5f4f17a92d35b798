//! Middleware: what requests pass before their route, and responses behind it.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::cors::named_origin;
use super::{App, Caller, guard};

/// Keeps foreign web pages out, for all routes.
pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let checked = guard::check_single(request.headers()).and_then(|()| {
        let (method, target) = (request.method(), request.uri());
        let headers = request.headers();
        guard::check_host(&app.hosts, target, headers)?;
        match named_origin(&app, target.path(), headers) {
            Some(_) => Ok(()),
            None => guard::check_page(&app.hosts, method, headers),
        }
    });
    match checked {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Asks for proof that the request came by the content delivery network, where there is one; for all routes.
pub(super) async fn origin(State(app): State<App>, request: Request, next: Next) -> Response {
    match app.access.check_origin(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Asks for the access key, for the routes of the interface.
pub(super) async fn key(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match app.access.check_key(request.headers()) {
        Ok(owner) => {
            request.extensions_mut().insert(Caller(owner));
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Forbids to cache a response and to guess its type, unless its route has set these headers.
pub(super) async fn head(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(header::X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    response
}
