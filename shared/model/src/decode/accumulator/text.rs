//! The way of a text through the accumulator: marks of a template, channels, thoughts and calls are told apart, and what is left
//! is shown.

use super::{Accumulator, Visibility};
use crate::decode::channels::Channels;
use crate::decode::delta_text::{Added, Form};
use crate::decode::special_tokens::{self, Tail};
use crate::decode::template::Template;
use crate::decode::thoughts::{Segment, Thoughts};
use crate::message::{Piece, Retracted};

/// A last chunk that says again what is shown is one of at least so many bytes.
const MIN_SHOWN_AGAIN_BYTES: usize = 16;

impl Accumulator {
    /// The next piece of what there is to show.
    pub(crate) fn next_piece(&mut self) -> Option<Piece> {
        if let Some(why) = self.retracts.take() {
            return Some(Piece::Retract(why));
        }
        if self.given == self.content.len() {
            return None;
        }
        let end = self.end_of_shown(false);
        let fresh = &self.content[self.given..end];
        if fresh.is_empty() {
            return None;
        }
        self.given = end;
        Some(Piece::Content(fresh.to_owned()))
    }

    /// Where what may be shown ends, the marks that stop a message being left out; `ends`: no more comes.
    pub(super) fn end_of_shown(&mut self, ends: bool) -> usize {
        match self.shows {
            Visibility::Rest => return self.content.len(),
            Visibility::NoMore => self.content.truncate(self.given),
            Visibility::All => {}
        }
        match special_tokens::tail(&self.content, self.given, ends) {
            Tail::None => self.content.len(),
            Tail::Maybe(at) => at,
            Tail::Ended(at) => {
                self.content.truncate(at);
                self.shows = Visibility::NoMore;
                at
            }
        }
    }

    #[inline]
    pub(super) fn say(&mut self, text: &str, choice: u64, form: Form, repaired: bool) {
        let fresh = match self.raw_text.add(text, choice, form, repaired) {
            Added::Nothing => return,
            Added::More(fresh) => fresh,
            Added::Whole(fresh) => {
                self.forget_text();
                fresh
            }
        };
        self.taken_bytes += fresh.len();
        if self.takes_directly(&fresh) {
            return;
        }
        if !self.template.lets_pass(&fresh) {
            self.strip(|template, give| template.push(&fresh, give));
        } else if self.channels.let_pass(&fresh) && self.thoughts.let_pass(&fresh) {
            // As nearly all text: nothing in it is a mark or a tag.
            match &mut self.reader {
                Some(reader) => reader.push(&fresh, &mut self.content),
                None => self.content.push_str(&fresh),
            }
        } else {
            self.part(|channels, give| channels.push(&fresh, give));
        }
    }

    /// Takes in the text of a decision, which is read as it came.
    #[inline]
    fn takes_directly(&mut self, fresh: &str) -> bool {
        let Some(reader) = self.reader.as_mut().filter(|_| !self.thinks_first) else {
            return false;
        };
        let is_json = reader.takes_directly(fresh);
        if is_json {
            reader.push(fresh, &mut self.content);
        }
        is_json
    }

    /// Whether a last chunk says again what is shown, without the thoughts and marks that came with it.
    #[inline]
    pub(super) fn is_said_again(&self, text: &str, form: Form) -> bool {
        if form != Form::LastDelta || text.len() < MIN_SHOWN_AGAIN_BYTES {
            return false;
        }
        let shown = match special_tokens::tail(&self.content, 0, true) {
            Tail::Ended(at) => &self.content[..at],
            Tail::None | Tail::Maybe(_) => &*self.content,
        };
        shown.trim() == text.trim()
    }

    /// All text so far will come again.
    fn forget_text(&mut self) {
        if std::mem::take(&mut self.given) > 0 {
            self.retracts = Some(Retracted::SaidAgain);
        }
        self.template = Template::default();
        self.channels = Channels::default();
        self.thoughts = Thoughts::new(self.thinks_first);
        if let Some(reader) = &mut self.reader {
            reader.forget();
        }
        self.content.clear();
        self.shows = Visibility::All;
    }

    /// Sends on what is left of text without the marks of a template.
    pub(super) fn strip(&mut self, push: impl FnOnce(&mut Template, &mut dyn FnMut(&str))) {
        let mut template = std::mem::take(&mut self.template);
        push(&mut template, &mut |text| {
            self.part(|channels, give| channels.push(text, give));
        });
        self.template = template;
    }

    /// Sends what the channels tell apart to where it belongs.
    pub(super) fn part(&mut self, push: impl FnOnce(&mut Channels, &mut dyn FnMut(Segment<'_>))) {
        let mut channels = std::mem::take(&mut self.channels);
        push(&mut channels, &mut |segment| match segment {
            Segment::Thought(thought) => self.reasoning.text.push_str(thought),
            Segment::Content(text) => self.route(|thoughts, give| thoughts.push(text, give)),
            Segment::Rethink => {}
        });
        self.channels = channels;
    }

    /// Sends what the thoughts tell apart to where it belongs.
    pub(super) fn route(&mut self, push: impl FnOnce(&mut Thoughts, &mut dyn FnMut(Segment<'_>))) {
        let Self {
            reasoning,
            thoughts,
            reader,
            content,
            given,
            shows,
            retracts,
            ..
        } = self;
        push(thoughts, &mut |segment| match segment {
            Segment::Thought(thought) => reasoning.text.push_str(thought),
            Segment::Content(text) => match reader {
                Some(reader) => reader.push(text, content),
                None => content.push_str(text),
            },
            Segment::Rethink => {
                if let Some(reader) = reader {
                    reader.restart(content);
                }
                reasoning.text.push_str(content);
                content.clear();
                if std::mem::take(given) > 0 {
                    *retracts = Some(Retracted::Thought);
                }
                *shows = Visibility::All;
            }
        });
    }
}
