//! A reply in the making: chunks in, text and at last a message out.

use std::sync::Arc;

use run::Usage;

use super::channels::Channels;
use super::chunk::{CallPart, Choice, Chunk, Delta, WireUsage};
use super::flow::{Flow, Form, Fresh};
use super::marks::{self, Tail};
use super::message::{Message, Piece, Retracted};
use super::slots::Slots;
use super::template::Template;
use super::thoughts::{Stretch, Thoughts};
use crate::dialect::{Ending, Offered, Reader};

/// Longest text, reasoning or arguments of one call, in bytes.
pub(crate) const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Largest reply in all, in bytes.
pub(crate) const MAX_MESSAGE_BYTES: usize = 1024 * 1024;
/// Longest finish reason that is kept, in characters; the known ones are far shorter.
const MAX_REASON_CHARS: usize = 40;
/// A last chunk that says again what is shown is one of at least so many bytes.
const MIN_SHOWN_AGAIN_BYTES: usize = 16;
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
    /// Bytes of text, thoughts and calls that were taken in; it only grows.
    taken_bytes: usize,
    template: Template,
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

/// What of the content is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    All,
    /// No more: another message of the model's has begun.
    NoMore,
    /// All that is left: no more comes.
    Rest,
}

impl Draft {
    pub(crate) fn new(thinks_first: bool, offered: Arc<Offered>) -> Self {
        let reader = (!offered.is_empty()).then(|| Reader::new(Arc::clone(&offered)));
        Self {
            offered,
            reasoning: Flow::default(),
            said: Flow::default(),
            taken_bytes: 0,
            template: Template::default(),
            channels: Channels::default(),
            thoughts: Thoughts::new(thinks_first),
            reader,
            content: String::new(),
            given: 0,
            shows: Shows::All,
            retracts: None,
            thinks_first,
            slots: Slots::default(),
            finish_reason: None,
            usage: None,
        }
    }

    /// Takes in a chunk, or a whole reply.
    #[inline]
    pub(crate) fn add(&mut self, chunk: Chunk<'_>) -> Result<(), MessageTooLarge> {
        let of_groq = || chunk.x_groq.and_then(|groq| groq.0)?.usage.0;
        let usage = chunk.usage.and_then(|usage| usage.0).or_else(of_groq);
        self.usage = usage.or(self.usage);
        self.slots.begin_chunk();
        let mended = chunk.mended;
        let (first, mut others) = chunk.choices.into_first_and_others();
        let Some(first) = first else {
            return Ok(());
        };
        if others.is_empty() {
            return self.add_choice(first, mended);
        }
        others.push(first);
        others.sort_by_key(|choice| choice.index.0);
        others
            .into_iter()
            .try_for_each(|choice| self.add_choice(choice, mended))
    }

    #[inline]
    fn add_choice(&mut self, choice: Choice<'_>, mended: bool) -> Result<(), MessageTooLarge> {
        let finish_reason = match choice.finish_reason.as_str() {
            "null" | "None" => "",
            reason => reason,
        };
        if !finish_reason.is_empty() {
            let reason = finish_reason.chars().take(MAX_REASON_CHARS);
            self.finish_reason = Some(reason.collect());
        }
        self.usage = choice.usage.and_then(|usage| usage.0).or(self.usage);
        let index = choice.index.0.unwrap_or(0);
        if let Some(delta) = choice.delta.0 {
            let form = if finish_reason.is_empty() {
                Form::Delta
            } else {
                Form::LastDelta
            };
            self.add_delta(delta, index, form, mended)?;
        }
        match choice.message.and_then(|message| message.0) {
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

    /// Bytes of text, thoughts and calls that were taken in so far; it only grows.
    pub(crate) const fn taken_bytes(&self) -> usize {
        self.taken_bytes
    }

    /// Whether the model has run on past the end of its message: nothing behind it counts.
    pub(crate) const fn has_run_on(&self) -> bool {
        self.template.is_over()
    }

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
    fn end_of_shown(&mut self, ends: bool) -> usize {
        match self.shows {
            Shows::Rest => return self.content.len(),
            Shows::NoMore => self.content.truncate(self.given),
            Shows::All => {}
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
        let rest = self.said.finish();
        self.strip(|template, give| {
            template.push(&rest, give);
            template.finish(give);
        });
        self.part(|channels, give| channels.finish(ending, give));
        self.route(|thoughts, give| thoughts.finish(ending == Ending::Stopped, give));
        if let Some(reader) = &mut self.reader {
            reader.finish(ending, &mut self.content);
        }
        self.reasoning.finish();
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

    /// Tokens as the server has counted them so far, where it has.
    pub(crate) fn counted(&self) -> Option<Usage> {
        let WireUsage {
            prompt_tokens,
            completion_tokens,
        } = self.usage?;
        let (input, output) = (prompt_tokens.0, completion_tokens.0);
        input.or(output).map(|_| Usage {
            input_tokens: input.unwrap_or_default(),
            output_tokens: output.unwrap_or_default(),
        })
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

    #[inline]
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
            delta.content.thought(),
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
        let asks = !delta.tool_calls.is_empty();
        for text in [&*delta.content.text, refusal] {
            if !(asks && text == "false" || self.is_said_again(text, form)) {
                self.say(text, choice, form, mended);
            }
        }
        let mut largest_call = 0;
        let function = delta.function_call.and_then(|function| function.0);
        if let Some(function) = function
            && delta.tool_calls.is_empty()
            && self.slots.take_legacy_calls()
        {
            largest_call = self.add_call(CallPart::legacy(function), choice, form, mended);
        }
        let (first, others) = delta.tool_calls.into_first_and_others();
        if let Some(first) = first {
            largest_call = largest_call.max(self.add_call(first, choice, form, mended));
        }
        for part in others {
            largest_call = largest_call.max(self.add_call(part, choice, form, mended));
        }
        self.check_size(largest_call)
    }

    #[inline]
    fn think(&mut self, thought: &str, choice: u64, form: Form, mended: bool) {
        match self.reasoning.add(thought, choice, form, mended) {
            Fresh::Nothing => return,
            Fresh::More(fresh) | Fresh::Whole(fresh) => self.taken_bytes += fresh.len(),
        }
        self.thoughts.come_apart();
    }

    #[inline]
    fn say(&mut self, text: &str, choice: u64, form: Form, mended: bool) {
        let fresh = match self.said.add(text, choice, form, mended) {
            Fresh::Nothing => return,
            Fresh::More(fresh) => fresh,
            Fresh::Whole(fresh) => {
                self.forget_text();
                fresh
            }
        };
        self.taken_bytes += fresh.len();
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

    /// Whether a last chunk says again what is shown, without the thoughts and marks that came with it.
    #[inline]
    fn is_said_again(&self, text: &str, form: Form) -> bool {
        if form != Form::LastDelta || text.len() < MIN_SHOWN_AGAIN_BYTES {
            return false;
        }
        let shown = match marks::tail(&self.content, 0, true) {
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
            *reader = Reader::new(Arc::clone(&self.offered));
        }
        self.content.clear();
        self.shows = Shows::All;
    }

    #[inline]
    fn add_call(&mut self, part: CallPart<'_>, choice: u64, form: Form, mended: bool) -> usize {
        if part.says_nothing() {
            return 0;
        }
        if let Some(reader) = self.reader.take() {
            // Calls come in their own field: from here on text is only text.
            reader.give_up(&mut self.content);
        }
        let before = self.slots.bytes();
        let largest = self.slots.add(part, choice, form, mended, &self.offered);
        self.taken_bytes += self.slots.bytes().saturating_sub(before);
        largest
    }

    /// Sends on what is left of text without the marks of a template.
    fn strip(&mut self, push: impl FnOnce(&mut Template, &mut dyn FnMut(&str))) {
        let mut template = std::mem::take(&mut self.template);
        push(&mut template, &mut |text| {
            self.part(|channels, give| channels.push(text, give));
        });
        self.template = template;
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
        self.template.held_bytes() + self.channels.held_bytes() + self.thoughts.held_bytes()
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
                *shows = Shows::All;
            }
        });
    }

    fn check_size(&self, largest_call: usize) -> Result<(), MessageTooLarge> {
        let read = self.reader.as_ref().map_or(0, Reader::bytes);
        let content = self.content.len() + self.held_bytes() + read;
        let reasoning = self.reasoning.text.len();
        let largest = content.max(reasoning).max(largest_call);
        let all = (content + reasoning + self.slots.bytes()).max(self.said.text.len());
        if largest > MAX_TEXT_BYTES || all > MAX_MESSAGE_BYTES {
            return Err(MessageTooLarge);
        }
        Ok(())
    }
}

const fn estimate(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(4)
}
