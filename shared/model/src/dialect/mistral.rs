//! Calls behind `[TOOL_CALLS]`, as Mistral writes them: a list in JSON, or a name, `[ARGS]` and an object; and
//! behind `[tool_use: name]`, an object.

use super::call::{LeakedCall, unwrapped};
use super::read::{Input, Read, Wait};
use super::values;
use crate::json::repair;
use crate::message::AskedCall;

const ARGS: &str = "[ARGS]";
const CALL_ID: &str = "[CALL_ID]";
const END: &str = "]";
/// Longest name with what stands between it and the arguments, in bytes.
const MAX_HEAD_BYTES: usize = 256;

/// Reads what follows `[TOOL_CALLS]`.
pub(super) fn read(input: &Input<'_>, after: usize) -> Read {
    let at = input.past_space(after);
    if input.rest(at).starts_with(['[', '{']) {
        return values::read_tagged(input, at);
    }
    let rest = input.rest(at);
    let Some(length) = rest.find('{') else {
        return without_arguments(input, at);
    };
    let head = Some(&rest[..length]).filter(|head| head.len() <= MAX_HEAD_BYTES);
    let Some(name) = head.and_then(name) else {
        return Read::Text;
    };
    match values::take(input, at + length) {
        Ok(body) => Read::Calls(vec![call(name, body.text)], body.end),
        Err(read) => read,
    }
}

/// A call whose name is known already; arguments that cannot be read are left to the caller to refuse.
pub(super) fn call(name: &str, text: &str) -> LeakedCall {
    match repair::parse(text) {
        Some(parsed) => LeakedCall::new(name, &unwrapped(&parsed.value), parsed.closed),
        None => LeakedCall {
            call: AskedCall {
                name: name.to_owned(),
                arguments: text.to_owned(),
            },
            closed: true,
        },
    }
}

fn without_arguments(input: &Input<'_>, at: usize) -> Read {
    let head = input.rest(at);
    let may_be_name = head.is_empty() || name(head).is_some();
    if head.len() > MAX_HEAD_BYTES || !may_be_name {
        return Read::Text;
    }
    let wait = match head {
        "" => Wait::Visible { at },
        _ => Wait::Any,
    };
    input.wait_or(wait, Read::unless_cut)
}

/// The name in what stands before the arguments, all of it or its beginning.
fn name(head: &str) -> Option<&str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let end = head.find(|c| !is_part(c)).unwrap_or(head.len());
    let (name, marks) = head.split_at(end);
    let marks = marks.trim_ascii();
    let known = |mark: &str| marks.starts_with(mark) || mark.starts_with(marks);
    let is_known = known(ARGS) || known(CALL_ID) || marks == END;
    (!name.is_empty() && is_known).then_some(name)
}
