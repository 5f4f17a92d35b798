//! What a question to a model takes, as it is noted for the model, and how long a reply may take to begin where others can be asked.

use std::time::Duration;

use model::{AskError, Message};
use store::Measure;
use tokio::time::Instant;

use super::wanted::Wanted;
use crate::clock::millis;

/// For this part of the time that a silent server is waited for at all a reply is, however soon others have begun: servers have other guests.
const SHORTEST_PART: u32 = 6;
/// Else it may take so many times as long as the slowest of late.
const TIMES_THE_SLOWEST: u32 = 4;
/// What each token of a question may take beside: longer ones are read for longer than those that were measured.
const A_TOKEN: Duration = Duration::from_millis(2);

/// No server writes faster: what comes faster was held back on its way, and came at once.
const MOST_TOKENS_A_MS: u64 = 10;

/// The times of one question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    pub(super) asked_at: Instant,
    /// When the first of a streamed reply came.
    pub(super) began_at: Option<Instant>,
}

impl Timing {
    pub(super) const fn asked(asked_at: Instant) -> Self {
        Self {
            asked_at,
            began_at: None,
        }
    }

    /// What is noted for a model whose reply has ended so; `None` where it says nothing of the model.
    pub(super) fn measure(
        &self,
        wanted: Wanted,
        reply: &Result<Message, AskError>,
        now: Instant,
    ) -> Option<Measure> {
        let whole = now.saturating_duration_since(self.asked_at);
        let began = self.began_at;
        let first_token = began.map(|at| at.saturating_duration_since(self.asked_at));
        let mut measure = Measure {
            calls: 1,
            ..Measure::default()
        };
        match reply {
            Ok(message) => {
                if wanted == Wanted::Text {
                    measure.whole.note(millis(whole));
                }
                if let Some(first_token) = first_token {
                    measure.first_token.note(millis(first_token));
                    let writing_ms = millis(whole.saturating_sub(first_token));
                    let tokens = written_tokens(message);
                    let is_written =
                        (1..=writing_ms.saturating_mul(MOST_TOKENS_A_MS)).contains(&tokens);
                    if wanted == Wanted::Text && is_written {
                        (measure.written_tokens, measure.writing_ms) = (tokens, writing_ms);
                    }
                }
            }
            Err(error) if is_failure(error) => {
                measure.failures = 1;
                // Else those that are given up would leave only fast ones behind, and the limit would never grow again.
                if first_token.is_none() && matches!(error, AskError::Silent { .. }) {
                    measure.first_token.note(millis(whole));
                }
            }
            Err(_) => return None,
        }
        Some(measure)
    }
}

/// Tokens that a text had behind its first one; 0 where they were not counted, or were more than have been seen: tokens of a thought that a
/// server keeps to itself came before its stream began.
fn written_tokens(message: &Message) -> u64 {
    let thought = message.reasoning.as_deref().unwrap_or_default();
    let seen_bytes = (message.content.len() + thought.len()) as u64;
    let usage = message.usage;
    if usage.estimated || usage.output_tokens > seen_bytes {
        return 0;
    }
    usage.output_tokens.saturating_sub(1)
}

/// Whether it is the server's doing that there is no answer.
const fn is_failure(error: &AskError) -> bool {
    error.is_fault_of_server() || matches!(error, AskError::RateLimited { .. })
}

/// How long a reply may take to begin where others can be asked: no longer than `at_most`, and where it is known how long replies took, not
/// much longer than those. `question_tokens` is about what has to be read first, `idle` how long a silent server is waited for at all.
pub(super) fn begin_within(
    at_most: Duration,
    slowest: Option<Duration>,
    question_tokens: u32,
    idle: Duration,
) -> Duration {
    let Some(slowest) = slowest else {
        return at_most;
    };
    let measured = slowest.saturating_mul(TIMES_THE_SLOWEST);
    let measured = measured.max(idle / SHORTEST_PART);
    let reading = A_TOKEN.saturating_mul(question_tokens);
    at_most.min(measured.saturating_add(reading))
}

#[cfg(test)]
mod tests;
