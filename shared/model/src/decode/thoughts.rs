//! Thinking that a server leaves in the content, between `<think>` and `</think>`, or `<reasoning>` as Bedrock writes it.

use super::held;

/// Tags of thinking, likeliest first; only of the first pair may the opening one be missing.
const TAGS: [Tags; 2] = [
    Tags {
        open: "<think>",
        close: "</think>",
    },
    Tags {
        open: "<reasoning>",
        close: "</reasoning>",
    },
];

#[derive(Debug)]
struct Tags {
    open: &'static str,
    close: &'static str,
}

/// What a stretch of content turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stretch<'a> {
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
}

#[derive(Debug)]
enum State {
    Content,
    /// A thought has just ended: white space up to the answer belongs to neither.
    AfterThought,
    Thought {
        opened: Opened,
        tags: &'static Tags,
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
                tags: &TAGS[0],
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
        }
    }

    /// The server tells thinking apart: content that has not begun is no thought.
    pub(crate) fn come_apart(&mut self) {
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

    /// Takes in content and hands over what it turned out to be.
    pub(crate) fn push(&mut self, text: &str, give: &mut dyn FnMut(Stretch<'_>)) {
        let mut held = std::mem::take(&mut self.held);
        held::push(&mut held, text, |text| self.advance(text, give));
        self.held = held;
    }

    /// Hands over what was held back. `stopped`: the model ended of itself, not at a limit.
    pub(crate) fn finish(&mut self, stopped: bool, give: &mut dyn FnMut(Stretch<'_>)) {
        let held = std::mem::take(&mut self.held);
        self.text(&held, give);
        let state = std::mem::replace(&mut self.state, State::Content);
        let State::Thought { opened, tags, text } = state else {
            return;
        };
        match opened {
            Opened::Before if stopped => self.text(&text, give),
            Opened::Line | Opened::Before => give(Stretch::Thought(&text)),
            Opened::Middle => {
                self.text(tags.open, give);
                self.text(&text, give);
            }
        }
    }

    /// Decides about as much of the text as can be decided, and gives its length.
    fn advance(&mut self, text: &str, give: &mut dyn FnMut(Stretch<'_>)) -> usize {
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
            self.text(&rest[..at], give);
            rest = &rest[at..];
            match self.tag_at(rest) {
                Tag::Whole(length, turn) => {
                    self.turn(turn, give);
                    rest = &rest[length..];
                }
                Tag::Begun => return text.len() - rest.len(),
                Tag::None => {
                    self.text("<", give);
                    rest = &rest[1..];
                }
            }
        }
        self.text(rest, give);
        text.len()
    }

    fn tag_at(&self, rest: &str) -> Tag {
        let quoted = matches!(self.last, b'`' | b'"' | b'\'');
        match &self.state {
            State::Thought { tags, .. } => Tag::None.or(rest, tags.close, Turn::Close),
            State::Content | State::AfterThought if quoted => Tag::None,
            State::Content | State::AfterThought => {
                let lone = (!self.had_thought).then_some(TAGS[0].close);
                let opening = TAGS.iter().fold(Tag::None, |found, tags| {
                    found.or(rest, tags.open, Turn::Open(tags))
                });
                lone.map_or(opening, |close| opening.or(rest, close, Turn::Close))
            }
        }
    }

    /// Passes from content to thought or back.
    fn turn(&mut self, turn: Turn, give: &mut dyn FnMut(Stretch<'_>)) {
        match turn {
            Turn::Open(tags) => {
                let opened = if self.last == b'\n' {
                    Opened::Line
                } else {
                    Opened::Middle
                };
                let text = String::new();
                self.state = State::Thought { opened, tags, text };
            }
            Turn::Close => {
                match std::mem::replace(&mut self.state, State::AfterThought) {
                    State::Thought { text, .. } => give(Stretch::Thought(&text)),
                    State::Content | State::AfterThought => give(Stretch::Rethink),
                }
                self.had_thought = true;
                self.last = b'\n';
            }
        }
    }

    fn text(&mut self, text: &str, give: &mut dyn FnMut(Stretch<'_>)) {
        let content = match &mut self.state {
            State::Thought { text: thought, .. } => return thought.push_str(text),
            State::AfterThought => text.trim_ascii_start(),
            State::Content => text,
        };
        if let Some(&last) = content.as_bytes().last() {
            self.state = State::Content;
            self.last = last;
            give(Stretch::Content(content));
        }
    }
}

/// What stands at a `<`.
#[derive(Clone, Copy)]
enum Tag {
    /// A tag of this length, and what it does.
    Whole(usize, Turn),
    /// The text ends inside what may become a tag.
    Begun,
    None,
}

#[derive(Clone, Copy)]
enum Turn {
    Open(&'static Tags),
    Close,
}

impl Tag {
    /// This, or the other tag if that stands there.
    fn or(self, rest: &str, tag: &str, turn: Turn) -> Self {
        match self {
            Self::Begun | Self::None if rest.starts_with(tag) => Self::Whole(tag.len(), turn),
            Self::Begun | Self::None if tag.starts_with(rest) => Self::Begun,
            Self::Whole(..) | Self::Begun | Self::None => self,
        }
    }
}

#[cfg(test)]
mod tests;
