//! The web page and its files, as they stand in `static/`. Release builds carry them in the binary, compressed by `build.rs`: a
//! function is downloaded before it starts.

use std::io::Read as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::read::DeflateDecoder;
use rust_embed::RustEmbed;

use super::ApiError;

/// Read from the folder each time they are asked for, so that a change shows without a build.
#[derive(RustEmbed)]
#[folder = "../../static"]
struct Files;

/// Name and length of each file, in the order in which they are packed.
const PACKED_FILES: &[(&str, usize)] = include!(concat!(env!("OUT_DIR"), "/page.rs"));
/// All of them, one behind the other.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/page.deflate"));

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
        Files::get(name).map(|file| Bytes::from(file.data.into_owned()))
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

/// A file of those that the binary carries. They are unpacked when the first of them is asked for.
fn unpacked(name: &str) -> Option<Bytes> {
    static ALL: LazyLock<Bytes> = LazyLock::new(|| {
        let mut all = Vec::new();
        if let Err(error) = DeflateDecoder::new(PACKED).read_to_end(&mut all) {
            tracing::error!(%error, "the page cannot be unpacked");
        }
        all.into()
    });
    let mut at = 0;
    for (known, length) in PACKED_FILES {
        if *known == name {
            return (at + length <= ALL.len()).then(|| ALL.slice(at..at + length));
        }
        at += length;
    }
    None
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

    include!("../../page_comments.rs");

    #[test]
    fn what_release_builds_carry_is_the_page_file_by_file() {
        let names: Vec<_> = Files::iter().collect();
        assert!(names.len() > 40, "{names:?}");
        for name in &names {
            let plain = Files::get(name).unwrap().data.into_owned();
            let carried = match name.rsplit('.').next() {
                Some("js" | "css") => {
                    without_comments(str::from_utf8(&plain).unwrap()).into_bytes()
                }
                _ => plain,
            };
            assert_eq!(unpacked(name), Some(Bytes::from(carried)), "{name}");
        }
        assert_eq!(PACKED_FILES.len(), names.len());
        assert_eq!(unpacked("none.js"), None);
    }

    #[test]
    fn lines_that_are_a_comment_alone_are_left_out() {
        let source = "/*! Licence */\n/** What it is. */\n  // Why.\nconst a = 1; // one\n/**\n * More.\n */\nb(); /* c */\n/* d */ e();\n";
        let carried = "/*! Licence */\nconst a = 1; // one\nb(); /* c */\n/* d */ e();\n";
        assert_eq!(without_comments(source), carried);
    }
}
