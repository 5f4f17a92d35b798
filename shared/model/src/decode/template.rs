//! Takes out of a text, before anything else is told apart in it, what opens the model's message in its chat template, and all
//! that follows where the model runs on past its end into a message of somebody else's.

use memchr::memchr2;

use super::held;
use super::special_tokens::{self, Opening, Run};

/// The text so far, as the template divides it.
#[derive(Debug, Default)]
pub(super) struct Template {
    place: Place,
    /// The end of the text so far, where it may be the beginning of a mark.
    held: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Start,
    Message,
    /// Behind the end of the message.
    Over,
}

impl Template {
    /// Whether the model has run on past the end of its message.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.place, Place::Over)
    }

    /// Bytes that are kept here and not handed over yet.
    pub(super) const fn held_bytes(&self) -> usize {
        self.held.len()
    }

    /// Whether a text is of the message as a whole: most are.
    #[inline]
    pub(super) fn lets_pass(&self, text: &str) -> bool {
        self.place == Place::Message
            && self.held.is_empty()
            && memchr2(b'<', b'[', text.as_bytes()).is_none()
    }

    /// Takes in text and hands over what is of the message.
    pub(super) fn push(&mut self, text: &str, give: &mut dyn FnMut(&str)) {
        let mut held = std::mem::take(&mut self.held);
        held::push(&mut held, text, |text| self.advance(text, false, give));
        self.held = held;
    }

    /// Hands over what was held back.
    pub(super) fn finish(&mut self, give: &mut dyn FnMut(&str)) {
        let held = std::mem::take(&mut self.held);
        self.advance(&held, true, give);
    }

    /// Decides about as much of the text as can be decided, and gives its length.
    fn advance(&mut self, text: &str, ends: bool, give: &mut dyn FnMut(&str)) -> usize {
        let mut from = 0;
        if self.place == Place::Start {
            from = match special_tokens::opening(text, ends) {
                Opening::Maybe => return 0,
                Opening::Text => 0,
                Opening::Mark(length) => length,
            };
            self.place = Place::Message;
        }
        if self.place == Place::Over {
            return text.len();
        }
        let mut at = from;
        while let Some(found) = memchr2(b'<', b'[', &text.as_bytes()[at..]) {
            let mark = at + found;
            match special_tokens::run(&text[mark..]) {
                Run::Open | Run::Stops if !ends => {
                    give(&text[from..mark]);
                    return mark;
                }
                Run::NextMessage => {
                    give(&text[from..mark]);
                    self.place = Place::Over;
                    return text.len();
                }
                Run::None | Run::Open | Run::Stops | Run::OwnMessage => at = mark + 1,
            }
        }
        give(&text[from..]);
        text.len()
    }
}
