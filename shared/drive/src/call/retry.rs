//! How often a model is asked again, after which pause, and in which way: decided by how asking it has gone so far.
//!
//! PURE, but for the dice of a pause: it waits for nothing and asks nobody.

use std::time::Duration;

use model::{AskError, Message, Next, RequestStyle, Restriction};
use tokio::time::Instant;

use crate::models::{Capabilities, Memory, NoTools, smaller};

/// The same question is sent so often at most, the first time included.
const TRIES: u32 = 3;
/// A question that is too long for its model is shortened so often at most.
const SHRINKS: u32 = 3;
/// A question is put in another form so often at most.
const RESTRICTIONS: u32 = 8;
/// Longest pause before the second try; four times as long before the third.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Longest pause that a server may ask for, where the call has time for it. Rates are limited by the minute; who asks for much
/// more than one has run out of a quota for hours, and that is better told than waited for.
const LONGEST_PAUSE: Duration = Duration::from_mins(2);
/// A question that was answered with nothing at all is asked once more with this temperature: at the one for decisions, which
/// leaves no choice, the same would come again.
const SECOND_TEMPERATURE: f64 = 0.7;
/// A context smaller than this cannot be worked with, in tokens.
const SMALLEST_CONTEXT: u32 = 512;

/// How one question has gone so far.
#[derive(Debug, Default)]
pub(super) struct RetryState {
    /// Times that the same question was sent again.
    retries: u32,
    shrinks: u32,
    /// Times that the question was put in another form.
    restrictions: u32,
    /// All tries but the last were answered with nothing.
    is_empty_again: bool,
    /// The context that the question was shortened to, in tokens.
    shrunk: Option<u32>,
    /// This question is asked with its tools in words, whatever others are.
    in_words: bool,
    /// This question is asked without a schema, whatever others are.
    without_schema: bool,
    /// A decision was nothing at all, and is asked for once more.
    said_nothing: bool,
}

/// How a question was put that failed.
pub(super) struct Tried {
    pub(super) offers_tools: bool,
    /// Tools are described in words, where there are any.
    pub(super) in_words: bool,
    /// A reply by a schema was asked for.
    pub(super) by_schema: bool,
    pub(super) has_shown: bool,
    /// What it took by estimate, in tokens.
    pub(super) taken: u32,
}

/// In which way a question is asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NextAttempt {
    After(Duration),
    Shorter,
    /// In another form.
    Adapted(Restriction),
    /// With the tools described in words.
    InWords(Why),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The server has none.
    NoTools,
    /// The server could not read what the model made of them.
    UnreadCall,
    /// The server does not keep replies to the schema that it is sent.
    IgnoredSchema,
    /// This reply did not come to its end within the schema.
    NoEnd,
}

impl RetryState {
    /// What to reckon with, of all that is known of the model.
    pub(super) fn applied_to(&self, mut known: Capabilities, catalogued: u32) -> Capabilities {
        known.context_tokens = self.shrunk.or(known.context_tokens);
        if self.in_words {
            known.no_tools.get_or_insert(NoTools::Unread);
        }
        known.ignores_schema |= self.without_schema;
        if self.is_empty_again {
            // Some servers say so that the question is too long; what is learned of that is not certain enough to be kept.
            known.context_tokens = Some(known.context_tokens(catalogued) / 2);
        }
        known
    }

    /// Whether a decision is to be asked for once more, because it is neither text nor thought nor call.
    pub(super) fn asks_once_more(&mut self, message: &Message) -> bool {
        let asks_again = !self.said_nothing && message.is_nothing();
        self.said_nothing |= asks_again;
        asks_again
    }

    /// The temperature to ask with, where it is not that of the prompt.
    pub(super) fn temperature(&self) -> Option<f64> {
        self.said_nothing.then_some(SECOND_TEMPERATURE)
    }

    /// Keeps what an answer has proved: a question that nothing shortens enough says nothing about others. `reads_calls`: the
    /// server was left to read the calls in it.
    pub(super) fn keep(
        &self,
        memory: &mut Memory,
        reads_calls: bool,
        message: &Message,
        now: Instant,
    ) {
        if let Some(tokens) = self.shrunk {
            memory.holds_less(tokens, now);
        }
        if reads_calls {
            memory.read_calls();
        }
        if message.reasoning.is_none() && !message.content.trim().is_empty() {
            memory.thinks_first = false;
        }
    }

    /// What may help after an error.
    pub(super) fn next(&mut self, error: &AskError, tried: &Tried) -> Option<NextAttempt> {
        match error.next() {
            Next::ToolsInText if !tried.in_words => Some(NextAttempt::InWords(Why::NoTools)),
            Next::ToolsInTextNow if !tried.in_words => {
                self.in_words = true;
                Some(NextAttempt::InWords(Why::UnreadCall))
            }
            Next::WithoutSchema => Some(NextAttempt::InWords(Why::IgnoredSchema)),
            // Servers have the same words for a reply that their grammar of the schema does not take.
            Next::WithoutSchemaNow | Next::ToolsInTextNow
                if tried.by_schema && !self.without_schema =>
            {
                self.without_schema = true;
                Some(NextAttempt::InWords(Why::NoEnd))
            }
            _ if tried.has_shown => None,
            Next::PlainTurns if tried.offers_tools && !tried.in_words => {
                Some(NextAttempt::InWords(Why::NoTools))
            }
            Next::PlainTurns => self.adapted(Restriction::Another(RequestStyle::NoSystem)),
            Next::Adapt(restriction) => self.adapted(restriction),
            Next::Retry { after } if self.retries + 1 < TRIES => {
                let pause = after.unwrap_or_else(|| pause(self.retries, rand::random()));
                self.retries += 1;
                self.is_empty_again = *error == AskError::Empty && self.retries + 1 == TRIES;
                (pause <= LONGEST_PAUSE).then_some(NextAttempt::After(pause))
            }
            Next::Shrink { window } if self.shrinks < SHRINKS => {
                let smaller = smaller(tried.taken, window);
                self.shrinks += 1;
                self.shrunk = Some(smaller);
                (smaller >= SMALLEST_CONTEXT).then_some(NextAttempt::Shorter)
            }
            Next::Retry { .. }
            | Next::Shrink { .. }
            | Next::ToolsInText
            | Next::ToolsInTextNow
            | Next::WithoutSchemaNow
            | Next::OtherModel
            | Next::GiveUp => None,
        }
    }

    fn adapted(&mut self, restriction: Restriction) -> Option<NextAttempt> {
        self.restrictions += 1;
        (self.restrictions <= RESTRICTIONS).then_some(NextAttempt::Adapted(restriction))
    }
}

/// The pause before a question is sent again: a part of the longest, as the dice (from 0 to 1) fall, so that many who were refused
/// at once do not come back at once.
fn pause(retries: u32, dice: f64) -> Duration {
    FIRST_PAUSE.saturating_mul(4_u32.pow(retries)).mul_f64(dice)
}

#[cfg(test)]
mod tests;
