//! Calls that are JSON values, one after the other.

use super::brackets::{Brackets, Extent};
use super::call::{Demand, LeakedCall, calls_of};
use super::closers::CLOSERS;
use super::read::{Input, Read, Wait};
use super::shape::{Names, Others};
use crate::ending::Ending;
use crate::json::repair;
use crate::message::MAX_CALLS;

/// The text of one value.
pub(super) struct Body<'a> {
    pub(super) text: &'a str,
    pub(super) end: usize,
}

/// Takes the value that begins at a byte; `Err` holds what is to be said where it has not ended.
pub(super) fn take<'a>(input: &Input<'a>, at: usize) -> Result<Body<'a>, Read> {
    let mut brackets = Brackets::from(at);
    let end = match (brackets.scan(input.text), input.ending) {
        (Extent::Whole(end) | Extent::Broken(end), _) => end,
        (Extent::Open, None) => return Err(Read::More(Wait::Value(brackets))),
        (Extent::Open, Some(Ending::Cut)) => return Err(Read::Cut(Vec::new())),
        // A quote that is never closed has swallowed the closing tag.
        (Extent::Open, Some(Ending::Stopped)) => input
            .rest(at)
            .find("</")
            .map_or(input.text.len(), |length| at + length),
    };
    let text = &input.text[at..end];
    Ok(Body { text, end })
}

/// Reads values behind a tag: objects or a list, between them a semicolon, a comma or nothing.
pub(super) fn read_tagged(input: &Input<'_>, at: usize) -> Read {
    let mut calls = Vec::new();
    let mut end = at;
    while calls.len() < MAX_CALLS {
        let at = input.past_space(past(input, end, &[';', ',']));
        let rest = input.rest(at);
        if rest.is_empty() {
            return input.wait_or(Wait::Visible { at }, |ending| ended(calls, at, ending));
        }
        let begins_list = rest.starts_with('[') && calls.is_empty();
        if !begins_list && !rest.starts_with('{') {
            break;
        }
        let body = match take(input, at) {
            Ok(body) => body,
            Err(Read::Cut(_)) => return Read::Cut(calls),
            Err(read) => return read,
        };
        let found = calls_of(body.text, Demand::Tagged).or_else(|| in_python(body.text));
        let Some(found) = found else {
            break;
        };
        calls.extend(found);
        // One bracket too many is as common as one too few.
        end = past(input, body.end, &['}', ']']);
    }
    if calls.is_empty() {
        return Read::Text;
    }
    Read::Calls(calls, end)
}

/// Reads values that are calls only if nothing else is there, up to one of these marks, or to the end where that will do.
pub(super) fn read_alone(
    input: &Input<'_>,
    mut at: usize,
    marks: &[&str],
    ends_with_text: bool,
    others: Others,
) -> Read {
    let mut calls = Vec::new();
    while calls.len() < MAX_CALLS {
        let body = match take(input, at) {
            Ok(body) => body,
            Err(Read::Cut(_)) => return Read::Cut(calls),
            Err(read) => return read,
        };
        let Some(found) = calls_of(body.text, Demand::Alone) else {
            return Read::Text;
        };
        calls.extend(found);
        at = past(input, body.end, &[';', ',']);
        let rest = input.rest(at);
        if let Some(mark) = marks.iter().find(|mark| rest.starts_with(**mark)) {
            return unless_unknown(input, calls, at + mark.len(), others);
        }
        let wait = match rest {
            "" => Wait::Visible { at },
            begun if marks.iter().any(|mark| mark.starts_with(begun)) => Wait::Any,
            // The next value, or none.
            _ => continue,
        };
        return input.wait_or(wait, |_| {
            if ends_with_text {
                unless_unknown(input, calls, input.text.len(), others)
            } else {
                Read::Text
            }
        });
    }
    Read::Text
}

/// Calls that could as well be text, which end here. Where all name tools that are not offered they are calls only as far as
/// such names may be meant, and, unless they are marked as calls, only if nothing else is in the text.
pub(super) fn unless_unknown(
    input: &Input<'_>,
    calls: Vec<LeakedCall>,
    end: usize,
    others: Others,
) -> Read {
    let offered = input.offered;
    let is_known = |leaked: &LeakedCall| offered.has(&leaked.call.name);
    if others == Others::Any || calls.iter().all(is_known) {
        return Read::Calls(calls, end);
    }
    let names = Names { offered, others };
    let is_meant = |leaked: &LeakedCall| is_known(leaked) || names.may_mean(&leaked.call.name);
    if !input.is_first || !calls.iter().any(is_meant) {
        return Read::Text;
    }
    let at = past_closers(input, end);
    match input.rest(at) {
        "" => input.wait_or(Wait::Visible { at }, |_| Read::Calls(calls, at)),
        begun if CLOSERS.iter().any(|closer| closer.starts_with(begun)) => {
            input.wait_or(Wait::Any, |_| Read::Text)
        }
        _ => Read::Text,
    }
}

/// The first byte that is neither white space nor of a closing tag.
fn past_closers(input: &Input<'_>, end: usize) -> usize {
    let mut at = input.past_space(end);
    while let Some(closer) = CLOSERS
        .iter()
        .find(|closer| input.rest(at).starts_with(**closer))
    {
        at = input.past_space(at + closer.len());
    }
    at
}

fn in_python(text: &str) -> Option<Vec<LeakedCall>> {
    let calls = repair::python_calls(text)?;
    let calls = calls
        .iter()
        .map(|(name, arguments)| LeakedCall::new(name, arguments, false));
    Some(calls.collect()).filter(|calls: &Vec<_>| !calls.is_empty())
}

/// At the end of the reply.
fn ended(calls: Vec<LeakedCall>, at: usize, ending: Ending) -> Read {
    if calls.is_empty() {
        return Read::unless_cut(ending);
    }
    Read::Calls(calls, at)
}

/// The first byte from `at` on that is neither white space nor one of these.
fn past(input: &Input<'_>, at: usize, these: &[char]) -> usize {
    let skipped = |c: char| c.is_ascii_whitespace() || these.contains(&c);
    input.text.len() - input.rest(at).trim_start_matches(skipped).len()
}
