//! Calls as a list in Python: `[name(argument='text'), …]`.

use super::call::Leaked;
use super::family::{Family, Opening};
use super::offered::Offered;
use super::read::{Input, Read};
use super::{repair, values};

/// Looks at a text that begins with `[`.
pub(super) fn opening(rest: &str, offered: &Offered) -> Opening {
    let inside = rest[1..].trim_ascii_start();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let end = inside.find(|c| !is_part(c)).unwrap_or(inside.len());
    match inside.split_at(end) {
        (begun, "") => Opening::maybe_if(offered.may_become(begun)),
        (name, after) if after.starts_with('(') && offered.has(name) => {
            Opening::Call(Family::Pythonic, 0)
        }
        (_, _) => Opening::No,
    }
}

pub(super) fn read(input: &Input<'_>) -> Read {
    let body = match values::take(input, 0) {
        Ok(body) => body,
        Err(read) => return read,
    };
    let calls = repair::python_calls(body.text).unwrap_or_default();
    let are_offered = calls.iter().all(|(name, _)| input.offered.has(name));
    if calls.is_empty() || !are_offered {
        return Read::Text;
    }
    let calls = calls
        .iter()
        .map(|(name, arguments)| Leaked::new(name, arguments, false));
    Read::Calls(calls.collect(), body.end)
}
