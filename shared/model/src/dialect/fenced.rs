//! Calls in a fence of three backticks.

use super::family::{Family, Opening};
use super::read::{Input, Read};
use super::shape::{Names, Shape, shape};
use super::values;

const FENCE: &str = "```";
/// What may stand behind the opening fence.
const LANGUAGES: [&str; 5] = ["", "json", "JSON", "tool_call", "tool_code"];

/// Looks at a text that begins with a backtick.
pub(super) fn opening(rest: &str, names: Names<'_>) -> Opening {
    let Some(header) = rest.strip_prefix(FENCE) else {
        return Opening::maybe_if(FENCE.starts_with(rest));
    };
    let Some((language, body)) = header.split_once('\n') else {
        let language = header.trim_end_matches(['\r', ' ']);
        return Opening::maybe_if(LANGUAGES.iter().any(|known| known.starts_with(language)));
    };
    let body = body.trim_ascii_start();
    if !LANGUAGES.contains(&language.trim_ascii_end()) {
        return Opening::No;
    }
    if body.is_empty() {
        return Opening::Maybe;
    }
    match shape(body, names) {
        Shape::NoCall => Opening::No,
        Shape::Undecided => Opening::Maybe,
        Shape::Call => Opening::Call(Family::Fenced, rest.len() - body.len()),
    }
}

pub(super) fn read(input: &Input<'_>, after: usize) -> Read {
    values::read_alone(input, after, &[FENCE], true)
}
