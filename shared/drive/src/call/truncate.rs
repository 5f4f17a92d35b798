//! Keeps a tool's result within its cap, the catalogue's `max_result_bytes`: long texts lose their middle, and say how much.

use run::{ArtifactEntry, ToolObject, json_bytes};
use serde_json::{Map, Value};

/// No text is cut below this, in bytes.
const SHORTEST_CUT: usize = 256;
/// Room for the note that stands in place of what was cut, in bytes.
const NOTE_BYTES: usize = 64;

/// How often a result is cut before it is given up as too large.
const ATTEMPTS: u32 = 8;

/// The result cannot be made to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge {
    /// Its true size as JSON.
    pub(crate) bytes: usize,
}

/// A result with the list of its files, shortened so that both fit into `limit` bytes of JSON. The list is never cut.
pub(crate) fn fit_with(
    result: Map<String, Value>,
    listed: Vec<ArtifactEntry>,
    limit: usize,
) -> Result<ToolObject, TooLarge> {
    let whole = ToolObject::new(result, listed);
    let listed = size(&whole.to_map()) - size(whole.fields());
    let (fields, artifacts) = whole.into_parts();
    match fit(fields, limit.saturating_sub(listed)) {
        Ok(fields) => Ok(ToolObject::new(fields, artifacts)),
        Err(TooLarge { bytes }) => Err(TooLarge {
            bytes: bytes + listed,
        }),
    }
}

/// Shortens the longest texts of a result, all to one length, so that it fits into `limit` bytes of JSON.
fn fit(mut result: Map<String, Value>, limit: usize) -> Result<Map<String, Value>, TooLarge> {
    let bytes = size(&result);
    let mut now = bytes;
    let mut target = limit;
    // Escapes may stand closer in what is kept than in what is cut; then a little more has to go.
    for _ in 0..ATTEMPTS {
        if now <= limit {
            return Ok(result);
        }
        let most = longest_that_fits(&mut result, now, target).ok_or(TooLarge { bytes })?;
        result
            .values_mut()
            .for_each(|value| each_text(value, &mut |text| cut(text, most)));
        now = size(&result);
        target = target / 4 * 3;
    }
    Err(TooLarge { bytes })
}

/// The length in JSON to which texts have to be cut so that the result, of `bytes` now, takes `limit`.
fn longest_that_fits(result: &mut Map<String, Value>, bytes: usize, limit: usize) -> Option<usize> {
    let mut lengths = Vec::new();
    result
        .values_mut()
        .for_each(|value| each_text(value, &mut |text| lengths.push(escaped_len(text))));
    let around = bytes.saturating_sub(lengths.iter().sum());
    let size_at = |most: usize| {
        let cut = |length: &usize| (*length).min(most + NOTE_BYTES);
        around + lengths.iter().map(cut).sum::<usize>()
    };
    if size_at(SHORTEST_CUT) > limit {
        return None;
    }
    let (mut fits, mut too_long) = (SHORTEST_CUT, bytes);
    while too_long - fits > 1 {
        let middle = fits.midpoint(too_long);
        if size_at(middle) <= limit {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    Some(fits)
}

fn size(result: &Map<String, Value>) -> usize {
    serde_json::to_string(result).map_or(usize::MAX, |json| json.len())
}

fn each_text(value: &mut Value, visit: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(values) => values.iter_mut().for_each(|value| each_text(value, visit)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|value| each_text(value, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Takes the middle out of a text that takes more than `most` bytes of JSON and a note.
fn cut(text: &mut String, most: usize) {
    let escaped = escaped_len(text);
    if escaped <= most + NOTE_BYTES {
        return;
    }
    let keep = text.len() * most / escaped;
    let head = text.floor_char_boundary(keep / 2);
    let tail = text.ceil_char_boundary(text.len() - keep / 2);
    let note = format!("\n[… {} bytes left out …]\n", tail - head);
    text.replace_range(head..tail, &note);
}

/// Length of a text as JSON, without its quotes.
fn escaped_len(text: &str) -> usize {
    text.chars().map(json_bytes).sum()
}

#[cfg(test)]
mod tests;
