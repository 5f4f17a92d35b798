//! Calls in a fence of three backticks.

use super::family::{Family, Opening};
use super::read::{Input, Read};
use super::shape::{Names, Others, Shape, shape};
use super::values;

const FENCE: &str = "```";
/// What may stand behind the opening fence of what may be a call.
const LANGUAGES: [&str; 3] = ["", "json", "JSON"];
/// What marks it as one.
const MARKED: [&str; 7] = [
    "tool_call",
    "tool_calls",
    "tool_code",
    "tool",
    "function_call",
    "function_calls",
    "function",
];

/// Looks at a text that begins with a backtick.
pub(super) fn opening(rest: &str, names: Names<'_>) -> Opening {
    let Some(header) = rest.strip_prefix(FENCE) else {
        return Opening::maybe_if(FENCE.starts_with(rest));
    };
    let Some((language, body)) = header.split_once('\n') else {
        let language = header.trim_end_matches(['\r', ' ']);
        let mut languages = LANGUAGES.iter().chain(&MARKED);
        return Opening::maybe_if(languages.any(|known| known.starts_with(language)));
    };
    let body = body.trim_ascii_start();
    let names = match language.trim_ascii_end() {
        marked if MARKED.contains(&marked) => Names {
            others: Others::Any,
            ..names
        },
        plain if LANGUAGES.contains(&plain) => names,
        _ => return Opening::No,
    };
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
    let header = input.text[..after].trim_ascii();
    let is_marked = MARKED.iter().any(|marked| header.ends_with(marked));
    let others = if is_marked {
        Others::Any
    } else {
        Others::Close
    };
    values::read_alone(input, after, &[FENCE], true, others)
}
