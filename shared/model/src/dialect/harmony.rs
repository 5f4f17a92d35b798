//! Calls as gpt-oss writes them: messages in channels, of which one to `functions.name` is a call.
//!
//! `<|channel|>commentary to=functions.search <|constrain|>json<|message|>{…}<|call|>`; the recipient may also stand before
//! the channel, and the kind of content may follow it without its tag.

use super::mistral::call;
use super::offered::Offered;
use super::read::{Input, Read, Wait};
use super::values;

pub(super) const CHANNEL: &str = "<|channel|>";
pub(super) const START: &str = "<|start|>";
const ROLE: &str = "assistant";
const CONSTRAIN: &str = "<|constrain|>";
const MESSAGE: &str = "<|message|>";
const CHANNELS: [&str; 3] = ["analysis", "commentary", "final"];
const RECIPIENT: &str = "to=";
const NAMESPACE: &str = "functions.";
/// The kind of content, which is sometimes written as if it belonged to the name.
const GLUED: &str = "json";
/// Longest text between two tags of a header, in bytes.
pub(crate) const MAX_WORDS_BYTES: usize = 128;

/// What a message is, by its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel<'a> {
    Thought,
    Said,
    /// It goes to a tool of this name.
    Call(&'a str),
}

/// What stands at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header<'a> {
    None,
    /// The text ends inside what may become one.
    Begun,
    /// One of this length, in bytes.
    Whole(usize, Channel<'a>),
}

/// Reads the header of a message.
pub(crate) fn header(text: &str) -> Header<'_> {
    whole_header(text).unwrap_or_else(|header| header)
}

fn whole_header(text: &str) -> Result<Header<'_>, Header<'_>> {
    let (mut to, mut rest) = (None, text);
    if !text.starts_with(CHANNEL) && !CHANNEL.starts_with(text) {
        let (before, after) = words(past(past(text, START)?, ROLE)?)?;
        (to, rest) = (recipient(before), after);
    }
    let rest = past(rest, CHANNEL)?;
    let is_known = |name: &&str| rest.starts_with(*name) || name.starts_with(rest);
    if !CHANNELS.iter().any(is_known) {
        return Err(Header::None);
    }
    let (channel, after) = words(rest)?;
    let kind = match channel.split_ascii_whitespace().next() {
        Some("analysis") => Channel::Thought,
        Some("commentary" | "final") => Channel::Said,
        Some(_) | None => return Err(Header::None),
    };
    let rest = match past(after, CONSTRAIN) {
        Ok(constrained) => words(constrained)?.1,
        Err(_) if after.starts_with(MESSAGE) => after,
        Err(header) => past(after, MESSAGE).map_err(|other| header.or(other))?,
    };
    let rest = past(rest, MESSAGE)?;
    let kind = to.or(recipient(channel)).map_or(kind, Channel::Call);
    Ok(Header::Whole(text.len() - rest.len(), kind))
}

/// What follows a tag.
fn past<'a>(text: &'a str, tag: &str) -> Result<&'a str, Header<'a>> {
    match text.strip_prefix(tag) {
        Some(rest) => Ok(rest),
        None if tag.starts_with(text) => Err(Header::Begun),
        None => Err(Header::None),
    }
}

/// Words up to the next tag, or to the end of their line, which stands where a tag has to.
fn words(text: &str) -> Result<(&str, &str), Header<'_>> {
    let end = text.find(['<', '\n']);
    let words = &text[..end.unwrap_or(text.len())];
    if words.len() > MAX_WORDS_BYTES {
        return Err(Header::None);
    }
    let end = end.ok_or(Header::Begun)?;
    Ok((words, &text[end..]))
}

fn recipient(words: &str) -> Option<&str> {
    let to = words.split_once(RECIPIENT)?.1;
    let name = to.split_ascii_whitespace().next()?;
    Some(name.strip_prefix(NAMESPACE).unwrap_or(name)).filter(|name| !name.is_empty())
}

impl Header<'_> {
    /// This, or the other where this is none.
    const fn or(self, other: Self) -> Self {
        match self {
            Self::None => other,
            Self::Begun | Self::Whole(..) => self,
        }
    }
}

/// Reads a call from its header on.
pub(super) fn read(input: &Input<'_>) -> Read {
    let (length, name) = match header(input.text) {
        Header::Whole(length, Channel::Call(name)) => (length, name),
        Header::Begun => return input.wait_or(Wait::Any, Read::unless_cut),
        Header::None | Header::Whole(_, Channel::Thought | Channel::Said) => return Read::Text,
    };
    let at = input.past_space(length);
    let rest = input.rest(at);
    if rest.is_empty() {
        return input.wait_or(Wait::Visible { at }, Read::unless_cut);
    }
    let name = unglued(name, input.offered);
    if !rest.starts_with('{') {
        return Read::Text;
    }
    match values::take(input, at) {
        Ok(body) => Read::Calls(vec![call(name, body.text)], body.end),
        Err(read) => read,
    }
}

fn unglued<'a>(name: &'a str, offered: &Offered) -> &'a str {
    let shorter = name.strip_suffix(GLUED);
    match shorter.filter(|shorter| !offered.has(name) && offered.has(shorter)) {
        Some(shorter) => shorter,
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_what_its_message_is() {
        let cases = [
            ("<|channel|>analysis<|message|>", Channel::Thought),
            (
                "<|start|>assistant<|channel|>final<|message|>",
                Channel::Said,
            ),
            (
                "<|channel|>final <|constrain|>json<|message|>",
                Channel::Said,
            ),
            ("<|channel|>commentary<|message|>", Channel::Said),
            (
                "<|channel|>commentary to=functions.search <|constrain|>json<|message|>",
                Channel::Call("search"),
            ),
            (
                "<|start|>assistant<|channel|>commentary to=functions.search json<|message|>",
                Channel::Call("search"),
            ),
            (
                "<|start|>assistant to=functions.search<|channel|>commentary json<|message|>",
                Channel::Call("search"),
            ),
            (
                "<|channel|>analysis to=python code<|message|>",
                Channel::Call("python"),
            ),
        ];
        for (text, channel) in cases {
            assert_eq!(header(text), Header::Whole(text.len(), channel), "{text}");
            for at in 1..text.len() {
                assert_eq!(header(&text[..at]), Header::Begun, "{text} at {at}");
            }
        }
    }

    #[test]
    fn other_text_is_no_header() {
        for text in [
            "<|char",
            "<|start|>user<|message|>",
            "<|channel|>new",
            "<|channel|>finals<|message|>",
            "<|channel|>final\n",
            "<|channel|>final<|end|>",
            "<|message|>",
            "<b>",
        ] {
            assert_eq!(header(text), Header::None, "{text}");
        }
    }

    #[test]
    fn the_kind_of_content_is_taken_off_a_name_only_where_that_makes_it_an_offered_one() {
        let tools = ["search", "parsejson", "to", "tojson"];
        let tools = tools.map(|name| serde_json::json!({"function": {"name": name}}));
        let offered = Offered::of_functions(&tools);
        for (name, meant) in [
            ("search", "search"),
            ("searchjson", "search"),
            ("parsejson", "parsejson"),
            ("tojson", "tojson"),
            ("fetchjson", "fetchjson"),
            ("fetch", "fetch"),
        ] {
            assert_eq!(unglued(name, &offered), meant);
        }
    }

    #[test]
    fn words_between_two_tags_have_128_bytes_at_most() {
        for (bytes, fits) in [(127, true), (128, true), (129, false)] {
            let channel = format!("final {}", "x".repeat(bytes - "final ".len()));
            let text = format!("<|channel|>{channel}<|message|>");
            let whole = Header::Whole(text.len(), Channel::Said);
            let (found, begun) = (header(&text), header(&text[..text.len() - 11]));
            assert_eq!(found == whole, fits, "{bytes}");
            assert_eq!(begun == Header::Begun, fits, "{bytes}");
        }
    }
}
