//! Middleware: what requests pass before their route, and responses behind it.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::access::Claim;

use super::cors::named_origin;
use super::reader::{Guest, SHARE};
use super::{ApiError, App, Caller, guard};

/// What is shared is for those who have its link, and for no search engine.
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");
const NOINDEX: HeaderValue = HeaderValue::from_static("noindex");

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

/// Asks for an access key, for the routes of the interface. A request that shows a share link where one may be shown is that link's: a key beside it opens
/// nothing more.
pub(super) async fn key(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let let_in = async {
        if let Some(token) = share_token(&parts) {
            parts.extensions.insert(Guest(token));
            return Ok(true);
        }
        let caller = caller(&app, &parts).await?;
        parts.extensions.insert(caller);
        Ok::<_, ApiError>(false)
    };
    match let_in.await {
        Ok(is_guest) => {
            let mut response = next.run(Request::from_parts(parts, body)).await;
            if is_guest {
                response.headers_mut().insert(ROBOTS, NOINDEX);
            }
            response
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// The token that a request shows where a share link may open what is asked for: a run as it stands, its events, and its files. It is letters
/// and digits: what is written otherwise is another one.
fn share_token(parts: &Parts) -> Option<String> {
    let mut of_run = parts.uri.path().strip_prefix("/api/runs/")?.split('/');
    let asked = [of_run.next(), of_run.next(), of_run.next(), of_run.next()];
    let is_shared = matches!(
        asked,
        [Some(_), None, ..] | [_, Some("events"), None, _] | [_, Some("artifacts"), Some(_), None]
    );
    if parts.method != Method::GET || !is_shared {
        return None;
    }
    let mut parameters = parts.uri.query()?.split('&');
    let token = parameters.find_map(|it| it.strip_prefix(SHARE)?.strip_prefix('='))?;
    Some(token.to_owned())
}

async fn caller(app: &App, parts: &Parts) -> Result<Caller, ApiError> {
    let found = match app.access.claim(parts) {
        Claim::Is(caller) => return Ok(caller),
        Claim::Key(hash) => app.keys.find(&app.services.store, hash).await?,
        Claim::Nobody => None,
    };
    let found = found.as_deref().map(Caller::of_key);
    found.ok_or_else(|| ApiError::no_key(app.access.visitors.is_some()))
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
