//! Calls as Gemma 4 writes them: `<|tool_call>call:search{q:<|"|>x<|"|>}<tool_call|>`, with keys without quotes, and strings
//! between quotes of its own.

use std::borrow::Cow;

use serde_json::Value;

use super::mistral::call;
use super::read::{Input, Read, Wait};
use crate::ending::Ending;

const CALL: &str = "call:";
const QUOTE: &str = "<|\"|>";
const CLOSE: [&str; 1] = ["<tool_call|>"];
/// Longest name, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// Whether a call begins here, or may.
pub(super) fn may_begin(rest: &str) -> bool {
    rest.starts_with(CALL) || CALL.starts_with(rest)
}

/// Reads what follows the opening tag.
pub(super) fn read(input: &Input<'_>, at: usize) -> Read {
    let Some(rest) = input.rest(at).strip_prefix(CALL) else {
        return input.wait_or(Wait::Any, Read::unless_cut);
    };
    let at = at + CALL.len();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    let (name, body) = rest.split_at(end);
    if end > MAX_NAME_BYTES || !(body.is_empty() || body.starts_with('{') && end > 0) {
        return Read::Text;
    }
    if body.is_empty() {
        return input.wait_or(Wait::Any, Read::unless_cut);
    }
    let at = at + end;
    let length = match (body.find(CLOSE[0]), input.ending) {
        (Some(length), _) => length,
        (None, None) => {
            let needles = &CLOSE;
            return Read::More(Wait::Needle { at, needles });
        }
        (None, Some(Ending::Cut)) => return Read::Cut(Vec::new()),
        (None, Some(Ending::Stopped)) => body.len(),
    };
    let leaked = call(name, &in_json(&body[..length]));
    Read::Calls(vec![leaked], at + length)
}

/// The same with strings as JSON quotes them.
fn in_json(body: &str) -> Cow<'_, str> {
    if !body.contains(QUOTE) {
        return Cow::Borrowed(body);
    }
    let parts = body.split(QUOTE).enumerate();
    let parts = parts.map(|(at, part)| match at % 2 {
        0 => Cow::Borrowed(part),
        _ => Cow::Owned(Value::from(part).to_string()),
    });
    Cow::Owned(parts.collect())
}
