//! Calls as a list in Python: `[name(argument='text'), …]`.

use super::call::LeakedCall;
use super::opening::{Family, Opening};
use super::read::{Input, Read};
use super::shape::{Names, Others};
use super::values;
use crate::json::repair;

/// Looks at a text that begins with `[`.
pub(super) fn opening(rest: &str, names: Names<'_>) -> Opening {
    let inside = rest[1..].trim_ascii_start();
    match word(inside) {
        (begun, "") => Opening::maybe_if(names.may_become(begun)),
        (name, after) => match after.strip_prefix('(') {
            Some(_) if names.offered.has(name) => Opening::Call(Family::Pythonic, 0),
            Some(arguments) if names.may_mean(name) => argument(arguments),
            Some(_) | None => Opening::No,
        },
    }
}

/// What follows an unknown name: only an argument with a name of its own makes it a call.
fn argument(text: &str) -> Opening {
    let text = text.trim_ascii_start();
    match word(text) {
        (_, "") => Opening::Maybe,
        ("", _) => Opening::No,
        (_, after) => match after.trim_ascii_start() {
            "" => Opening::Maybe,
            value if value.starts_with('=') => Opening::Call(Family::Pythonic, 0),
            _ => Opening::No,
        },
    }
}

/// A name, or its beginning, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.split_at(text.find(|c| !is_part(c)).unwrap_or(text.len()))
}

pub(super) fn read(input: &Input<'_>) -> Read {
    let body = match values::take(input, 0) {
        Ok(body) => body,
        Err(read) => return read,
    };
    let calls = repair::python_calls(body.text).unwrap_or_default();
    if calls.is_empty() {
        return Read::Text;
    }
    let calls = calls
        .iter()
        .map(|(name, arguments)| LeakedCall::new(name, arguments, false));
    values::unless_unknown(input, calls.collect(), body.end, Others::Close)
}
