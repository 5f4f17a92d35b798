//! Calls as `MiniMax` M3 writes them: XML in which the name of an argument is that of its element, and before each tag stands a
//! mark.
//!
//! In `]<]minimax[>[<invoke name="search">]<]minimax[>[<query>x]<]minimax[>[</query>` what is between two marks is one tag
//! and the text behind it.

use serde_json::{Map, Value};

use super::call::LeakedCall;
use super::offered::Offered;
use super::read::{Input, Read, Wait};
use super::xml::{typed, without_line_ends};
use crate::ending::Ending;

pub(super) const OPEN: &str = "]<]minimax[>[<tool_call>";
const CLOSE: &str = "]<]minimax[>[</tool_call>";
const MARK: &str = "]<]minimax[>[";
const INVOKE: &str = "]<]minimax[>[<invoke name=";

/// Reads what follows the opening tag, up to the closing one.
pub(super) fn read(input: &Input<'_>, after: usize) -> Read {
    let rest = input.rest(after);
    let (body, end, closed) = match (rest.find(CLOSE), input.ending) {
        (Some(length), _) => (&rest[..length], after + length + CLOSE.len(), false),
        (None, None) => {
            let needles = &[CLOSE];
            return Read::More(Wait::Needle { at: after, needles });
        }
        (None, Some(Ending::Cut)) => return Read::Cut(Vec::new()),
        (None, Some(Ending::Stopped)) => (rest, input.text.len(), true),
    };
    let calls = body.split(INVOKE).skip(1);
    let calls: Option<Vec<_>> = calls
        .map(|invoke| call(invoke, input.offered, closed))
        .collect();
    match calls {
        Some(calls) if !calls.is_empty() => Read::Calls(calls, end),
        Some(_) | None => Read::Text,
    }
}

fn call(invoke: &str, offered: &Offered, closed: bool) -> Option<LeakedCall> {
    let (name, body) = invoke.split_once('>')?;
    let name = name.trim_matches([' ', '"', '\'']);
    let mut arguments = Map::new();
    let mut open: Option<(&str, String)> = None;
    // Elements within an argument are text of it.
    let mut depth = 0_usize;
    for tag in body.split(MARK).skip(1) {
        match (open.as_mut(), tag.strip_prefix("</")) {
            (Some(_), Some(_)) if depth == 0 => {
                let (argument, text) = open.take()?;
                let value = typed(without_line_ends(&text), offered, name, argument);
                arguments.insert(argument.to_owned(), value);
            }
            (Some((_, text)), closing) => {
                depth = match closing {
                    Some(_) => depth - 1,
                    None => depth + 1,
                };
                text.push_str(tag);
            }
            (None, Some(_)) => {}
            (None, None) => {
                let (argument, text) = tag.strip_prefix('<')?.split_once('>')?;
                open = Some((argument, text.to_owned()));
            }
        }
    }
    if let Some((argument, text)) = open.filter(|_| closed) {
        let value = typed(without_line_ends(&text), offered, name, argument);
        arguments.insert(argument.to_owned(), value);
    }
    let is_named = !name.is_empty();
    is_named.then(|| LeakedCall::new(name, &Value::Object(arguments), closed))
}
