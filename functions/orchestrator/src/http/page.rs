//! The web page and its files, as they stand in `static/`. Release builds carry them in the binary, compressed by `build.rs`: a
//! function is downloaded before it starts.

use std::borrow::Cow;
use std::io::Read as _;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use flate2::read::DeflateDecoder;
use rust_embed::RustEmbed;

use super::ApiError;

/// Read from the folder each time they are asked for, so that a change shows without a build.
#[derive(RustEmbed)]
#[folder = "../../static"]
struct Files;

/// Name and compressed bytes of each file.
const PACKED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

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
    let data = if cfg!(debug_assertions) {
        Files::get(name).map(|file| file.data)
    } else {
        unpacked(name)
    };
    let data = data.ok_or_else(missing)?;
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

fn unpacked(name: &str) -> Option<Cow<'static, [u8]>> {
    let (_, packed) = PACKED.iter().find(|(known, _)| *known == name)?;
    let mut data = Vec::new();
    DeflateDecoder::new(*packed).read_to_end(&mut data).ok()?;
    Some(Cow::Owned(data))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_release_builds_carry_is_the_page_file_by_file() {
        let names: Vec<_> = Files::iter().collect();
        assert!(names.len() > 40, "{names:?}");
        for name in &names {
            let plain = Files::get(name).map(|file| file.data);
            assert_eq!(unpacked(name), plain, "{name}");
        }
        assert_eq!(PACKED.len(), names.len());
    }
}
