//! The end of a reply: what was held back is given free, and what was filed wrongly is put right.

use run::Usage;

use super::{Accumulator, MessageTooLarge, Visibility};
use crate::decode::special_tokens::{self, Tail};
use crate::decode::text_reader::TextReader;
use crate::ending::Ending;
use crate::message::Message;

impl Accumulator {
    /// Tokens so far, as the server has counted them; what it has not is estimated, `prompt_bytes` being the length of the question.
    pub(crate) fn usage(&self, prompt_bytes: usize) -> Usage {
        let read = self.reader.as_ref().map_or(0, TextReader::bytes);
        let written = self.content.len() + self.reasoning.text.len() + self.slots.bytes() + read;
        self.counted.or(self.timings).usage(prompt_bytes, written)
    }

    /// The stream is over: gives free what was held back.
    pub(crate) fn close(&mut self) -> Result<(), MessageTooLarge> {
        let ending = self.ending();
        let rest = self.raw_text.finish();
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
            self.recover_from_reasoning();
        }
        let end = self.end_of_shown(true);
        self.content.truncate(end);
        self.shows = Visibility::Rest;
        self.check_size(0)
    }

    /// The whole reply.
    pub(crate) fn into_message(self, prompt_bytes: usize) -> Message {
        let usage = self.usage(prompt_bytes);
        let ending = self.ending();
        let mut reasoning = self.reasoning.text;
        let reason = self.reader.as_ref().map_or("", TextReader::reason);
        if !reason.is_empty() {
            let thought = reasoning.trim_end().len();
            reasoning.truncate(thought);
            reasoning.push_str(if thought == 0 { "" } else { "\n\n" });
            reasoning.push_str(reason);
        }
        let (mut calls, mut cut_calls) =
            self.slots.finish(ending == Ending::Stopped, &self.offered);
        if let Some(reader) = self.reader {
            (calls, cut_calls) = reader.into_calls(ending);
        }
        Message {
            usage,
            content: self.content,
            reasoning: Some(reasoning).filter(|text| !text.trim().is_empty()),
            calls,
            cut_calls,
            finish_reason: self.finish_reason.unwrap_or_default(),
        }
    }

    /// Whether there is text, or a call.
    fn says_or_asks(&self) -> bool {
        let asks =
            !self.slots.is_empty() || self.reader.as_ref().is_some_and(TextReader::has_calls);
        asks || !self.content.trim().is_empty()
    }

    /// Nothing was said beside thoughts. What ends in the mark that stops a message was the message, filed wrongly; and a call
    /// of an offered tool, or a decision, that ends the thoughts was meant.
    fn recover_from_reasoning(&mut self) {
        let thoughts = &mut self.reasoning.text;
        if let Tail::Ended(at) = special_tokens::tail(thoughts, 0, true) {
            thoughts.truncate(at);
            self.content = std::mem::take(thoughts);
            return;
        }
        if let Some(reader) = &mut self.reader
            && let Some(at) = reader.recover(&self.offered, thoughts, &mut self.content)
        {
            thoughts.truncate(at);
        }
    }
}
