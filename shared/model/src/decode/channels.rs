//! The channels of gpt-oss where a server leaves them in the content: analysis is thinking, what is said in the other channels
//! is content, and a message to a tool is passed on as it is, for the reader of dialects.

use super::dropped_tokens::DroppedTokens;
use super::held;
use super::thoughts::Segment;
use crate::dialect::MIN_CUT_BYTES;
use crate::dialect::harmony::{Channel, Header, header};
use crate::ending::Ending;

/// What ends a message.
const ENDS: [&str; 3] = ["<|end|>", "<|return|>", "<|call|>"];

/// Tells thinking from content by the headers of messages, however the text is cut.
#[derive(Debug)]
pub(crate) struct Channels {
    dropped_tokens: DroppedTokens,
    state: State,
    /// The end of the text so far, where it may be the beginning of a tag.
    held: String,
    /// The last byte of content; outside of messages a tag in quotes is only spoken of.
    last: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Outside of messages: all is content, what ends messages too.
    Plain,
    Thought,
    Said,
    Call,
}

/// What stands at a `<`.
enum Tag {
    Whole(usize, State),
    /// The text ends inside what may become a tag.
    Begun,
    None,
}

impl Default for Channels {
    fn default() -> Self {
        Self {
            dropped_tokens: DroppedTokens::default(),
            state: State::Plain,
            held: String::new(),
            last: b'\n',
        }
    }
}

impl Channels {
    /// Bytes that are kept here and not handed over yet.
    pub(crate) const fn held_bytes(&self) -> usize {
        self.dropped_tokens.held_bytes() + self.held.len()
    }

    /// Whether text without any tag stands outside of messages, and is content as it is.
    #[inline]
    pub(crate) fn let_pass(&mut self, text: &str) -> bool {
        let is_plain = self.state == State::Plain && self.held.is_empty();
        let passes = is_plain && self.dropped_tokens.lets_pass();
        if let (true, Some(&last)) = (passes, text.as_bytes().last()) {
            self.last = last;
        }
        passes
    }

    /// Takes in content and hands over what it turned out to be.
    pub(crate) fn push(&mut self, text: &str, give: &mut dyn FnMut(Segment<'_>)) {
        if self.dropped_tokens.lets_pass() {
            return self.divide(text, give);
        }
        let mut dropped_tokens = std::mem::take(&mut self.dropped_tokens);
        dropped_tokens.push(text, &mut |text| self.divide(text, give));
        self.dropped_tokens = dropped_tokens;
    }

    fn divide(&mut self, text: &str, give: &mut dyn FnMut(Segment<'_>)) {
        let mut held = std::mem::take(&mut self.held);
        held::push(&mut held, text, |text| self.advance(text, give));
        self.held = held;
    }

    /// Hands over what was held back; `ending`: whether a limit may have cut the tag that ends what is said.
    pub(crate) fn finish(&mut self, ending: Ending, give: &mut dyn FnMut(Segment<'_>)) {
        let mut dropped_tokens = std::mem::take(&mut self.dropped_tokens);
        dropped_tokens.finish(&mut |text| self.divide(text, give));
        let held = std::mem::take(&mut self.held);
        let is_cut_tag = ending == Ending::Cut && held.len() >= MIN_CUT_BYTES;
        if self.state != State::Said || !is_cut_tag {
            self.give(&held, give);
        }
    }

    /// Decides about as much of the text as can be decided, and gives its length.
    fn advance(&mut self, text: &str, give: &mut dyn FnMut(Segment<'_>)) -> usize {
        let (mut rest, mut from) = (text, 0);
        while let Some(at) = memchr::memchr(b'<', &rest.as_bytes()[from..]) {
            let (before, here) = rest.split_at(from + at);
            let last = before.bytes().last().unwrap_or(self.last);
            match self.tag_at(here, last) {
                Tag::None => from += at + 1,
                Tag::Begun => {
                    self.give(before, give);
                    return text.len() - here.len();
                }
                Tag::Whole(length, state) => {
                    self.give(before, give);
                    let (tag, after) = here.split_at(length);
                    if state == State::Call || self.state == State::Call && state == State::Plain {
                        give(Segment::Content(tag));
                    }
                    self.state = state;
                    self.last = b'\n';
                    (rest, from) = (after, 0);
                }
            }
        }
        self.give(rest, give);
        text.len()
    }

    fn tag_at(&self, here: &str, last: u8) -> Tag {
        if self.state == State::Plain && matches!(last, b'`' | b'"' | b'\'') {
            return Tag::None;
        }
        match header(here) {
            Header::Whole(length, Channel::Thought) => return Tag::Whole(length, State::Thought),
            Header::Whole(length, Channel::Said) => return Tag::Whole(length, State::Said),
            Header::Whole(length, Channel::Call(_)) => return Tag::Whole(length, State::Call),
            Header::Begun => return Tag::Begun,
            Header::None if self.state == State::Plain => return Tag::None,
            Header::None => {}
        }
        match ENDS.iter().find(|end| here.starts_with(**end)) {
            Some(end) => Tag::Whole(end.len(), State::Plain),
            None if ENDS.iter().any(|end| end.starts_with(here)) => Tag::Begun,
            None => Tag::None,
        }
    }

    fn give(&mut self, text: &str, give: &mut dyn FnMut(Segment<'_>)) {
        let Some(&last) = text.as_bytes().last() else {
            return;
        };
        self.last = last;
        match self.state {
            State::Thought => give(Segment::Thought(text)),
            State::Plain | State::Said | State::Call => {
                give(Segment::Content(text));
            }
        }
    }
}
