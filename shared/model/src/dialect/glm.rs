//! Calls as GLM writes them: a name, then keys and values in elements of their own.
//!
//! `<tool_call>search\n<arg_key>q</arg_key>\n<arg_value>x</arg_value>\n</tool_call>`; newer models leave the line ends out.

use serde_json::{Map, Value};

use super::call::LeakedCall;
use super::read::{Input, Read, Wait};
use super::xml::{typed, without_line_ends};
use crate::ending::Ending;

const KEY: &str = "<arg_key>";
const END_KEY: &str = "</arg_key>";
const VALUE: &str = "<arg_value>";
const END_VALUE: &str = "</arg_value>";
const CLOSE: &str = "</tool_call>";
/// Where a value may end, its own closing tag being forgotten.
const ENDS: [&str; 2] = [END_VALUE, KEY];
/// Longest name of a function or argument, in bytes.
const MAX_NAME_BYTES: usize = 128;
/// Arguments that are read of one call: each means reading it again from its beginning.
const MAX_ARGUMENTS: usize = 128;

/// Reads what follows the opening tag, from a name on.
pub(super) fn read(input: &Input<'_>, at: usize) -> Read {
    read_call(input, at).unwrap_or_else(|read| read)
}

/// Whether a name may begin with this.
pub(super) fn may_begin(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn read_call(input: &Input<'_>, at: usize) -> Result<Read, Read> {
    let rest = input.rest(at);
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    if end > MAX_NAME_BYTES {
        return Err(Read::Text);
    }
    let name = &rest[..end];
    let mut at = at + end;
    let mut arguments = Map::new();
    let mut closed = false;
    while arguments.len() < MAX_ARGUMENTS {
        at = input.past_space(at);
        if input.rest(at).starts_with(CLOSE) {
            at += CLOSE.len();
            break;
        }
        match next_pair(input, at, arguments.is_empty())? {
            Some(pair) => {
                let value = typed(pair.value, input.offered, name, pair.key);
                arguments.insert(pair.key.to_owned(), value);
                closed |= pair.is_open;
                at = pair.end;
            }
            None => break,
        }
    }
    let arguments = Value::Object(arguments);
    Ok(Read::Calls(
        vec![LeakedCall::new(name, &arguments, closed)],
        at,
    ))
}

struct Pair<'a> {
    key: &'a str,
    value: &'a str,
    end: usize,
    /// Nothing ends the value but the end of the reply.
    is_open: bool,
}

/// A key and its value; none where something else ends the call. Text before the first means that it is none.
fn next_pair<'a>(input: &Input<'a>, at: usize, is_first: bool) -> Result<Option<Pair<'a>>, Read> {
    let rest = input.rest(at);
    if !rest.starts_with(KEY) {
        let may_go_on = KEY.starts_with(rest) || CLOSE.starts_with(rest);
        return match input.ending {
            None if rest.is_empty() => Err(Read::More(Wait::Visible { at })),
            None if may_go_on => Err(Read::More(Wait::Any)),
            Some(ending) if may_go_on && (is_first || ending == Ending::Cut) => {
                Err(Read::unless_cut(ending))
            }
            None | Some(_) if is_first => Err(Read::Text),
            None | Some(_) => Ok(None),
        };
    }
    let at = at + KEY.len();
    let rest = input.rest(at);
    let (key, end) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
    if key.len() > MAX_NAME_BYTES {
        return Err(Read::Text);
    }
    let Some(behind) = end.strip_prefix(END_KEY) else {
        return Err(if END_KEY.starts_with(end) {
            input.wait_or(Wait::Any, Read::unless_cut)
        } else {
            Read::Text
        });
    };
    let key = key.trim_ascii();
    let at = input.past_space(input.text.len() - behind.len());
    let rest = input.rest(at);
    let Some(body) = rest.strip_prefix(VALUE) else {
        let wait = match rest {
            "" => Wait::Visible { at },
            begun if VALUE.starts_with(begun) => Wait::Any,
            _ => return Err(Read::Text),
        };
        return Err(input.wait_or(wait, Read::unless_cut));
    };
    value(input, key, body, at + VALUE.len()).map(Some)
}

fn value<'a>(input: &Input<'a>, key: &'a str, body: &'a str, at: usize) -> Result<Pair<'a>, Read> {
    let found = ENDS.iter().filter_map(|end| body.find(end)).min();
    let (length, is_open) = match (found, input.ending) {
        (Some(length), _) => (length, false),
        (None, None) => return Err(Read::More(Wait::Needle { at, needles: &ENDS })),
        (None, Some(Ending::Cut)) => return Err(Read::Cut(Vec::new())),
        (None, Some(Ending::Stopped)) => (body.find(CLOSE).unwrap_or(body.len()), true),
    };
    let closer = if body[length..].starts_with(END_VALUE) {
        END_VALUE.len()
    } else {
        0
    };
    Ok(Pair {
        key,
        value: without_line_ends(&body[..length]),
        end: at + length + closer,
        is_open,
    })
}
