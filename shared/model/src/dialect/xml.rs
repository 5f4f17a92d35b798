//! Calls in XML where every argument has an element of its own, as Qwen3-Coder, `MiniMax` and `DeepSeek` V3.2 write them; and
//! Llama's `<function=name>{…}</function>`.

use serde_json::{Map, Value};

use super::call::LeakedCall;
use super::mistral::call;
use super::offered::Offered;
use super::read::{Input, Read, Wait};
use super::values;
use crate::ending::Ending;
use crate::json::repair;

/// The tags of a family, without the name that follows those which open.
#[derive(Debug)]
pub(super) struct Markup {
    pub(super) open: &'static str,
    close: &'static str,
    parameter: &'static str,
    end_parameter: &'static str,
    /// Where the text of an argument may end, its own closing tag being forgotten.
    ends: [&'static str; 3],
}

const fn markup(
    open: &'static str,
    close: &'static str,
    parameter: &'static str,
    end_parameter: &'static str,
) -> Markup {
    Markup {
        open,
        close,
        parameter,
        end_parameter,
        ends: [end_parameter, parameter, close],
    }
}

pub(super) static MARKUPS: [Markup; 6] = [
    markup("<function=", "</function>", "<parameter=", "</parameter>"),
    markup(
        "<invoke name=",
        "</invoke>",
        "<parameter name=",
        "</parameter>",
    ),
    markup(
        "<function name=",
        "</function>",
        "<parameter name=",
        "</parameter>",
    ),
    markup(
        "<antml:invoke name=",
        "</antml:invoke>",
        "<antml:parameter name=",
        "</antml:parameter>",
    ),
    markup(
        "<atem:invoke name=",
        "</atem:invoke>",
        "<atem:parameter name=",
        "</atem:parameter>",
    ),
    markup(
        "<｜DSML｜invoke name=",
        "</｜DSML｜invoke>",
        "<｜DSML｜parameter name=",
        "</｜DSML｜parameter>",
    ),
];
/// Longest name of a function or argument, in bytes.
const MAX_NAME_BYTES: usize = 128;
/// Tags that are read of one call: each new one means reading it again from its beginning.
const MAX_TAGS: usize = 256;

/// Reads a call from its opening tag at `at` on.
pub(super) fn read(input: &Input<'_>, at: usize) -> Read {
    let rest = input.rest(at);
    match MARKUPS.iter().find(|markup| rest.starts_with(markup.open)) {
        Some(markup) => read_call(input, markup, at).unwrap_or_else(|read| read),
        None => Read::Text,
    }
}

/// Whether a call begins here.
pub(super) fn begins(rest: &str) -> bool {
    MARKUPS.iter().any(|markup| rest.starts_with(markup.open))
}

/// Whether the text ends inside what may become the beginning of a call.
pub(super) fn may_begin(rest: &str) -> bool {
    MARKUPS.iter().any(|markup| markup.open.starts_with(rest))
}

fn read_call(input: &Input<'_>, markup: &'static Markup, at: usize) -> Result<Read, Read> {
    if let Some((name, at)) = name_before_json(input, at + markup.open.len()) {
        let body = values::take(input, at)?;
        return match repair::parse(body.text).filter(|body| body.value.is_object()) {
            Some(_) => Ok(Read::Calls(vec![call(name, body.text)], body.end)),
            None => Err(Read::Text),
        };
    }
    let (name, mut at) = name(input, at + markup.open.len())?;
    if !is_name(name) {
        return Err(Read::Text);
    }
    let is_tag = input.text[..at].ends_with('>');
    let mut arguments = Map::new();
    let mut closed = false;
    for _ in 0..MAX_TAGS {
        at = input.past_space(at);
        match next_tag(input, markup, at)? {
            Tag::Parameter => {
                let (argument, text, end) = argument(input, markup, at + markup.parameter.len())?;
                let value = typed(text.text, input.offered, name, argument);
                arguments.insert(argument.to_owned(), value);
                closed |= text.is_open;
                at = end;
            }
            Tag::EndParameter => at += markup.end_parameter.len(),
            Tag::End => {
                at += markup.close.len();
                break;
            }
            Tag::Json if arguments.is_empty() && is_tag => {
                let body = values::take(input, at)?;
                return Ok(Read::Calls(vec![call(name, body.text)], body.end));
            }
            // Text behind the last argument ends the call; text before the first means that it is none.
            Tag::Json | Tag::Other if arguments.is_empty() && !input.rest(at).starts_with("</") => {
                return Ok(Read::Text);
            }
            Tag::Json | Tag::Other => break,
            Tag::EndOfText => {
                closed = true;
                break;
            }
        }
    }
    // Neither a whole tag nor an argument is there.
    if !is_tag && arguments.is_empty() {
        return Ok(Read::Text);
    }
    let arguments = Value::Object(arguments);
    Ok(Read::Calls(
        vec![LeakedCall::new(name, &arguments, closed)],
        at,
    ))
}

fn is_name(name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "_-.:/".contains(c);
    !name.is_empty() && name.chars().all(is_part)
}

/// The name of an offered tool whose `>` is missing before an object, as Llama writes it: `<function=name{…}` and
/// `<function=name={…}`.
fn name_before_json<'a>(input: &Input<'a>, at: usize) -> Option<(&'a str, usize)> {
    let (name, rest) = input.rest(at).split_once(['>', '\n', '<', '{'])?;
    let json = at + name.len();
    let is_json = input.rest(json).starts_with('{') && !rest.is_empty();
    let name = name
        .trim_end_matches(['=', ' ', '"'])
        .trim_start_matches('"');
    let is_meant = is_name(name) && input.offered.fitting(name).is_some();
    (is_json && is_meant).then_some((name, json))
}

/// A name up to its `>`, and where the text behind it begins.
fn name<'a>(input: &Input<'a>, at: usize) -> Result<(&'a str, usize), Read> {
    let rest = input.rest(at);
    let Some(end) = rest.find(['>', '\n', '<']) else {
        if rest.len() > MAX_NAME_BYTES {
            return Err(Read::Text);
        }
        return Err(input.wait_or(Wait::Any, Read::unless_cut));
    };
    let name = rest[..end].trim_matches([' ', '"', '\'', '\r']);
    // Other attributes may follow it.
    let name = name.split(['"', '\'']).next().unwrap_or_default();
    let past_bracket = usize::from(rest[end..].starts_with('>'));
    let is_open = rest.starts_with(['"', '\'']) && past_bracket == 0;
    if name.is_empty() || end > MAX_NAME_BYTES || is_open {
        return Err(Read::Text);
    }
    Ok((name, at + end + past_bracket))
}

enum Tag {
    Parameter,
    EndParameter,
    End,
    Json,
    Other,
    /// The reply has ended, and the model meant it to.
    EndOfText,
}

fn next_tag(input: &Input<'_>, markup: &Markup, at: usize) -> Result<Tag, Read> {
    let rest = input.rest(at);
    let tags = [
        (markup.parameter, Tag::Parameter),
        (markup.end_parameter, Tag::EndParameter),
        (markup.close, Tag::End),
        ("{", Tag::Json),
    ];
    let may_become_one = tags.iter().any(|(tag, _)| tag.starts_with(rest));
    if let Some((_, tag)) = tags.into_iter().find(|(tag, _)| rest.starts_with(tag)) {
        return Ok(tag);
    }
    if !may_become_one {
        return Ok(Tag::Other);
    }
    match (input.ending, rest) {
        (None, "") => Err(Read::More(Wait::Visible { at })),
        (None, _) => Err(Read::More(Wait::Any)),
        (Some(Ending::Cut), _) => Err(Read::Cut(Vec::new())),
        (Some(Ending::Stopped), _) => Ok(Tag::EndOfText),
    }
}

/// The text of an argument.
struct Text<'a> {
    text: &'a str,
    /// Nothing ends it but the end of the reply.
    is_open: bool,
}

/// Name and text of an argument, and where what follows begins.
fn argument<'a>(
    input: &Input<'a>,
    markup: &'static Markup,
    at: usize,
) -> Result<(&'a str, Text<'a>, usize), Read> {
    let (argument, at) = name(input, at)?;
    let rest = input.rest(at);
    let (text, is_open) = match (first_of(rest, &markup.ends), input.ending) {
        (Some(end), _) => (&rest[..end], false),
        (None, None) => {
            let needles = &markup.ends;
            return Err(Read::More(Wait::Needle { at, needles }));
        }
        (None, Some(Ending::Cut)) => return Err(Read::Cut(Vec::new())),
        (None, Some(Ending::Stopped)) => {
            let end = rest.find("</tool_call>").unwrap_or(rest.len());
            (&rest[..end], true)
        }
    };
    let end = at + text.len();
    let text = without_line_ends(text);
    Ok((argument, Text { text, is_open }, end))
}

/// Where the first of these stands. A text is looked through no further than a few times as far as that: there may be hundreds of
/// arguments in it, and one of these marks nowhere.
fn first_of(text: &str, marks: &[&str]) -> Option<usize> {
    let mut looked_bytes = 256;
    loop {
        let looked_at = &text[..text.floor_char_boundary(looked_bytes)];
        // No mark overlaps another: none that this cuts stands before one that it holds.
        let first = marks.iter().filter_map(|mark| looked_at.find(mark)).min();
        if first.is_some() || looked_at.len() == text.len() {
            return first;
        }
        looked_bytes *= 4;
    }
}

/// The tags stand on lines of their own.
pub(super) fn without_line_ends(text: &str) -> &str {
    let text = text
        .strip_prefix("\r\n")
        .or_else(|| text.strip_prefix('\n'))
        .unwrap_or(text);
    text.strip_suffix("\r\n")
        .or_else(|| text.strip_suffix('\n'))
        .unwrap_or(text)
}

/// The dialect does not tell text from numbers; the tool's schema does.
pub(super) fn typed(text: &str, offered: &Offered, name: &str, argument: &str) -> Value {
    if offered.is_text(name, argument) {
        return Value::from(text);
    }
    match repair::parse(text.trim()) {
        Some(parsed) if !parsed.closed => parsed.value,
        Some(_) | None => Value::from(text),
    }
}

#[cfg(test)]
mod tests;
