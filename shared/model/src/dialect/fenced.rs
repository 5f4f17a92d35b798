//! Calls in a fence of three backticks.

use super::call::LeakedCall;
use super::opening::{Family, Opening};
use super::read::{Input, Read, Wait};
use super::shape::{Names, Others, Shape, shape};
use super::values;
use crate::ending::Ending;
use crate::json::repair;

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
        Shape::NoCall if names.others == Others::Any && begins_python(body) => {
            Opening::Call(Family::Fenced, rest.len() - body.len())
        }
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
    if is_marked && !input.rest(after).starts_with(['{', '[']) {
        return in_python(input, after);
    }
    values::read_alone(input, after, &[FENCE], true, others)
}

/// Whether a call may begin with this: a name, which stands alone so far or before its arguments.
fn begins_python(body: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let after = body.trim_start_matches(is_part);
    after.len() < body.len() && (after.is_empty() || after.starts_with('('))
}

/// Calls in Python from a name on, one a line, as Gemma writes them: `search(query="x")`, most often within `print(…)`.
fn in_python(input: &Input<'_>, after: usize) -> Read {
    let body = input.rest(after);
    let (code, end) = match (body.find(FENCE), input.ending) {
        (Some(length), _) => (&body[..length], after + length + FENCE.len()),
        (None, None) => {
            let needles = &[FENCE];
            return Read::More(Wait::Needle { at: after, needles });
        }
        (None, Some(Ending::Cut)) => return Read::Cut(Vec::new()),
        (None, Some(Ending::Stopped)) => (body, input.text.len()),
    };
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty());
    let calls: Option<Vec<_>> = lines.map(python_call).collect();
    calls.map_or(Read::Text, |calls| Read::Calls(calls, end))
}

fn python_call(line: &str) -> Option<LeakedCall> {
    let printed = line
        .strip_prefix("print(")
        .and_then(|line| line.strip_suffix(')'));
    let calls = repair::python_calls(&format!("[{}]", printed.unwrap_or(line)))?;
    let [(name, arguments)] = calls.as_slice() else {
        return None;
    };
    Some(LeakedCall::new(name, arguments, false))
}
