//! Addresses of the files that results list.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use run::{ARTIFACTS, RunId, ToolObject};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A part of an address, of whatever characters.
pub(crate) fn encode(part: &str) -> String {
    utf8_percent_encode(part, RESERVED).to_string()
}

/// A file of a result, as it goes out.
#[derive(Serialize)]
struct WireArtifact<'a> {
    name: &'a str,
    media_type: &'a str,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    url: Option<String>,
}

/// A result whose kept files say where they are found.
pub(super) fn with_urls(run_id: RunId, result: &ToolObject) -> Map<String, Value> {
    let mut shown = result.fields().clone();
    let listed = result.artifacts().iter().map(|entry| {
        let url = entry.version.as_ref().map(|version| {
            let (name, version) = (encode(&entry.name), encode(version));
            format!("/api/runs/{run_id}/artifacts/{name}?version={version}")
        });
        json!(WireArtifact {
            name: &entry.name,
            media_type: &entry.media_type,
            bytes: entry.bytes,
            error: entry.error.as_deref(),
            url,
        })
    });
    let listed: Vec<_> = listed.collect();
    if !listed.is_empty() {
        shown.insert(ARTIFACTS.to_owned(), Value::Array(listed));
    }
    shown
}
