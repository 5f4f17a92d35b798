//! Addresses of the files that results list.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use run::{ARTIFACTS, ArtifactEntry, RunId};
use serde::Deserialize as _;
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

/// A result whose kept files say where they are found.
pub(super) fn with_urls(run_id: RunId, result: &Map<String, Value>) -> Map<String, Value> {
    let mut shown = result.clone();
    let Some(Value::Array(entries)) = shown.get_mut(ARTIFACTS) else {
        return shown;
    };
    for entry in entries {
        let Ok(listed) = ArtifactEntry::deserialize(&*entry) else {
            continue;
        };
        let Value::Object(entry) = entry else {
            continue;
        };
        let url = listed.version.map(|version| {
            let (name, version) = (encode(&listed.name), encode(&version));
            format!("/api/runs/{run_id}/artifacts/{name}?version={version}")
        });
        entry.remove("version");
        entry.insert("url".to_owned(), json!(url));
    }
    shown
}
