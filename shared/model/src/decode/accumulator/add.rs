//! What comes, chunk by chunk, or whole.

use super::{Accumulator, MessageTooLarge};
use crate::decode::chunk::{CallPart, Choice, Chunk, Delta};
use crate::decode::delta_text::{Added, Form};
use crate::decode::usage::WireUsage;

/// Longest finish reason that is kept, in characters; the known ones are far shorter.
const MAX_REASON_CHARS: usize = 40;
/// What a server that only says that it is done is taken to mean.
const STOP: &str = "stop";

impl Accumulator {
    /// Adds a chunk, or a whole reply.
    #[inline]
    pub(crate) fn add(&mut self, chunk: Chunk<'_>) -> Result<(), MessageTooLarge> {
        let of_groq = || chunk.x_groq.and_then(|groq| groq.0)?.usage.0;
        let usage = chunk.usage.and_then(|usage| usage.0).or_else(of_groq);
        self.count(usage);
        if let Some(timings) = chunk.timings.and_then(|timings| timings.0) {
            self.timings.join(timings.counted());
        }
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
    fn count(&mut self, usage: Option<WireUsage>) {
        if let Some(usage) = usage {
            self.counted.join(usage.counted());
        }
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
        self.count(choice.usage.and_then(|usage| usage.0));
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
}
