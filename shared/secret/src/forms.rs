//! The forms in which a server may repeat what it was sent, all of them easily turned back.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is shorter is no secret, and stands in many a text, in bytes.
pub const SHORTEST: usize = 6;
/// What a URL writes as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// The smallest part of base64 that says something by itself is three bytes in four characters.
const GROUP: usize = 3;

fn in_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing into a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A text as it is, as JSON and URLs write it, in hexadecimal digits, and in base64 wherever in a longer text it stands. What is short
/// is only looked for as it is: its other forms stand in any text by chance.
pub(crate) fn of(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned()];
    if text.len() < SHORTEST {
        return forms;
    }
    let percent = utf8_percent_encode(text, UNRESERVED).to_string();
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    let hex = in_hex(text.as_bytes());
    forms.extend([
        in_small_digits(&percent),
        percent,
        escaped.replace('/', "\\/"),
        escaped,
        hex.to_uppercase(),
        hex,
    ]);
    for before in 0..GROUP {
        let within = [&b"\0\0"[..before], text.as_bytes()].concat();
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            forms.push(steady(&engine.encode(&within), before, within.len()));
        }
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// The characters of a base64 text that are the same whatever stands before and behind the secret in it.
fn steady(encoded: &str, before: usize, bytes: usize) -> String {
    let from = if before == 0 { 0 } else { before + 1 };
    let to = bytes * 8 / 6;
    encoded.get(from..to).unwrap_or_default().to_owned()
}

/// A text with the digits of its percent signs in small letters.
fn in_small_digits(percent: &str) -> String {
    let mut parts = percent.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        format!("{text}%{}{rest}", digits.to_lowercase())
    })
}
