//! Calls as DeepSeek writes them: a name, a separator and an object between tags; R1 puts the word `function` before the
//! separator, and the name and a fence behind it. Kimi has other tags and writes the name as `functions.search:0`.

use super::mistral::call;
use super::read::{Input, Read, Wait};
use super::values;

/// Spellings of the tags: the real characters, and what they are often garbled to.
pub(super) const BEGINNINGS: [&str; 10] = [
    "<｜tool▁calls▁begin｜>",
    "<|tool▁calls▁begin|>",
    "<｜tool_calls_begin｜>",
    "<|tool_calls_begin|>",
    "<｜tool▁call▁begin｜>",
    "<|tool▁call▁begin|>",
    "<｜tool_call_begin｜>",
    "<|tool_call_begin|>",
    "<|tool_calls_section_begin|>",
    "<|tool_call_section_begin|>",
];
pub(super) const SEPARATORS: [&str; 5] = [
    "<｜tool▁sep｜>",
    "<|tool▁sep|>",
    "<｜tool_sep｜>",
    "<|tool_sep|>",
    "<|tool_call_argument_begin|>",
];
const NAMESPACE: &str = "functions.";
/// Longest text before the arguments, in bytes.
const MAX_HEAD_BYTES: usize = 512;

/// Reads what follows the first opening tag.
pub(super) fn read(input: &Input<'_>, after: usize) -> Read {
    let at = input.past_space(after);
    let rest = input.rest(at);
    let at = BEGINNINGS
        .iter()
        .find(|tag| rest.starts_with(**tag))
        .map_or(at, |tag| at + tag.len());
    let head_and_arguments = input.rest(at);
    let Some(length) = head_and_arguments.find('{') else {
        return without_arguments(input, head_and_arguments);
    };
    let head = Some(&head_and_arguments[..length]).filter(|head| head.len() <= MAX_HEAD_BYTES);
    let Some(name) = head.and_then(name) else {
        return Read::Text;
    };
    match values::take(input, at + length) {
        Ok(body) => Read::Calls(vec![call(name, body.text)], body.end),
        Err(read) => read,
    }
}

fn without_arguments(input: &Input<'_>, head: &str) -> Read {
    if head.len() > MAX_HEAD_BYTES {
        return Read::Text;
    }
    input.wait_or(Wait::Any, Read::unless_cut)
}

fn name(head: &str) -> Option<&str> {
    let (before, after) = SEPARATORS
        .iter()
        .find_map(|separator| head.split_once(separator))?;
    let name = match before.trim_ascii() {
        "function" => after.lines().next().unwrap_or_default().trim_ascii(),
        name => without_number(name.strip_prefix(NAMESPACE).unwrap_or(name)),
    };
    let is_name = !name.is_empty() && !name.contains(['<', '`', '\n']);
    is_name.then_some(name)
}

fn without_number(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => name,
    }
}
