//! `GET /api/runs/{id}/artifacts/{name}`: a file that a tool made.
//!
//! Whatever it is, it runs nothing: no type is guessed, no script, style or frame is allowed, and only plain pictures and text
//! are shown in place; everything else is a download.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use drive::now_ms;
use store::Artifact;

use super::super::address::{Parameters, RunAddress};
use super::super::{ApiError, App, Reader};

/// Which of the files of one name: the newest where none is named.
const VERSION: &str = "version";
/// Nothing may run, and what is opened has an origin of its own.
const CONTENT_SECURITY_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'");
/// What may be shown in place. SVG and HTML can carry scripts.
const SHOWN: [&str; 7] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "text/plain",
    "text/csv",
    "application/json",
];
const UNKNOWN: &str = "application/octet-stream";

pub(in super::super) async fn artifact(
    State(app): State<App>,
    reader: Reader,
    RunAddress(run_id): RunAddress,
    Path((_, name)): Path<(String, String)>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let store = &app.services.store;
    reader.head(&app, run_id).await?;
    let version = parameters.get(VERSION)?;
    let missing = || ApiError::not_found("There is no such file in this run.");
    let files = store.artifacts(run_id, now_ms()).await?;
    let is_asked = |file: &&Artifact| {
        file.name == name && version.is_none_or(|version| file.version == version)
    };
    let file = files.iter().rev().find(is_asked).ok_or_else(missing)?;
    let bytes = store.artifact_bytes(run_id, file).await?;
    let bytes = bytes.ok_or_else(missing)?;
    // A version never changes; the newest one does.
    let caching = match version {
        Some(_) => "private, max-age=31536000, immutable",
        None => "private, no-cache",
    };
    let headers = [
        (header::CONTENT_TYPE, media_type(file)),
        (header::CONTENT_DISPOSITION, disposition(file)),
        (header::CACHE_CONTROL, HeaderValue::from_static(caching)),
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
    Ok((headers, bytes).into_response())
}

/// As the tool named it; what is not a media type is unknown bytes.
fn media_type(file: &Artifact) -> HeaderValue {
    let is_token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
    };
    let essence = essence(file);
    let is_valid = essence
        .split_once('/')
        .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
    let value = if !is_valid {
        UNKNOWN.to_owned()
    } else if essence.starts_with("text/") {
        format!("{essence}; charset=utf-8")
    } else {
        essence
    };
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static(UNKNOWN))
}

/// The media type without its parameters.
fn essence(file: &Artifact) -> String {
    let (essence, _) = file
        .media_type
        .split_once(';')
        .unwrap_or((&file.media_type, ""));
    essence.trim().to_ascii_lowercase()
}

fn disposition(file: &Artifact) -> HeaderValue {
    if SHOWN.contains(&&*essence(file)) {
        return HeaderValue::from_static("inline");
    }
    // RFC 6266: the name as UTF-8, percent-encoded.
    let value = format!(
        "attachment; filename*=UTF-8''{}",
        crate::wire::encode(&file.name)
    );
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("attachment"))
}
