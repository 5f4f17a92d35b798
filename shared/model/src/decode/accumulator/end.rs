//! The end of a reply: what was held back is given free, and what was filed wrongly is put right.

use run::Usage;

use super::{Accumulator, MessageTooLarge, Visibility};
use crate::decode::chunk::WireUsage;
use crate::decode::special_tokens::{self, Tail};
use crate::decode::text_reader::TextReader;
use crate::ending::Ending;
use crate::message::Message;

impl Accumulator {
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

    /// The whole reply. Servers that count no tokens are estimated at 4 bytes a token.
    pub(crate) fn into_message(self, prompt_bytes: usize) -> Message {
        let read = self.reader.as_ref().map_or(0, TextReader::bytes);
        let written = self.content.len() + self.reasoning.text.len() + self.slots.bytes() + read;
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
        let usage = self.usage.unwrap_or_default();
        let estimated = |count: Option<u64>, bytes| count.unwrap_or_else(|| estimate(bytes));
        Message {
            usage: Usage {
                input_tokens: estimated(usage.prompt_tokens.0, prompt_bytes),
                output_tokens: estimated(usage.completion_tokens.0, written),
            },
            content: self.content,
            reasoning: Some(reasoning).filter(|text| !text.trim().is_empty()),
            calls,
            cut_calls,
            counted_input: usage.prompt_tokens.0,
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

const fn estimate(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(4)
}
