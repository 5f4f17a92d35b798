//! How often a model is asked again, after which pause, and in which way: decided by how asking it has gone so far.
//!
//! PURE, but for the dice of a pause: it waits for nothing and asks nobody.

use std::time::Duration;

use model::{AskError, Message, Next, RequestStyle, Restriction, Window};
use run::AskedBy;
use tokio::time::Instant;

use crate::models::{Capabilities, Memory, NoTools, smaller};

/// The same question is sent so often at most, the first time included.
const TRIES: u32 = 3;
/// So many questions are sent for a call at most, whomever they go to; other forms of the same are not counted.
pub(super) const MOST_QUESTIONS: u32 = 12;
/// A question that is too long for its model is shortened so often at most.
const SHRINKS: u32 = 3;
/// Where another model can be asked, that is asked sooner than a server that wants to be left alone for longer than this.
const LONGEST_PAUSE_BESIDE_OTHERS: Duration = Duration::from_secs(5);
/// Longest pause between two questions to a server that loads its model.
const LOADING_PAUSE: Duration = Duration::from_secs(4);
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
#[expect(clippy::struct_excessive_bools, reason = "each is a fact by itself")]
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
    pub(super) loading: Loading,
}

/// What is known of a server that loads its model.
#[derive(Debug, Default)]
pub(super) struct Loading {
    /// How long it has been waited for after it said so.
    waited: Duration,
    /// The watcher has been told.
    pub(super) is_told: bool,
}

/// How a question was put that failed.
pub(super) struct Tried {
    pub(super) offers_tools: bool,
    /// How calls were asked for, where tools were offered.
    pub(super) calls: AskedBy,
    /// It was sent the schema of the answer.
    pub(super) sends_answer_schema: bool,
    pub(super) has_shown: bool,
    /// What it took by estimate, in tokens.
    pub(super) taken: u32,
    /// What the model takes as far as is known, in tokens.
    pub(super) context_tokens: u32,
    pub(super) others: Others,
    /// How long a server is waited for that loads its model.
    pub(super) patience: Duration,
}

/// Who else can be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Others {
    /// The largest context of one of them, in tokens; none where there is nobody.
    pub(super) largest: Option<u32>,
    /// No question is left to be sent for this call.
    pub(super) none_left: bool,
}

impl Others {
    pub(super) const fn are_there(self) -> bool {
        self.largest.is_some()
    }

    /// The same when so many questions have been sent.
    pub(super) const fn after(self, questions: u32) -> Self {
        Self {
            none_left: questions >= MOST_QUESTIONS,
            ..self
        }
    }
}

/// In which way a question is asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NextAttempt {
    After(Duration),
    /// After this time, as the model is being loaded.
    Loaded(Duration),
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
    /// The server does not take the schema of this answer.
    UnfitSchema,
}

impl Tried {
    /// Whether another model has more room than a server says that this one has.
    fn fits_elsewhere(&self, window: Option<Window>) -> bool {
        let told = window.map(|window| u32::try_from(window.context_tokens).unwrap_or(u32::MAX));
        self.others.largest > told.or(Some(self.context_tokens))
    }
}

impl RetryState {
    /// Whether the question has been shortened.
    pub(super) const fn has_shrunk(&self) -> bool {
        self.shrinks > 0
    }

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
            Next::ToolsInText if tried.calls == AskedBy::Native => {
                Some(NextAttempt::InWords(Why::NoTools))
            }
            Next::ToolsInTextNow if tried.calls == AskedBy::Native => {
                self.in_words = true;
                Some(NextAttempt::InWords(Why::UnreadCall))
            }
            Next::WithoutSchema => Some(NextAttempt::InWords(Why::IgnoredSchema)),
            // Servers have the same words for a reply that their grammar of the schema does not take.
            Next::WithoutSchemaNow | Next::ToolsInTextNow
                if tried.calls == AskedBy::Schema && !self.without_schema =>
            {
                self.without_schema = true;
                Some(NextAttempt::InWords(Why::NoEnd))
            }
            _ if tried.has_shown => None,
            Next::PlainTurns if tried.offers_tools && tried.calls == AskedBy::Native => {
                Some(NextAttempt::InWords(Why::NoTools))
            }
            // It is the caller's, and says nothing of others.
            Next::Adapt(restriction) if tried.sends_answer_schema && restriction.is_of_schema() => {
                self.without_schema = true;
                Some(NextAttempt::InWords(Why::UnfitSchema))
            }
            Next::PlainTurns => self.adapted(Restriction::Another(RequestStyle::NoSystem)),
            Next::Adapt(restriction) => self.adapted(restriction),
            Next::Retry { after } if error.is_loading() => self.waited(after, tried),
            _ if tried.others.none_left => None,
            Next::Retry { after } if self.retries + 1 < TRIES => {
                let pause = after.unwrap_or_else(|| pause(self.retries, rand::random()));
                self.retries += 1;
                self.is_empty_again = *error == AskError::Empty && self.retries + 1 == TRIES;
                let longest = if tried.others.are_there() {
                    LONGEST_PAUSE_BESIDE_OTHERS
                } else {
                    LONGEST_PAUSE
                };
                (pause <= longest).then_some(NextAttempt::After(pause))
            }
            // A model that takes the whole question answers better than one that is asked a part of it.
            Next::Shrink { window } if tried.fits_elsewhere(window) => None,
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
            | Next::GiveUp
            | Next::Stop => None,
        }
    }

    /// A server that loads its model is waited for as long as a silent one; where another model can be asked, no longer than any.
    fn waited(&mut self, after: Option<Duration>, tried: &Tried) -> Option<NextAttempt> {
        let dice = 0.5 + rand::random::<f64>() / 2.0;
        let pause = pause(self.retries, dice).min(LOADING_PAUSE);
        let pause = after.map_or(pause, |after| after.clamp(pause, LOADING_PAUSE));
        self.retries += 1;
        self.loading.waited += pause;
        let goes_on = if tried.others.are_there() {
            self.retries < TRIES
        } else {
            self.loading.waited <= tried.patience
        };
        goes_on.then_some(NextAttempt::Loaded(pause))
    }

    fn adapted(&mut self, restriction: Restriction) -> Option<NextAttempt> {
        self.restrictions += 1;
        (self.restrictions <= RESTRICTIONS).then_some(NextAttempt::Adapted(restriction))
    }
}

/// The pause before a question is sent again: a part of the longest, as the dice (from 0 to 1) fall, so that many who were refused
/// at once do not come back at once.
pub(super) fn pause(retries: u32, dice: f64) -> Duration {
    FIRST_PAUSE
        .saturating_mul(4_u32.saturating_pow(retries))
        .min(LONGEST_PAUSE)
        .mul_f64(dice)
}

#[cfg(test)]
mod tests;
