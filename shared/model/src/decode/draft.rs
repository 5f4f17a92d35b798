//! A reply in the making: chunks in, text and at last a message out.

use std::sync::Arc;

use run::Usage;

use super::channels::Channels;
use super::chunk::{CallPart, Choice, Chunk, Delta, WireUsage};
use super::halves::Halves;
use super::marks::{self, Opening, Tail};
use super::message::{Message, Piece, Retracted};
use super::slots::Slots;
use super::thoughts::{Stretch, Thoughts};
use crate::dialect::{Ending, Offered, Reader};

/// Longest text, reasoning or arguments of one call, in bytes.
pub(crate) const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Largest reply in all, in bytes.
pub(crate) const MAX_MESSAGE_BYTES: usize = 1024 * 1024;
/// Longest finish reason that is kept, in characters; the known ones are far shorter.
const MAX_REASON_CHARS: usize = 40;
/// A last chunk that says all again is one of at least so many bytes: a shorter text may be said twice.
const MIN_REPEATED_BYTES: usize = 16;
/// Deltas of which each says all before it again are taken for such from the third on, where the one before had so many bytes.
const MIN_GROWN_BYTES: usize = 8;
/// What a server that only says that it is done is taken to mean.
const STOP: &str = "stop";

/// A reply larger than any use of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageTooLarge;

#[derive(Debug)]
pub(crate) struct Draft {
    offered: Arc<Offered>,
    reasoning: Flow,
    /// The text as it came, before anything was told apart in it.
    said: Flow,
    channels: Channels,
    thoughts: Thoughts,
    /// Reads calls from the text; none where no tools were offered, or where calls come in their own field.
    reader: Option<Reader>,
    content: String,
    /// How much of the content has been given out, in bytes.
    given: usize,
    shows: Shows,
    retracts: Option<Retracted>,
    thinks_first: bool,
    slots: Slots,
    finish_reason: Option<String>,
    usage: Option<WireUsage>,
}

/// Text that comes in deltas.
#[derive(Debug, Default)]
struct Flow {
    text: String,
    halves: Halves,
    deltas: u32,
    growth: Growth,
    /// The choice that it comes from: what others say beside it is another answer, or nothing.
    choice: Option<u64>,
}

/// Whether each delta says all before it again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Growth {
    /// Each has so far, and this was the length of the last one, in bytes.
    Since(usize),
    #[default]
    Unknown,
    Ordinary,
    /// They do.
    Whole,
}

/// What a text adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fresh<'a> {
    Nothing,
    More(&'a str),
    /// All so far is to be forgotten: this is the whole text.
    Whole(&'a str),
}

/// What of the content is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    /// All but what opens a message in the model's template, if that stands first.
    FromOpening,
    All,
    /// No more: the model has run on past the end of its message.
    NoMore,
    /// All that is left: no more comes.
    Rest,
}

/// How what a chunk holds relates to what came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// More.
    Delta,
    /// More, or all again.
    LastDelta,
    /// All, of an unstreamed reply or again at the end of a stream.
    Whole,
}

impl Draft {
    pub(crate) fn new(thinks_first: bool, offered: Arc<Offered>) -> Self {
        let reader = (!offered.is_empty()).then(|| Reader::new(Arc::clone(&offered)));
        Self {
            offered,
            reasoning: Flow::default(),
            said: Flow::default(),
            channels: Channels::default(),
            thoughts: Thoughts::new(thinks_first),
            reader,
            content: String::new(),
            given: 0,
            shows: Shows::FromOpening,
            retracts: None,
            thinks_first,
            slots: Slots::default(),
            finish_reason: None,
            usage: None,
        }
    }

    /// Takes in a chunk, or a whole reply.
    pub(crate) fn add(&mut self, chunk: Chunk<'_>) -> Result<(), MessageTooLarge> {
        let of_groq = chunk.x_groq.0.and_then(|groq| groq.usage.0);
        self.usage = chunk.usage.0.or(of_groq).or(self.usage);
        self.slots.begin_chunk();
        let mended = chunk.mended;
        chunk
            .choices
            .into_iter()
            .try_for_each(|choice| self.add_choice(choice, mended))
    }

    fn add_choice(&mut self, choice: Choice<'_>, mended: bool) -> Result<(), MessageTooLarge> {
        let finish_reason = choice.finish_reason.as_str();
        if !finish_reason.is_empty() {
            let reason = finish_reason.chars().take(MAX_REASON_CHARS);
            self.finish_reason = Some(reason.collect());
        }
        self.usage = choice.usage.0.or(self.usage);
        let index = choice.index.0.unwrap_or(0);
        if let Some(delta) = choice.delta.0 {
            let form = if finish_reason.is_empty() {
                Form::Delta
            } else {
                Form::LastDelta
            };
            self.add_delta(delta, index, form, mended)?;
        }
        match choice.message.0 {
            Some(message) => self.add_delta(message, index, Form::Whole, mended),
            None => Ok(()),
        }
    }

    /// The mark of the stream's end has come.
    pub(crate) fn is_done(&mut self) {
        if !self.is_empty() {
            self.finish_reason.get_or_insert_with(|| STOP.to_owned());
        }
    }

    /// Bytes that were taken in so far; it only grows.
    pub(crate) const fn taken_bytes(&self) -> usize {
        self.said.text.len() + self.reasoning.text.len() + self.slots.bytes()
    }

    /// The next piece of what there is to show.
    pub(crate) fn next_piece(&mut self) -> Option<Piece> {
        if let Some(why) = self.retracts.take() {
            return Some(Piece::Retract(why));
        }
        let end = self.end_of_shown(false);
        let fresh = &self.content[self.given..end];
        if fresh.is_empty() {
            return None;
        }
        self.given = end;
        Some(Piece::Content(fresh.to_owned()))
    }

    /// Where what may be shown ends, the marks of a template being left out; `ends`: no more comes.
    fn end_of_shown(&mut self, ends: bool) -> usize {
        if self.shows == Shows::FromOpening {
            match marks::opening(&self.content, ends) {
                Opening::Maybe => return 0,
                Opening::Text => self.shows = Shows::All,
                Opening::Mark(length) => {
                    self.content.drain(..length);
                    self.shows = Shows::All;
                }
            }
        }
        match self.shows {
            Shows::Rest => return self.content.len(),
            Shows::NoMore => self.content.truncate(self.given),
            Shows::FromOpening | Shows::All => {}
        }
        match marks::tail(&self.content, self.given, ends) {
            Tail::None => self.content.len(),
            Tail::Maybe(at) => at,
            Tail::Ended(at) => {
                self.content.truncate(at);
                self.shows = Shows::NoMore;
                at
            }
        }
    }

    /// What the server gave as its reason to end; empty while it has given none.
    pub(crate) fn finish_reason(&self) -> &str {
        self.finish_reason.as_deref().unwrap_or_default()
    }

    /// Whether nothing at all has come.
    pub(crate) fn is_empty(&self) -> bool {
        let text = self.content.len() + self.reasoning.text.len() + self.held_bytes();
        let reader_is_empty = self.reader.as_ref().is_none_or(Reader::is_empty);
        text == 0 && self.slots.is_empty() && reader_is_empty
    }

    /// Whether it asks for tools, and for nothing that is not there in full.
    pub(crate) fn is_whole_without_end(&self) -> bool {
        let leaked = self.reader.as_ref().is_some_and(Reader::has_whole_call);
        let asks = !self.slots.is_empty() || leaked;
        asks && self.slots.are_whole()
    }

    /// The stream is over: gives free what was held back.
    pub(crate) fn close(&mut self) -> Result<(), MessageTooLarge> {
        let ending = self.ending();
        let rest = self.said.halves.finish();
        self.part(|channels, give| {
            channels.push(&rest, give);
            channels.finish(ending, give);
        });
        self.route(|thoughts, give| thoughts.finish(ending == Ending::Stopped, give));
        if let Some(reader) = &mut self.reader {
            reader.finish(ending, &mut self.content);
        }
        let rest = self.reasoning.halves.finish();
        self.reasoning.text.push_str(&rest);
        if ending == Ending::Stopped && !self.says_or_asks() {
            self.look_into_thoughts();
        }
        let end = self.end_of_shown(true);
        self.content.truncate(end);
        self.shows = Shows::Rest;
        self.check_size(0)
    }

    /// Whether there is text, or a call.
    fn says_or_asks(&self) -> bool {
        let asks = !self.slots.is_empty() || self.reader.as_ref().is_some_and(Reader::has_calls);
        asks || !self.content.trim().is_empty()
    }

    /// Nothing was said beside thoughts. What ends in the mark that stops a message was the message, filed wrongly; and a call
    /// of an offered tool that ends the thoughts was meant.
    fn look_into_thoughts(&mut self) {
        let thoughts = &mut self.reasoning.text;
        if let Tail::Ended(at) = marks::tail(thoughts, 0, true) {
            thoughts.truncate(at);
            self.content = std::mem::take(thoughts);
            return;
        }
        if self.offered.is_empty() {
            return;
        }
        let mut reader = Reader::new(Arc::clone(&self.offered));
        let mut beside = String::new();
        reader.push(thoughts, &mut beside);
        reader.finish(Ending::Stopped, &mut beside);
        if reader.ends_with_known_call() {
            self.reader = Some(reader);
        }
    }

    /// The whole reply. Servers that count no tokens are estimated at 4 bytes a token.
    pub(crate) fn into_message(self, prompt_bytes: usize) -> Message {
        let read = self.reader.as_ref().map_or(0, Reader::bytes);
        let written = self.content.len() + self.reasoning.text.len() + self.slots.bytes() + read;
        let ending = self.ending();
        let (mut calls, mut cut_calls) =
            self.slots.finish(ending == Ending::Stopped, &self.offered);
        if let Some(reader) = self.reader {
            (calls, cut_calls) = reader.into_calls(ending);
        }
        let usage = self.usage.unwrap_or_default();
        let estimated = |count: Option<u64>, bytes| count.unwrap_or_else(|| estimate(bytes));
        Message {
            usage: Usage {
                input_tokens: estimated(usage.prompt_tokens.0, prompt_bytes),
                output_tokens: estimated(usage.completion_tokens.0, written),
            },
            content: self.content,
            reasoning: Some(self.reasoning.text).filter(|text| !text.trim().is_empty()),
            calls,
            cut_calls,
            finish_reason: self.finish_reason.unwrap_or_default(),
        }
    }

    fn ending(&self) -> Ending {
        Ending::of(self.finish_reason())
    }

    fn add_delta(
        &mut self,
        delta: Delta<'_>,
        choice: u64,
        form: Form,
        mended: bool,
    ) -> Result<(), MessageTooLarge> {
        let spoken = [
            delta.reasoning_content.as_str(),
            delta.reasoning.as_str(),
            delta.content.thought.as_str(),
            delta.thinking.as_ref().map_or("", |text| text.as_str()),
            delta
                .reasoning_details
                .as_ref()
                .map_or("", |text| text.as_str()),
        ];
        // Where a server has several names for it, they hold the same.
        let thought = spoken.into_iter().find(|thought| !thought.is_empty());
        if let Some(thought) = thought {
            self.think(thought, choice, form, mended);
        }
        let refusal = delta.refusal.as_ref().map_or("", |text| text.as_str());
        for text in [&*delta.content.text, refusal] {
            match self.said.fresh(text, choice, form) {
                Fresh::Nothing => {}
                Fresh::More(text) => self.say(text, mended),
                Fresh::Whole(text) => {
                    self.forget_text();
                    self.say(text, mended);
                }
            }
        }
        let mut largest_call = 0;
        let function = delta.function_call.and_then(|function| function.0);
        if let Some(function) = function
            && delta.tool_calls.is_empty()
            && self.slots.take_legacy_calls()
        {
            self.close_reader();
            let part = CallPart::legacy(function);
            largest_call = self.add_call(part, choice, form, mended);
        }
        for part in delta.tool_calls {
            self.close_reader();
            largest_call = largest_call.max(self.add_call(part, choice, form, mended));
        }
        self.check_size(largest_call)
    }

    fn think(&mut self, thought: &str, choice: u64, form: Form, mended: bool) {
        let fresh = match self.reasoning.fresh(thought, choice, form) {
            Fresh::Nothing => return,
            Fresh::More(fresh) => fresh,
            Fresh::Whole(fresh) => {
                self.reasoning.text.clear();
                fresh
            }
        };
        let whole = self.reasoning.halves.join(fresh, mended);
        self.reasoning.text.push_str(&whole);
        self.thoughts.come_apart();
    }

    /// All text so far will come again.
    fn forget_text(&mut self) {
        if std::mem::take(&mut self.given) > 0 {
            self.retracts = Some(Retracted::SaidAgain);
        }
        self.said.text.clear();
        self.said.halves = Halves::default();
        self.channels = Channels::default();
        self.thoughts = Thoughts::new(self.thinks_first);
        if let Some(reader) = &mut self.reader {
            *reader = Reader::new(Arc::clone(&self.offered));
        }
        self.content.clear();
        self.shows = Shows::FromOpening;
    }

    fn say(&mut self, text: &str, mended: bool) {
        let mut halves = std::mem::take(&mut self.said.halves);
        let whole = halves.join(text, mended);
        self.said.text.push_str(text);
        self.part(|channels, give| channels.push(&whole, give));
        self.said.halves = halves;
    }

    fn add_call(&mut self, part: CallPart<'_>, choice: u64, form: Form, mended: bool) -> usize {
        match form {
            Form::Delta | Form::LastDelta => self.slots.add_part(part, choice, mended),
            Form::Whole => self.slots.add_whole(part, choice, mended),
        }
    }

    /// Calls come in their own field: from here on text is only text.
    fn close_reader(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.give_up(&mut self.content);
        }
    }

    /// Sends what the channels tell apart to where it belongs.
    fn part(&mut self, push: impl FnOnce(&mut Channels, &mut dyn FnMut(Stretch<'_>))) {
        let mut channels = std::mem::take(&mut self.channels);
        push(&mut channels, &mut |stretch| match stretch {
            Stretch::Thought(thought) => self.reasoning.text.push_str(thought),
            Stretch::Content(text) => self.route(|thoughts, give| thoughts.push(text, give)),
            Stretch::Rethink => {}
        });
        self.channels = channels;
    }

    const fn held_bytes(&self) -> usize {
        self.channels.held_bytes() + self.thoughts.held_bytes()
    }

    /// Sends what the thoughts tell apart to where it belongs.
    fn route(&mut self, push: impl FnOnce(&mut Thoughts, &mut dyn FnMut(Stretch<'_>))) {
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
        push(thoughts, &mut |stretch| match stretch {
            Stretch::Thought(thought) => reasoning.text.push_str(thought),
            Stretch::Content(text) => match reader {
                Some(reader) => reader.push(text, content),
                None => content.push_str(text),
            },
            Stretch::Rethink => {
                if let Some(reader) = reader {
                    reader.restart(content);
                }
                reasoning.text.push_str(content);
                content.clear();
                if std::mem::take(given) > 0 {
                    *retracts = Some(Retracted::Thought);
                }
                *shows = Shows::FromOpening;
            }
        });
    }

    fn check_size(&self, largest_call: usize) -> Result<(), MessageTooLarge> {
        let read = self.reader.as_ref().map_or(0, Reader::bytes);
        let content = self.content.len() + self.held_bytes() + read;
        let reasoning = self.reasoning.text.len();
        let largest = content.max(reasoning).max(largest_call);
        let all = content + reasoning + self.slots.bytes();
        if largest > MAX_TEXT_BYTES || all > MAX_MESSAGE_BYTES {
            return Err(MessageTooLarge);
        }
        Ok(())
    }
}

impl Flow {
    /// What a text adds to what has come already.
    fn fresh<'a>(&mut self, text: &'a str, choice: u64, form: Form) -> Fresh<'a> {
        if text.is_empty() || *self.choice.get_or_insert(choice) != choice {
            return Fresh::Nothing;
        }
        let so_far = &*self.text;
        let is_long = self.deltas > 1 && so_far.len() >= MIN_REPEATED_BYTES;
        self.deltas = self.deltas.saturating_add(1);
        let rest = || text.strip_prefix(so_far);
        match form {
            Form::Whole if so_far.trim().is_empty() => Fresh::More(text),
            Form::Whole => Fresh::of(rest().unwrap_or_default()),
            Form::LastDelta if is_long => Fresh::of(rest().unwrap_or(text)),
            Form::LastDelta | Form::Delta => match self.growth {
                Growth::Ordinary => Fresh::More(text),
                Growth::Whole => Fresh::of(rest().unwrap_or(text)),
                Growth::Unknown => {
                    self.growth = Growth::Since(text.len());
                    Fresh::More(text)
                }
                Growth::Since(last) => self.grow(text, last),
            },
        }
    }

    /// Takes in a delta where each one before it has said all again.
    fn grow<'a>(&mut self, text: &'a str, last: usize) -> Fresh<'a> {
        let before = self.text.get(self.text.len().saturating_sub(last)..);
        let says_again = before.is_some_and(|before| text.starts_with(before));
        if !says_again || text.len() == last {
            self.growth = Growth::Ordinary;
        } else if self.deltas > 2 && last >= MIN_GROWN_BYTES {
            self.growth = Growth::Whole;
            return Fresh::Whole(text);
        } else {
            self.growth = Growth::Since(text.len());
        }
        Fresh::More(text)
    }
}

impl<'a> Fresh<'a> {
    const fn of(text: &'a str) -> Self {
        if text.is_empty() {
            Self::Nothing
        } else {
            Self::More(text)
        }
    }
}

const fn estimate(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(4)
}
