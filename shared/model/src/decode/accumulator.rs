//! A reply in the making: chunks in, text and at last a message out.

mod add;
mod end;
mod text;

use std::sync::Arc;

use run::MAX_TEXT_BYTES;

use super::channels::Channels;
use super::delta_text::DeltaText;
use super::slots::Slots;
use super::template::Template;
use super::text_reader::TextReader;
use super::thoughts::Thoughts;
use super::usage::Counted;
use crate::decision::{DecisionFault, DecisionReader};
use crate::dialect::Offered;
use crate::ending::Ending;
use crate::message::{MAX_MESSAGE_BYTES, Retracted};

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
    /// Reads a decision or calls from the text; none where no tools were offered, or where calls come in their own field.
    reader: Option<TextReader>,
    content: String,
    /// How much of the content has been given out, in bytes.
    given: usize,
    shows: Visibility,
    retracts: Option<Retracted>,
    thinks_first: bool,
    slots: Slots,
    finish_reason: Option<String>,
    counted: Counted,
    /// What llama.cpp tells of its work.
    timings: Counted,
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
        let reader = (!offered.is_empty()).then(|| TextReader::of_calls(&offered));
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
            counted: Counted::default(),
            timings: Counted::default(),
        }
    }

    /// The text is a decision as JSON. `answer`: the name of the branch that is the answer itself.
    pub(crate) fn expect_decision(&mut self, answer: Option<String>) {
        let reader = DecisionReader::new(Arc::clone(&self.offered), answer);
        self.reader = Some(TextReader::Decision(reader));
    }

    /// Why the text is no decision, where one was expected.
    pub(crate) fn decision_fault(&self) -> Option<DecisionFault> {
        self.reader.as_ref().and_then(TextReader::fault)
    }

    /// Bytes of text, thoughts and calls that were taken in so far; it only grows.
    pub(crate) const fn taken_bytes(&self) -> usize {
        self.taken_bytes
    }

    /// Whether the model has run on past the end of its message: nothing behind it counts.
    pub(crate) fn has_run_on(&self) -> bool {
        self.template.is_over() || self.reader.as_ref().is_some_and(TextReader::has_run_on)
    }

    /// What the server gave as its reason to end; empty while it has given none.
    pub(crate) fn finish_reason(&self) -> &str {
        self.finish_reason.as_deref().unwrap_or_default()
    }

    /// Whether nothing at all has come.
    pub(crate) fn is_empty(&self) -> bool {
        let text = self.content.len() + self.reasoning.text.len() + self.held_bytes();
        let reader_is_empty = self.reader.as_ref().is_none_or(TextReader::is_empty);
        text == 0 && self.slots.is_empty() && reader_is_empty
    }

    /// Whether it asks for tools, and for nothing that is not there in full.
    pub(crate) fn is_whole_without_end(&self) -> bool {
        let leaked = self.reader.as_ref().is_some_and(TextReader::is_whole);
        let asks = !self.slots.is_empty() || leaked;
        asks && self.slots.are_whole()
    }

    fn ending(&self) -> Ending {
        Ending::of(self.finish_reason())
    }

    const fn held_bytes(&self) -> usize {
        self.template.held_bytes() + self.channels.held_bytes() + self.thoughts.held_bytes()
    }

    fn check_size(&self, largest_call: usize) -> Result<(), MessageTooLarge> {
        let read = self.reader.as_ref().map_or(0, TextReader::bytes);
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
