//! A reply in the making: chunks in, text and at last a message out.

use run::Usage;

use super::channels::Channels;
use super::chunk::{CallPart, Choice, Chunk, Delta, WireUsage};
use super::message::{Message, Piece};
use super::slots::Slots;
use super::thoughts::{Stretch, Thoughts};
use crate::dialect::{Ending, Reader};

/// Longest text, reasoning or arguments of one call, in bytes.
pub(crate) const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Largest reply in all, in bytes.
pub(crate) const MAX_MESSAGE_BYTES: usize = 1024 * 1024;
/// Longest finish reason that is kept, in characters; the known ones are far shorter.
const MAX_REASON_CHARS: usize = 40;

/// A reply larger than any use of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageTooLarge;

#[derive(Debug)]
pub(crate) struct Draft {
    reasoning: String,
    channels: Channels,
    thoughts: Thoughts,
    /// Reads calls from the text; none where no tools were offered, or where calls come in their own field.
    reader: Option<Reader>,
    content: String,
    /// How much of the content has been given out, in bytes.
    given: usize,
    retracts: bool,
    slots: Slots,
    finish_reason: Option<String>,
    usage: Option<WireUsage>,
}

impl Draft {
    pub(crate) fn new(thinks_first: bool, reader: Option<Reader>) -> Self {
        Self {
            reasoning: String::new(),
            channels: Channels::default(),
            thoughts: Thoughts::new(thinks_first),
            reader,
            content: String::new(),
            given: 0,
            retracts: false,
            slots: Slots::default(),
            finish_reason: None,
            usage: None,
        }
    }

    /// Takes in a chunk, or a whole reply.
    pub(crate) fn add(&mut self, chunk: Chunk<'_>) -> Result<(), MessageTooLarge> {
        if let Some(usage) = chunk.usage {
            self.usage = Some(usage);
        }
        let Some(choice) = chunk.choices.0 else {
            return Ok(());
        };
        let Choice {
            delta,
            message,
            finish_reason,
        } = choice;
        if !finish_reason.as_str().is_empty() {
            let reason = finish_reason.as_str().chars().take(MAX_REASON_CHARS);
            self.finish_reason = Some(reason.collect());
        }
        match (delta, message) {
            (Some(delta), _) => self.add_delta(delta, Slots::add_part),
            (None, Some(message)) => self.add_delta(message, Slots::add_call),
            (None, None) => Ok(()),
        }
    }

    /// The next piece of what there is to show.
    pub(crate) fn next_piece(&mut self) -> Option<Piece> {
        if std::mem::take(&mut self.retracts) {
            return Some(Piece::Retract);
        }
        let fresh = &self.content[self.given..];
        if fresh.is_empty() {
            return None;
        }
        self.given = self.content.len();
        Some(Piece::Content(fresh.to_owned()))
    }

    /// What the server gave as its reason to end; empty while it has given none.
    pub(crate) fn finish_reason(&self) -> &str {
        self.finish_reason.as_deref().unwrap_or_default()
    }

    /// Whether nothing at all has come.
    pub(crate) fn is_empty(&self) -> bool {
        let text = self.content.len() + self.reasoning.len() + self.held_bytes();
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
        self.part(|channels, give| channels.finish(ending, give));
        self.route(|thoughts, give| thoughts.finish(ending == Ending::Stopped, give));
        if let Some(reader) = &mut self.reader {
            reader.finish(ending, &mut self.content);
        }
        self.check_size(0)
    }

    /// The whole reply. Servers that count no tokens are estimated at 4 bytes a token.
    pub(crate) fn into_message(self, prompt_bytes: usize) -> Message {
        let read = self.reader.as_ref().map_or(0, Reader::bytes);
        let written = self.content.len() + self.reasoning.len() + self.slots.bytes() + read;
        let ending = self.ending();
        let (mut calls, mut cut_calls) = self.slots.finish(ending == Ending::Stopped);
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
            reasoning: Some(self.reasoning).filter(|text| !text.trim().is_empty()),
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
        add: impl Fn(&mut Slots, CallPart<'_>) -> usize,
    ) -> Result<(), MessageTooLarge> {
        let thought = match delta.reasoning_content.as_str() {
            "" => delta.reasoning.as_str(),
            thought => thought,
        };
        if !thought.is_empty() {
            self.reasoning.push_str(thought);
            self.thoughts.come_apart();
        }
        let refusal = delta.refusal.as_ref().map_or("", |text| text.as_str());
        for text in [delta.content.as_str(), refusal] {
            if !text.is_empty() {
                self.part(|channels, give| channels.push(text, give));
            }
        }
        let mut largest_call = 0;
        if let Some(function) = delta.function_call
            && delta.tool_calls.is_empty()
            && self.slots.take_legacy_calls()
        {
            self.close_reader();
            largest_call = add(&mut self.slots, Slots::legacy_part(*function));
        }
        for part in delta.tool_calls {
            self.close_reader();
            largest_call = largest_call.max(add(&mut self.slots, part));
        }
        self.check_size(largest_call)
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
            Stretch::Thought(thought) => self.reasoning.push_str(thought),
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
            retracts,
            ..
        } = self;
        push(thoughts, &mut |stretch| match stretch {
            Stretch::Thought(thought) => reasoning.push_str(thought),
            Stretch::Content(text) => match reader {
                Some(reader) => reader.push(text, content),
                None => content.push_str(text),
            },
            Stretch::Rethink => {
                if let Some(reader) = reader {
                    reader.restart(content);
                }
                reasoning.push_str(content);
                content.clear();
                *retracts |= std::mem::take(given) > 0;
            }
        });
    }

    fn check_size(&self, largest_call: usize) -> Result<(), MessageTooLarge> {
        let read = self.reader.as_ref().map_or(0, Reader::bytes);
        let content = self.content.len() + self.held_bytes() + read;
        let largest = content.max(self.reasoning.len()).max(largest_call);
        let all = content + self.reasoning.len() + self.slots.bytes();
        if largest > MAX_TEXT_BYTES || all > MAX_MESSAGE_BYTES {
            return Err(MessageTooLarge);
        }
        Ok(())
    }
}

const fn estimate(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(4)
}
