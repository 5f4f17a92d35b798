//! Thinking that a server leaves in the content, between `<think>` and `</think>` or the tags of other families.

mod tags;

use super::held;
use tags::{LONE, TAGS, Tag, Tags, Turn};

/// What a segment of content turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Segment<'a> {
    Content(&'a str),
    Thought(&'a str),
    /// All content so far was thinking whose opening tag stands in the prompt.
    Rethink,
}

/// Tells thinking from content, however the text is cut.
#[derive(Debug)]
pub(crate) struct Thoughts {
    state: State,
    /// The end of the text so far, where it may be the beginning of a tag.
    held: String,
    /// The last byte of content; a tag in quotes is only spoken of.
    last: u8,
    /// One thought has been told from the content.
    had_thought: bool,
    /// Thoughts that were opened within a thought and not closed with it, …
    open_within: usize,
    /// … and what closes them.
    closes_within: &'static str,
}

#[derive(Debug)]
enum State {
    Content,
    /// A thought has just ended: white space up to the answer belongs to neither.
    AfterThought,
    Thought {
        opened: Opened,
        /// None where nobody knows which one opened it.
        tags: Option<&'static Tags>,
        text: String,
    },
}

/// Where a thought began; it decides what a thought without an end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opened {
    /// In the prompt, as the caller says: without an end it is the answer, or a thought that was cut.
    Before,
    /// At the beginning of a line: without an end it is a thought that was cut.
    Line,
    /// In the middle of a line: without an end the tag was only text.
    Middle,
}

impl Thoughts {
    /// `thinks_first`: the prompt ends with the opening tag, so that the reply begins inside a thought.
    pub(crate) fn new(thinks_first: bool) -> Self {
        let state = if thinks_first {
            State::Thought {
                opened: Opened::Before,
                tags: None,
                text: String::new(),
            }
        } else {
            State::Content
        };
        Self {
            state,
            held: String::new(),
            last: b'\n',
            had_thought: false,
            open_within: 0,
            closes_within: TAGS[0].close,
        }
    }

    /// The server tells thinking apart: content that has not begun is no thought.
    pub(crate) fn expect_content(&mut self) {
        if let State::Thought {
            opened: Opened::Before,
            text,
            ..
        } = &self.state
            && text.is_empty()
            && self.held.is_empty()
        {
            self.state = State::Content;
        }
    }

    /// Bytes that are kept here and not handed over yet.
    pub(crate) const fn held_bytes(&self) -> usize {
        let thought = match &self.state {
            State::Thought { text, .. } => text.len(),
            State::Content | State::AfterThought => 0,
        };
        thought + self.held.len()
    }

    /// Whether text without any tag stands outside of thoughts, and is content as it is.
    #[inline]
    pub(crate) fn let_pass(&mut self, text: &str) -> bool {
        let passes = matches!(self.state, State::Content) && self.held.is_empty();
        if let (true, Some(&last)) = (passes, text.as_bytes().last()) {
            self.last = last;
        }
        passes
    }

    /// Takes in content and hands over what it turned out to be.
    pub(crate) fn push(&mut self, text: &str, give: &mut dyn FnMut(Segment<'_>)) {
        let mut held = std::mem::take(&mut self.held);
        held::push(&mut held, text, |text| self.advance(text, give));
        self.held = held;
    }

    /// Hands over what was held back. `stopped`: the model ended of itself, not at a limit.
    pub(crate) fn finish(&mut self, stopped: bool, give: &mut dyn FnMut(Segment<'_>)) {
        let held = std::mem::take(&mut self.held);
        self.text(&held, give);
        let state = std::mem::replace(&mut self.state, State::Content);
        let State::Thought { opened, tags, text } = state else {
            return;
        };
        match opened {
            Opened::Before if stopped => self.text(&text, give),
            Opened::Line | Opened::Before => give(Segment::Thought(&text)),
            Opened::Middle => {
                self.text(tags.map_or("", |tags| tags.open), give);
                self.text(&text, give);
            }
        }
    }

    /// Decides about as much of the text as can be decided, and gives its length.
    fn advance(&mut self, text: &str, give: &mut dyn FnMut(Segment<'_>)) -> usize {
        let mut rest = text;
        while let Some(at) = memchr::memchr2(b'<', b'[', rest.as_bytes()) {
            self.text(&rest[..at], give);
            rest = &rest[at..];
            match self.tag_at(rest) {
                Tag::Whole(length, turn) => {
                    self.turn(turn, give);
                    rest = &rest[length..];
                }
                Tag::Begun => return text.len() - rest.len(),
                Tag::None => {
                    self.text(&rest[..1], give);
                    rest = &rest[1..];
                }
            }
        }
        self.text(rest, give);
        text.len()
    }

    fn tag_at(&self, rest: &str) -> Tag {
        let closing = |tag: Tag, close: &str| tag.or(rest, close, Turn::Close);
        match &self.state {
            State::Thought {
                tags: Some(tags), ..
            } => closing(Tag::None, tags.close).or(rest, tags.open, Turn::OpenWithin(tags)),
            // The tag that stands in the prompt may come again, or another.
            State::Thought {
                tags: None, text, ..
            } => {
                let is_first = text.trim_ascii().is_empty();
                let opening = TAGS.iter().fold(Tag::None, |found, tags| {
                    let turn = if is_first {
                        Turn::Open(tags)
                    } else {
                        Turn::OpenWithin(tags)
                    };
                    found.or(rest, tags.open, turn)
                });
                LONE.into_iter().fold(opening, closing)
            }
            State::Content | State::AfterThought if matches!(self.last, b'`' | b'"' | b'\'') => {
                Tag::None
            }
            State::Content | State::AfterThought => {
                let at_line = self.last == b'\n';
                let fitting = TAGS.iter().filter(|tags| at_line || !tags.needs_line);
                let opening = fitting.fold(Tag::None, |found, tags| {
                    found.or(rest, tags.open, Turn::Open(tags))
                });
                match (&self.state, self.had_thought, self.open_within) {
                    // The same end twice in a row ends nothing more.
                    (State::AfterThought, _, 0) => closing(opening, self.closes_within),
                    (_, true, 0) => opening,
                    (_, true, _) => closing(opening, self.closes_within),
                    (_, false, _) => LONE.into_iter().fold(opening, closing),
                }
            }
        }
    }

    /// Passes from content to thought or back.
    fn turn(&mut self, turn: Turn, give: &mut dyn FnMut(Segment<'_>)) {
        match turn {
            Turn::Open(tags) => {
                let opened = match (&self.state, self.last) {
                    (State::Thought { opened, .. }, _) => *opened,
                    (State::Content | State::AfterThought, b'\n') => Opened::Line,
                    (State::Content | State::AfterThought, _) => Opened::Middle,
                };
                let text = String::new();
                let tags = Some(tags);
                self.state = State::Thought { opened, tags, text };
            }
            Turn::OpenWithin(tags) => {
                self.open_within += 1;
                self.closes_within = tags.close;
                if let State::Thought { text, .. } = &mut self.state {
                    text.push_str(tags.open);
                }
            }
            Turn::Close => self.close(give),
        }
    }

    fn close(&mut self, give: &mut dyn FnMut(Segment<'_>)) {
        match std::mem::replace(&mut self.state, State::AfterThought) {
            State::Thought { text, tags, .. } => {
                if self.open_within == 0 {
                    self.closes_within = tags.unwrap_or(&TAGS[0]).close;
                }
                give(Segment::Thought(&text));
            }
            State::AfterThought if self.open_within == 0 => {}
            State::Content | State::AfterThought => {
                self.open_within = self.open_within.saturating_sub(1);
                give(Segment::Rethink);
            }
        }
        self.had_thought = true;
        self.last = b'\n';
    }

    fn text(&mut self, text: &str, give: &mut dyn FnMut(Segment<'_>)) {
        let content = match &mut self.state {
            State::Thought { text: thought, .. } => return thought.push_str(text),
            State::AfterThought => text.trim_ascii_start(),
            State::Content => text,
        };
        if let Some(&last) = content.as_bytes().last() {
            self.state = State::Content;
            self.last = last;
            give(Segment::Content(content));
        }
    }
}

#[cfg(test)]
mod tests;
