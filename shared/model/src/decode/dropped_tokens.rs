//! The headers of gpt-oss where a server has dropped their special tokens and left the words: `analysisHm.assistantfinalSo.`
//!
//! They are put back as they were. A text that does not begin with such words is left as it is.

use super::held;
use crate::dialect::harmony::MAX_WORDS_BYTES;

const ROLE: &str = "assistant";
const CHANNELS: [&str; 3] = ["analysis", "commentary", "final"];
const CALLS: &str = "commentary";
const RECIPIENT: &str = " to=";

/// Puts the tokens back, however the text is cut.
#[derive(Debug, Default)]
pub(super) struct DroppedTokens {
    place: Place,
    /// The end of the text so far, where it may be the beginning of a header.
    held: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Start,
    /// The text is not of this kind.
    Other,
    Within,
}

/// What stands at the beginning of a text.
enum Header {
    None,
    /// The text ends inside what may become one.
    Begun,
    /// One of this length, in bytes, and what stood there.
    Whole(usize, String),
}

impl DroppedTokens {
    /// Whether all text passes as it is.
    #[inline]
    pub(super) fn lets_pass(&self) -> bool {
        self.place == Place::Other
    }

    /// Bytes that are kept here and not handed over yet.
    pub(super) const fn held_bytes(&self) -> usize {
        self.held.len()
    }

    /// Takes in text and hands it over with its tokens.
    pub(super) fn push(&mut self, text: &str, give: &mut dyn FnMut(&str)) {
        let mut held = std::mem::take(&mut self.held);
        held::push(&mut held, text, |text| self.advance(text, give));
        self.held = held;
    }

    /// Hands over what was held back.
    pub(super) fn finish(&mut self, give: &mut dyn FnMut(&str)) {
        give(&std::mem::take(&mut self.held));
    }

    /// Decides about as much of the text as can be decided, and gives its length.
    fn advance(&mut self, text: &str, give: &mut dyn FnMut(&str)) -> usize {
        let mut rest = text;
        if self.place == Place::Start {
            match first_header(text) {
                Header::Begun => return 0,
                Header::None => self.place = Place::Other,
                Header::Whole(length, header) => {
                    give(&header);
                    self.place = Place::Within;
                    rest = &text[length..];
                }
            }
        }
        let mut from = 0;
        while self.place == Place::Within
            && let Some(found) = memchr::memchr(b'a', &rest.as_bytes()[from..])
        {
            let (before, here) = rest.split_at(from + found);
            match header(here) {
                Header::None => from = before.len() + 1,
                Header::Begun => {
                    give(before);
                    return text.len() - here.len();
                }
                Header::Whole(length, header) => {
                    give(before);
                    give(&header);
                    (rest, from) = (&here[length..], 0);
                }
            }
        }
        give(rest);
        text.len()
    }
}

/// A header that a text begins with: the role may be missing there.
fn first_header(text: &str) -> Header {
    match header(text) {
        Header::None => {}
        found => return found,
    }
    let [thought, _, _] = CHANNELS;
    if let Some(after) = text.strip_prefix(thought) {
        // The word by itself begins many a text, but not one that goes on with a capital right behind it.
        return match after.chars().next() {
            None => Header::Begun,
            Some(next) if next.is_uppercase() => put_back(text, thought, after),
            Some(_) => Header::None,
        };
    }
    match text.strip_prefix(CALLS) {
        Some(after) if after.starts_with(RECIPIENT) => put_back(text, CALLS, after),
        Some(after) => begun_if(RECIPIENT.starts_with(after)),
        None => begun_if([thought, CALLS].iter().any(|word| word.starts_with(text))),
    }
}

/// A header with its role.
fn header(text: &str) -> Header {
    let Some(rest) = text.strip_prefix(ROLE) else {
        return begun_if(ROLE.starts_with(text));
    };
    let Some(channel) = CHANNELS.iter().find(|channel| rest.starts_with(**channel)) else {
        return begun_if(CHANNELS.iter().any(|channel| channel.starts_with(rest)));
    };
    put_back(text, channel, &rest[channel.len()..])
}

/// The header of a channel, with the recipient and what else stands `after` it up to the arguments of a call.
fn put_back(text: &str, channel: &str, after: &str) -> Header {
    let words = match after.find('{').filter(|_| after.starts_with(RECIPIENT)) {
        Some(length) => &after[..length],
        None if channel == CALLS && after.len() < RECIPIENT.len() => {
            if RECIPIENT.starts_with(after) {
                return Header::Begun;
            }
            ""
        }
        None if channel == CALLS && after.starts_with(RECIPIENT) => {
            let is_short = channel.len() + after.len() <= MAX_WORDS_BYTES;
            return begun_if(is_short && !after.trim_ascii_end().contains('\n'));
        }
        None => "",
    };
    let named = words.trim_ascii_end();
    if channel.len() + words.len() > MAX_WORDS_BYTES || named.contains(['<', '\n']) {
        return Header::None;
    }
    let length = text.len() - after.len() + words.len();
    let header = format!("<|start|>{ROLE}<|channel|>{channel}{named}<|message|>");
    Header::Whole(length, header)
}

const fn begun_if(begun: bool) -> Header {
    if begun { Header::Begun } else { Header::None }
}
