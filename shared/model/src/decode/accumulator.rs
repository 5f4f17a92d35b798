//! A reply in the making: chunks in, text and at last a message out.

mod end;
mod text;

use std::sync::Arc;

use run::{MAX_TEXT_BYTES, Usage};

use super::channels::Channels;
use super::chunk::{CallPart, Choice, Chunk, Delta, WireUsage};
use super::delta_text::{Added, DeltaText, Form};
use super::slots::Slots;
use super::template::Template;
use super::thoughts::Thoughts;
use crate::dialect::{Offered, StreamParser};
use crate::ending::Ending;
use crate::message::{MAX_MESSAGE_BYTES, Message, Retracted};

/// Longest finish reason that is kept, in characters; the known ones are far shorter.
const MAX_REASON_CHARS: usize = 40;
/// What a server that only says that it is done is taken to mean.
const STOP: &str = "stop";

/// A reply larger than any use of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageTooLarge;

#[derive(Debug)]
pub(crate) struct Accumulator {
    offered: Arc<Offered>,
    reasoning: DeltaText,
    /// The text as it came, before anything was told apart in it.
    raw_text: DeltaText,
    /// Bytes of text, thoughts and calls that were taken in; it only grows.
    taken_bytes: usize,
    template: Template,
    channels: Channels,
    thoughts: Thoughts,
    /// Reads calls from the text; none where no tools were offered, or where calls come in their own field.
    reader: Option<StreamParser>,
    content: String,
    /// How much of the content has been given out, in bytes.
    given: usize,
    shows: Visibility,
    retracts: Option<Retracted>,
    thinks_first: bool,
    slots: Slots,
    finish_reason: Option<String>,
    usage: Option<WireUsage>,
}

/// What of the content is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Visibility {
    All,
    /// No more: another message of the model's has begun.
    NoMore,
    /// All that is left: no more comes.
    Rest,
}

impl Accumulator {
    pub(crate) fn new(thinks_first: bool, offered: Arc<Offered>) -> Self {
        let reader = (!offered.is_empty()).then(|| StreamParser::new(Arc::clone(&offered)));
        Self {
            offered,
            reasoning: DeltaText::default(),
            raw_text: DeltaText::default(),
            taken_bytes: 0,
            template: Template::default(),
            channels: Channels::default(),
            thoughts: Thoughts::new(thinks_first),
            reader,
            content: String::new(),
            given: 0,
            shows: Visibility::All,
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
        let repaired = chunk.repaired;
        let (first, mut others) = chunk.choices.into_first_and_others();
        let Some(first) = first else {
            return Ok(());
        };
        if others.is_empty() {
            return self.add_choice(first, repaired);
        }
        others.push(first);
        others.sort_by_key(|choice| choice.index.0);
        others
            .into_iter()
            .try_for_each(|choice| self.add_choice(choice, repaired))
    }

    #[inline]
    fn add_choice(&mut self, choice: Choice<'_>, repaired: bool) -> Result<(), MessageTooLarge> {
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
            self.add_delta(delta, index, form, repaired)?;
        }
        match choice.message.and_then(|message| message.0) {
            Some(message) => self.add_delta(message, index, Form::Whole, repaired),
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

    /// What the server gave as its reason to end; empty while it has given none.
    pub(crate) fn finish_reason(&self) -> &str {
        self.finish_reason.as_deref().unwrap_or_default()
    }

    /// Whether nothing at all has come.
    pub(crate) fn is_empty(&self) -> bool {
        let text = self.content.len() + self.reasoning.text.len() + self.held_bytes();
        let reader_is_empty = self.reader.as_ref().is_none_or(StreamParser::is_empty);
        text == 0 && self.slots.is_empty() && reader_is_empty
    }

    /// Whether it asks for tools, and for nothing that is not there in full.
    pub(crate) fn is_whole_without_end(&self) -> bool {
        let leaked = self
            .reader
            .as_ref()
            .is_some_and(StreamParser::has_whole_call);
        let asks = !self.slots.is_empty() || leaked;
        asks && self.slots.are_whole()
    }

    /// The whole reply. Servers that count no tokens are estimated at 4 bytes a token.
    pub(crate) fn into_message(self, prompt_bytes: usize) -> Message {
        let read = self.reader.as_ref().map_or(0, StreamParser::bytes);
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
        repaired: bool,
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
            self.think(thought, choice, form, repaired);
        }
        let refusal = delta.refusal.as_ref().map_or("", |text| text.as_str());
        let asks = !delta.tool_calls.is_empty();
        for text in [&*delta.content.text, refusal] {
            if !(asks && text == "false" || self.is_said_again(text, form)) {
                self.say(text, choice, form, repaired);
            }
        }
        let mut largest_call = 0;
        let function = delta.function_call.and_then(|function| function.0);
        if let Some(function) = function
            && delta.tool_calls.is_empty()
            && self.slots.take_legacy_calls()
        {
            largest_call = self.add_call(CallPart::legacy(function), choice, form, repaired);
        }
        let (first, others) = delta.tool_calls.into_first_and_others();
        if let Some(first) = first {
            largest_call = largest_call.max(self.add_call(first, choice, form, repaired));
        }
        for part in others {
            largest_call = largest_call.max(self.add_call(part, choice, form, repaired));
        }
        self.check_size(largest_call)
    }

    #[inline]
    fn think(&mut self, thought: &str, choice: u64, form: Form, repaired: bool) {
        match self.reasoning.add(thought, choice, form, repaired) {
            Added::Nothing => return,
            Added::More(fresh) | Added::Whole(fresh) => self.taken_bytes += fresh.len(),
        }
        self.thoughts.expect_content();
    }

    #[inline]
    fn add_call(&mut self, part: CallPart<'_>, choice: u64, form: Form, repaired: bool) -> usize {
        if part.says_nothing() {
            return 0;
        }
        if let Some(reader) = self.reader.take() {
            // Calls come in their own field: from here on text is only text.
            reader.give_up(&mut self.content);
        }
        let before = self.slots.bytes();
        let largest = self.slots.add(part, choice, form, repaired, &self.offered);
        self.taken_bytes += self.slots.bytes().saturating_sub(before);
        largest
    }

    fn check_size(&self, largest_call: usize) -> Result<(), MessageTooLarge> {
        let read = self.reader.as_ref().map_or(0, StreamParser::bytes);
        let content = self.content.len() + self.held_bytes() + read;
        let reasoning = self.reasoning.text.len();
        let largest = content.max(reasoning).max(largest_call);
        let all = (content + reasoning + self.slots.bytes()).max(self.raw_text.text.len());
        if largest > MAX_TEXT_BYTES || all > MAX_MESSAGE_BYTES {
            return Err(MessageTooLarge);
        }
        Ok(())
    }
}

const fn estimate(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(4)
}
