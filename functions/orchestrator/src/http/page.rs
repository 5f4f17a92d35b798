//! The web page and its files, as they stand in `static/`. Release builds carry them in the binary.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::ApiError;

#[derive(RustEmbed)]
#[folder = "../../static"]
struct Files;

/// Nothing but the page's own files: no inline script or style, no other host, no frame.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types dompurify",
);

pub(super) async fn index() -> Result<Response, ApiError> {
    respond("index.html")
}

pub(super) async fn file(path: Result<Path<String>, PathRejection>) -> Result<Response, ApiError> {
    match path {
        Ok(Path(name)) => respond(&name),
        Err(_) => Err(ApiError::not_found("There is nothing at this address.")),
    }
}

fn respond(name: &str) -> Result<Response, ApiError> {
    let missing = || ApiError::not_found("There is nothing at this address.");
    let media_type = media_type(name).ok_or_else(missing)?;
    let EmbeddedFile { data, .. } = Files::get(name).ok_or_else(missing)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
    ];
    Ok((headers, data).into_response())
}

/// Media type by the name's ending; a file of another kind is not served.
fn media_type(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    match ending {
        "html" => Some("text/html; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "png" => Some("image/png"),
        _ => None,
    }
}
