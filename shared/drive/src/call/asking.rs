//! Asking a model in whatever way its server understands, again where that may help and nothing has been shown yet.

use std::time::Duration;

use model::{AskError, ChatRequest, Message, Next, Piece, Window};
use tokio::time::{Instant, sleep};

use super::{Asked, CallContext};
use crate::measure;

/// The same question is sent so often at most, the first time included.
const TRIES: u32 = 3;
/// A question that is too long for its model is shortened so often at most.
const SHRINKS: u32 = 3;
/// Longest pause before the second try; four times as long before the third. Servers may ask for a longer one, up to the other.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// Why text is taken back.
const WAS_THOUGHT: &str = "what was written so far was thinking";
const TOLD_IN_WORDS: &str = "the model is asked again with its tools described in words";
/// A context smaller than this cannot be worked with, in tokens.
const SMALLEST_CONTEXT: u32 = 512;

/// What was learned of a model by asking it; kept as long as the process lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Learned {
    /// Its server refuses tools: they are described in a message, and calls are read from the text.
    pub(crate) tools_in_text: bool,
    /// Its text begins with a thought whose opening tag does not come.
    thinks_first: bool,
    /// Its context is smaller than the catalogue says, in tokens.
    context_tokens: Option<u32>,
}

impl Learned {
    /// The context to reckon with, in tokens.
    pub(crate) fn context_tokens(&self, catalogued: u32) -> u32 {
        self.context_tokens.unwrap_or(catalogued).min(catalogued)
    }

    /// The longest reply to ask for: as wished, unless the context has turned out to be too small.
    pub(crate) fn reply_tokens(&self, wished: u32) -> u32 {
        self.context_tokens
            .map_or(wished, |context| wished.min(context / 2))
    }
}

/// What a reply has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Text,
    /// Text or calls; the loop tells what a reply without both means.
    Decision,
}

/// Asks, and tells the text as it comes. The prompt is made anew whenever something was learned.
pub(crate) async fn ask(
    context: &CallContext,
    asked: &Asked<'_>,
    wanted: Wanted,
    prompt: impl Fn(Learned) -> ChatRequest,
) -> Result<Message, AskError> {
    let models = &context.services.models;
    let (mut tries, mut shrinks) = (1, 0);
    let mut is_empty_again = false;
    // Kept only when the shorter question is answered: one that nothing shortens enough says nothing about others.
    let mut shrunk = None;
    let mut last = None;
    loop {
        let mut learned = models.learned(&asked.model.id);
        learned.context_tokens = shrunk.or(learned.context_tokens);
        if is_empty_again {
            // Some servers say so that the question is too long; what is learned of that is not certain enough to be kept.
            let now = learned.context_tokens(asked.model.context_tokens);
            learned.context_tokens = Some(now / 2);
        }
        if let Err(rest) = models.admit(&asked.model.id, Instant::now()) {
            return Err(last.unwrap_or(AskError::LeftAlone { rest }));
        }
        let mut has_shown = false;
        let prompt = prompt(learned);
        let message = converse(context, asked, &prompt, learned, &mut has_shown).await;
        let error = match message {
            Ok(message) if wanted == Wanted::Text && message.content.trim().is_empty() => {
                AskError::Empty
            }
            Ok(message) => {
                models.answered(&asked.model.id);
                if shrunk.is_some() {
                    models.learn(&asked.model.id, |learned| learned.context_tokens = shrunk);
                }
                return Ok(message);
            }
            Err(error) => error,
        };
        if error.is_fault_of_server() {
            models.failed(&asked.model.id, Instant::now());
        }
        measure::could_not_be_asked(&asked.model.id, &error);
        match error.next() {
            Next::ToolsInText if !learned.tools_in_text => {
                if has_shown {
                    context.start_over(TOLD_IN_WORDS).await;
                }
                models.learn(&asked.model.id, |learned| learned.tools_in_text = true);
            }
            _ if has_shown => return Err(error),
            Next::Retry { after } if tries < TRIES => {
                let pause = after.unwrap_or_else(|| pause(tries));
                if pause > LONGEST_PAUSE || !context.has_time_for(pause) {
                    return Err(error);
                }
                tries += 1;
                is_empty_again = error == AskError::Empty && tries == TRIES;
                sleep(pause).await;
            }
            Next::Shrink { window } if shrinks < SHRINKS => {
                let now = learned.context_tokens(asked.model.context_tokens);
                let smaller = smaller(now, window);
                if smaller < SMALLEST_CONTEXT {
                    return Err(error);
                }
                shrinks += 1;
                shrunk = Some(smaller);
            }
            Next::Retry { .. }
            | Next::Shrink { .. }
            | Next::ToolsInText
            | Next::OtherModel
            | Next::GiveUp => {
                return Err(error);
            }
        }
        last = Some(error);
    }
}

async fn converse(
    context: &CallContext,
    asked: &Asked<'_>,
    request: &ChatRequest,
    learned: Learned,
    has_shown: &mut bool,
) -> Result<Message, AskError> {
    let models = &context.services.models;
    let mut server = asked.server.clone();
    server.thinks_first |= learned.thinks_first;
    let asked_at = Instant::now();
    let mut reply = if learned.tools_in_text {
        models.client.ask_in_text(&server, request).await?
    } else {
        models.client.ask(&server, request).await?
    };
    while let Some(piece) = reply.next(&server).await? {
        match piece {
            Piece::Content(text) => {
                *has_shown = true;
                context.wrote(text).await;
            }
            // The next reply of this model is held back until its thought is over.
            Piece::Retract => {
                models.learn(&asked.model.id, |learned| learned.thinks_first = true);
                context.start_over(WAS_THOUGHT).await;
                *has_shown = false;
            }
        }
    }
    if let Some(at) = reply.began() {
        measure::began_to_answer(&asked.model.id, at.duration_since(asked_at));
    }
    Ok(reply.into_message())
}

/// A random pause, so that many who were refused at once do not come back at once.
fn pause(tries: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(4_u32.pow(tries - 1))
        .mul_f64(rand::random())
}

/// A context in which the question fits, as far as the server lets it be known.
fn smaller(now: u32, window: Option<Window>) -> u32 {
    let three_quarters = now / 4 * 3;
    let Some(Window {
        prompt_tokens,
        context_tokens,
    }) = window
    else {
        return three_quarters;
    };
    // A question that was longer than estimated has to be shortened by as much, and a little more.
    let scaled = prompt_tokens.map_or(u64::from(three_quarters), |prompt| {
        u64::from(now) * context_tokens / prompt.max(1) * 9 / 10
    });
    u32::try_from(scaled.min(context_tokens))
        .map_or(three_quarters, |tokens| tokens.min(three_quarters.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_shrinks_by_what_the_server_says_and_always() {
        let window = |prompt_tokens, context_tokens| {
            Some(Window {
                prompt_tokens,
                context_tokens,
            })
        };
        assert_eq!(smaller(8192, None), 6144);
        assert_eq!(smaller(32_768, window(Some(30_000), 4096)), 4025);
        assert_eq!(smaller(4096, window(Some(8192), 4096)), 1843);
        assert_eq!(smaller(4096, window(None, 4096)), 3072);
        assert_eq!(smaller(4096, window(Some(10), 1_000_000)), 3072);
    }

    #[test]
    fn pauses_grow_and_stay_short() {
        for _ in 0..100 {
            assert!(pause(1) <= FIRST_PAUSE);
            assert!(pause(2) <= FIRST_PAUSE * 4);
        }
    }
}
