//! Asking a model in whatever way its server understands, again where that may help and nothing has been shown yet.

use std::time::Duration;

use model::{
    AskError, ChatRequest, Message, Next, Piece, RequestStyle, Restriction, Retracted, Server,
};
use run::{ModelId, Usage};
use tokio::time::{Instant, sleep};

use super::learned::{Learned, Memory, smaller};
use super::{Asked, CallContext};
use crate::measure;
use crate::prompt::tokens;
use crate::services::Models;

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
/// Why text is taken back.
const WAS_THOUGHT: &str = "what was written so far was thinking";
const WAS_SAID_AGAIN: &str = "each piece of the text says all before it again";
const TOLD_IN_WORDS: &str = "the model is asked again with its tools described in words";
/// A context smaller than this cannot be worked with, in tokens.
const SMALLEST_CONTEXT: u32 = 512;

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
    prompt: impl Fn(&Learned) -> ChatRequest,
) -> Result<Message, AskError> {
    let models = &context.services.models;
    let id = &asked.model.id;
    let mut course = Course::default();
    let mut last = None;
    loop {
        if let Err(rest) = models.admit(id, Instant::now()) {
            return Err(last.unwrap_or(AskError::LeftAlone { rest }));
        }
        let learned = models.learned(id, Instant::now());
        let learned = course.applied_to(learned, asked.model.context_tokens);
        let mut request = prompt(&learned);
        if course.said_nothing {
            request.temperature = Some(SECOND_TEMPERATURE);
        }
        let offers_tools = !request.tools.is_empty();
        let mut has_shown = false;
        let reply = converse(context, asked, &request, &learned, &mut has_shown).await;
        let error = match reply.and_then(|message| wanted.held_by(message)) {
            Ok(message) if course.asks_once_more(wanted, &message) => {
                models.answered(id);
                measure::said_nothing(id);
                continue;
            }
            Ok(mut message) => {
                models.answered(id);
                let reads_calls = offers_tools && !learned.tools_in_text;
                let now = Instant::now();
                models.learn(id, |memory| course.keep(memory, reads_calls, &message, now));
                message.usage += course.spent;
                return Ok(message);
            }
            Err(error) => error,
        };
        // What fits in the context by estimate and was refused is longer than estimated: it has to shrink by its own length.
        let taken = tokens(&request).min(learned.context_tokens(asked.model.context_tokens));
        let tried = Tried {
            offers_tools,
            in_words: learned.tools_in_text,
            has_shown,
            taken,
        };
        let again = course.next(&error, &tried);
        if let Some(Again::Adapted(restriction)) = &again
            && is_adapted(models, id, restriction, &request, &learned)
        {
            // Who says what is wrong with a request is not failing.
            models.answered(id);
            continue;
        }
        if error.is_fault_of_server() {
            models.failed(id, Instant::now());
        }
        measure::could_not_be_asked(id, &error);
        if !prepare(context, id, again, &tried).await {
            return Err(error);
        }
        last = Some(error);
    }
}

/// Gets ready to ask again; `false` where nothing more is to be tried.
async fn prepare(context: &CallContext, id: &ModelId, again: Option<Again>, tried: &Tried) -> bool {
    match again {
        Some(Again::InWords(why)) => {
            if tried.has_shown {
                context.start_over(TOLD_IN_WORDS).await;
            }
            let now = Instant::now();
            context.services.models.learn(id, |memory| match why {
                Why::NoTools => memory.refused_tools(now),
                Why::UnreadCall if tried.offers_tools => memory.left_calls_unread(now),
                Why::UnreadCall => {}
            });
            true
        }
        Some(Again::Shorter) => true,
        Some(Again::After(pause)) if context.has_time_for(pause) => {
            sleep(pause).await;
            true
        }
        Some(Again::After(_) | Again::Adapted(_)) | None => false,
    }
}

/// Takes in what a refusal has told of the request's form. `false` where the next request would be the same.
fn is_adapted(
    models: &Models,
    id: &ModelId,
    restriction: &Restriction,
    request: &ChatRequest,
    sent: &Learned,
) -> bool {
    let now = Instant::now();
    let (part, known) = models.learn(id, |memory| {
        let part = memory.refused_part(restriction, request, now);
        (part, memory.at(now))
    });
    if let Some(part) = part {
        tracing::info!(model = %id, part, "a model's server does not take a part of the request, and is asked without it");
    }
    // Another question may have learned the same while this one was on its way.
    !known.profile.are_equal_for(&sent.profile, request)
}

/// How one question has gone so far.
#[derive(Debug, Default)]
struct Course {
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
    /// A decision was nothing at all, and is asked for once more.
    said_nothing: bool,
    /// What that took.
    spent: Usage,
}

/// How a question was put that failed.
struct Tried {
    offers_tools: bool,
    /// Tools are described in words, where there are any.
    in_words: bool,
    has_shown: bool,
    /// What it took by estimate, in tokens.
    taken: u32,
}

/// In which way a question is asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Again {
    After(Duration),
    Shorter,
    /// In another form.
    Adapted(Restriction),
    /// With the tools described in words.
    InWords(Why),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The server has none.
    NoTools,
    /// The server could not read what the model made of them.
    UnreadCall,
}

impl Course {
    /// What to reckon with, of all that is known of the model.
    fn applied_to(&self, mut learned: Learned, catalogued: u32) -> Learned {
        learned.context_tokens = self.shrunk.or(learned.context_tokens);
        learned.tools_in_text |= self.in_words;
        if self.is_empty_again {
            // Some servers say so that the question is too long; what is learned of that is not certain enough to be kept.
            learned.context_tokens = Some(learned.context_tokens(catalogued) / 2);
        }
        learned
    }

    /// Whether a decision is to be asked for once more, because it is neither text nor thought nor call.
    fn asks_once_more(&mut self, wanted: Wanted, message: &Message) -> bool {
        let asks_again = wanted == Wanted::Decision && !self.said_nothing && message.is_nothing();
        if asks_again {
            self.said_nothing = true;
            self.spent = message.usage;
        }
        asks_again
    }

    /// Keeps what an answer has proved: a question that nothing shortens enough says nothing about others. `reads_calls`: the
    /// server was left to read the calls in it.
    fn keep(&self, memory: &mut Memory, reads_calls: bool, message: &Message, now: Instant) {
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
    fn next(&mut self, error: &AskError, tried: &Tried) -> Option<Again> {
        match error.next() {
            Next::ToolsInText if !tried.in_words => Some(Again::InWords(Why::NoTools)),
            Next::ToolsInTextNow if !tried.in_words => {
                self.in_words = true;
                Some(Again::InWords(Why::UnreadCall))
            }
            _ if tried.has_shown => None,
            Next::PlainTurns if tried.offers_tools && !tried.in_words => {
                Some(Again::InWords(Why::NoTools))
            }
            Next::PlainTurns => self.adapted(Restriction::Another(RequestStyle::NoSystem)),
            Next::Adapt(restriction) => self.adapted(restriction),
            Next::Retry { after } if self.retries + 1 < TRIES => {
                let pause = after.unwrap_or_else(|| pause(self.retries));
                self.retries += 1;
                self.is_empty_again = *error == AskError::Empty && self.retries + 1 == TRIES;
                (pause <= LONGEST_PAUSE).then_some(Again::After(pause))
            }
            Next::Shrink { window } if self.shrinks < SHRINKS => {
                let smaller = smaller(tried.taken, window);
                self.shrinks += 1;
                self.shrunk = Some(smaller);
                (smaller >= SMALLEST_CONTEXT).then_some(Again::Shorter)
            }
            Next::Retry { .. }
            | Next::Shrink { .. }
            | Next::ToolsInText
            | Next::ToolsInTextNow
            | Next::OtherModel
            | Next::GiveUp => None,
        }
    }

    fn adapted(&mut self, restriction: Restriction) -> Option<Again> {
        self.restrictions += 1;
        (self.restrictions <= RESTRICTIONS).then_some(Again::Adapted(restriction))
    }
}

impl Wanted {
    fn held_by(self, message: Message) -> Result<Message, AskError> {
        let holds_nothing = message.content.trim().is_empty();
        match self {
            // The same question would be thought about for as long again.
            Self::Text if holds_nothing && message.reasoning.is_some() && message.is_cut() => {
                Err(AskError::OnlyThought)
            }
            Self::Text if holds_nothing => Err(AskError::Empty),
            Self::Text | Self::Decision => Ok(message),
        }
    }
}

async fn converse(
    context: &CallContext,
    asked: &Asked<'_>,
    request: &ChatRequest,
    learned: &Learned,
    has_shown: &mut bool,
) -> Result<Message, AskError> {
    let models = &context.services.models;
    let mut server = asked.server.clone();
    server.thinks_first |= learned.thinks_first;
    server.profile.clone_from(&learned.profile);
    let asked_at = Instant::now();
    let mut reply = if learned.tools_in_text {
        models.client.ask_in_text(&server, request).await?
    } else {
        models.client.ask(&server, request).await?
    };
    let ended = tell(context, asked, &server, &mut reply, has_shown).await;
    // Of a reply that failed, what was passed over may say why.
    measure::passed_over(&asked.model.id, reply.passed_over());
    ended?;
    if let Some(at) = reply.began() {
        measure::began_to_answer(&asked.model.id, at.duration_since(asked_at));
    }
    Ok(reply.into_message())
}

/// Tells the text of a reply as it comes, up to its end.
async fn tell(
    context: &CallContext,
    asked: &Asked<'_>,
    server: &Server,
    reply: &mut model::Reply,
    has_shown: &mut bool,
) -> Result<(), AskError> {
    while let Some(piece) = reply.next(server).await? {
        match piece {
            Piece::Content(text) => {
                *has_shown = true;
                context.wrote(text).await;
            }
            // The next reply of this model is held back until its thought is over.
            Piece::Retract(Retracted::Thought) => {
                let models = &context.services.models;
                models.learn(&asked.model.id, |memory| memory.thinks_first = true);
                context.start_over(WAS_THOUGHT).await;
                *has_shown = false;
            }
            Piece::Retract(Retracted::SaidAgain) => {
                context.start_over(WAS_SAID_AGAIN).await;
                *has_shown = false;
            }
        }
    }
    Ok(())
}

/// A random pause, so that many who were refused at once do not come back at once.
fn pause(retries: u32) -> Duration {
    longest_pause(retries).mul_f64(rand::random())
}

/// Four times as long with each try.
const fn longest_pause(retries: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(4_u32.saturating_pow(retries))
}

#[cfg(test)]
mod tests;
