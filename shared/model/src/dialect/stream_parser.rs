//! Reads text as it comes, decides what may be shown now, and takes out the calls.
//!
//! Held back is only what may still be the beginning of a call, and a call until it has ended.

use std::sync::Arc;

use super::call::LeakedCall;
use super::candidate::Candidate;
use super::closers::CLOSERS;
use super::offered::Offered;
use super::opening::{Opening, Place};
use super::read::{Input, Read};
use super::recognize::{is_first_byte, opening};
use crate::ending::Ending;
use crate::message::{AskedCall, MAX_CALLS};

/// Longest beginning that leaves open whether a call begins at all, in bytes; white space could make it endless.
const MAX_OPENING_BYTES: usize = 512;
/// A beginning of at least so many bytes is taken for one of a call, or of a tag, where a limit has cut the reply: one byte
/// stands in any text.
pub(crate) const MIN_CUT_BYTES: usize = 2;
/// What looked like a call and was none, before nothing is taken for one any more: each costs a second look at the text.
const MAX_FALSE_STARTS: usize = 64;
/// What all of these looks may take, in bytes: of a long text fewer are made.
const MAX_LOOKED_BYTES: usize = 2 * 1024 * 1024;

/// Tells the calls in a text from the text.
#[derive(Debug)]
pub(crate) struct StreamParser {
    offered: Arc<Offered>,
    /// Text that is not decided yet.
    held: String,
    state: State,
    /// The last byte that was shown.
    last: u8,
    /// Something other than white space was shown.
    shows: bool,
    calls: Vec<LeakedCall>,
    call_bytes: usize,
    cut_calls: usize,
    false_starts: usize,
    looked_bytes: usize,
}

#[derive(Debug)]
enum State {
    Text,
    /// The text held begins with what looks like a call.
    Call(Candidate),
    /// White space and closing tags behind a call belong to it.
    AfterCall,
}

/// What one step did with the text.
enum Step {
    Took(usize),
    /// Took this much, and needs more text.
    Stuck(usize),
}

impl StreamParser {
    pub(crate) const fn new(offered: Arc<Offered>) -> Self {
        Self {
            offered,
            held: String::new(),
            state: State::Text,
            last: b'\n',
            shows: false,
            calls: Vec::new(),
            call_bytes: 0,
            cut_calls: 0,
            false_starts: 0,
            looked_bytes: 0,
        }
    }

    /// Takes in text and adds what may be shown to `out`.
    pub(crate) fn push(&mut self, text: &str, out: &mut String) {
        if self.held.is_empty() {
            let taken = self.advance(text, None, out);
            self.held.push_str(&text[taken..]);
            return;
        }
        let mut held = std::mem::take(&mut self.held);
        held.push_str(text);
        let taken = self.advance(&held, None, out);
        held.drain(..taken);
        self.held = held;
    }

    /// The reply has ended: decides about all that is held.
    pub(crate) fn finish(&mut self, ending: Ending, out: &mut String) {
        let held = std::mem::take(&mut self.held);
        self.advance(&held, Some(ending), out);
    }

    /// No call is looked for any more: shows what is held, unless a call has begun in it.
    pub(crate) fn give_up(mut self, out: &mut String) {
        if matches!(self.state, State::Text) {
            out.push_str(&self.held);
        } else {
            self.finish(Ending::Cut, out);
        }
    }

    /// All that was read so far was no answer: begins anew behind it.
    pub(crate) fn restart(&mut self, out: &mut String) {
        out.push_str(&self.held);
        *self = Self::new(Arc::clone(&self.offered));
    }

    /// The same before anything has come.
    pub(crate) fn anew(&self) -> Self {
        Self::new(Arc::clone(&self.offered))
    }

    /// What is kept here, in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        self.held.len() + self.call_bytes
    }

    /// Whether nothing but text that was shown has come.
    pub(crate) const fn is_empty(&self) -> bool {
        self.bytes() == 0 && self.cut_calls == 0
    }

    /// Whether a call was read.
    pub(crate) const fn has_calls(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Whether a call of an offered tool was read, and no text behind it.
    pub(crate) fn ends_with_known_call(&self) -> bool {
        let last = self.calls.last();
        let is_known = last.is_some_and(|leaked| self.offered.fitting(&leaked.call.name).is_some());
        is_known && matches!(self.state, State::AfterCall)
    }

    /// Whether a call was read to which nothing had to be added.
    pub(crate) fn has_whole_call(&self) -> bool {
        self.calls.iter().any(|leaked| !leaked.closed)
    }

    /// The calls, and the names of those that are left out because the reply ended inside them: empty where it ended before.
    pub(crate) fn into_calls(self, ending: Ending) -> (Vec<AskedCall>, Vec<String>) {
        let stopped = ending == Ending::Stopped;
        let named = self.calls.into_iter().map(|mut leaked| {
            if let Some(meant) = self.offered.fitting(&leaked.call.name) {
                meant.clone_into(&mut leaked.call.name);
            }
            leaked
        });
        let (usable, cut): (Vec<_>, Vec<_>) = named.partition(|leaked| stopped || !leaked.closed);
        let unnamed = std::iter::repeat_n(String::new(), self.cut_calls);
        let cut = cut.into_iter().map(|leaked| leaked.call.name);
        (
            usable.into_iter().map(|leaked| leaked.call).collect(),
            cut.chain(unnamed).collect(),
        )
    }

    /// Decides about as much of the text as can be decided, and gives its length.
    fn advance(&mut self, text: &str, ending: Option<Ending>, out: &mut String) -> usize {
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let step = match self.state {
                State::Text => self.step_text(rest, ending, out),
                State::Call(_) => self.step_call(rest, ending, out),
                State::AfterCall => self.step_after_call(rest, ending),
            };
            match step {
                Step::Took(bytes) => at += bytes,
                Step::Stuck(bytes) => return at + bytes,
            }
        }
        at
    }

    /// Shows text up to what may be a call.
    fn step_text(&mut self, text: &str, ending: Option<Ending>, out: &mut String) -> Step {
        let found = text.bytes().position(is_first_byte);
        let looks = self.false_starts < MAX_FALSE_STARTS && self.looked_bytes < MAX_LOOKED_BYTES;
        let Some(at) = found.filter(|_| looks) else {
            self.show(text, out);
            return Step::Took(text.len());
        };
        let (before, rest) = text.split_at(at);
        self.show(before, out);
        let place = Place {
            at_line_start: self.last == b'\n' || !self.shows,
            in_word: self.last.is_ascii_alphanumeric()
                || self.last == b'_'
                || !self.last.is_ascii(),
            is_first: self.is_first(),
        };
        let head = &rest[..rest.floor_char_boundary(MAX_OPENING_BYTES)];
        match opening(head, place, &self.offered) {
            Opening::Call(family, after) => {
                self.state = State::Call(Candidate::new(family, after));
                Step::Took(at)
            }
            Opening::Maybe if ending.is_none() && head.len() == rest.len() => Step::Stuck(at),
            Opening::Maybe if ending == Some(Ending::Cut) && rest.len() >= MIN_CUT_BYTES => {
                self.cut_calls += 1;
                Step::Took(text.len())
            }
            Opening::Maybe | Opening::No => {
                self.show(&rest[..1], out);
                Step::Took(at + 1)
            }
        }
    }

    /// Reads on in what looks like a call.
    fn step_call(&mut self, text: &str, ending: Option<Ending>, out: &mut String) -> Step {
        let State::Call(mut candidate) = std::mem::replace(&mut self.state, State::Text) else {
            return Step::Took(0);
        };
        if ending.is_none() && !candidate.is_ready(text) {
            self.state = State::Call(candidate);
            return Step::Stuck(0);
        }
        let input = Input {
            text,
            offered: &self.offered,
            ending,
            is_first: self.is_first(),
        };
        match candidate.read(&input) {
            Read::More(wait) if ending.is_none() => {
                candidate.wait_for(wait);
                self.state = State::Call(candidate);
                Step::Stuck(0)
            }
            Read::Calls(calls, bytes) => {
                self.keep(calls);
                Step::Took(bytes)
            }
            Read::Cut(calls) => {
                self.keep(calls);
                self.cut_calls += 1;
                Step::Took(text.len())
            }
            Read::More(_) | Read::Text => {
                self.false_starts += 1;
                self.looked_bytes += candidate.looked_bytes();
                self.show(&text[..1], out);
                Step::Took(1)
            }
        }
    }

    fn step_after_call(&mut self, text: &str, ending: Option<Ending>) -> Step {
        let rest = text.trim_ascii_start();
        let space = text.len() - rest.len();
        if let Some(closer) = CLOSERS.iter().find(|closer| rest.starts_with(**closer)) {
            return Step::Took(space + closer.len());
        }
        let may_close = CLOSERS.iter().any(|closer| closer.starts_with(rest));
        match ending {
            None if !rest.is_empty() && may_close => return Step::Stuck(space),
            Some(Ending::Cut) if may_close => return Step::Took(text.len()),
            None | Some(Ending::Stopped | Ending::Cut) => {}
        }
        if !rest.is_empty() {
            self.state = State::Text;
        }
        Step::Took(space)
    }

    /// No text and no call has come yet.
    const fn is_first(&self) -> bool {
        !self.shows && self.calls.is_empty()
    }

    fn keep(&mut self, calls: Vec<LeakedCall>) {
        let room = MAX_CALLS - self.calls.len();
        self.calls.extend(calls.into_iter().take(room));
        self.call_bytes = self.calls.iter().map(LeakedCall::bytes).sum();
        self.state = State::AfterCall;
        self.last = b'\n';
    }

    fn show(&mut self, text: &str, out: &mut String) {
        if let Some(&last) = text.as_bytes().last() {
            self.last = last;
            self.shows = self.shows || !text.trim_ascii().is_empty();
            out.push_str(text);
        }
    }
}
