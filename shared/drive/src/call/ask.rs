//! Asking a model in whatever way its server understands, again where that may help and nothing has been shown yet.

use model::{AskError, CallForm, ChatRequest, Message, Piece, Restriction, Retracted, Server};
use run::ModelId;
use tokio::time::{Instant, sleep};

use super::budget;
use super::context::CallContext;
use super::endpoint::ModelEndpoint;
use super::hidden_tools::{Asked, watch};
use super::ledger::{Ledger, Metered};
use super::retry::{NextAttempt, RetryState, Tried, Why};
use crate::measure;
use crate::models::{Capabilities, Models, NoTools};
use crate::prompt::tokens;

/// Why text is taken back.
const WAS_THOUGHT: &str = "what was written so far was thinking";
const WAS_SAID_AGAIN: &str = "each piece of the text says all before it again";
const TOLD_IN_WORDS: &str = "the model is asked again with its tools described in words";
const READ_IN_WORDS: &str = "the model is asked again, and its calls are read from its text";
const WAS_WITHOUT_TOOLS: &str =
    "the model was not shown its tools, and is asked again with them described";

/// Asks, and forwards the text as it comes. The prompt is built anew whenever something was learned.
pub(crate) async fn ask(
    context: &CallContext,
    endpoint: &ModelEndpoint<'_>,
    wanted: Wanted,
    ledger: &mut Ledger,
    prompt: impl Fn(&Capabilities) -> ChatRequest,
) -> Result<Message, AskError> {
    let models = &context.services.models;
    let id = &endpoint.model.id;
    let mut state = RetryState::default();
    let mut last = None;
    loop {
        if let Err(rest) = models.admit(id, Instant::now()) {
            return Err(last.unwrap_or(AskError::CircuitOpen { rest }));
        }
        let known = models.capabilities(id, Instant::now());
        let known = state.applied_to(known, endpoint.model.context_tokens);
        let mut request = prompt(&known);
        if let Some(temperature) = state.temperature() {
            request.temperature = Some(temperature);
        }
        let most = budget::most(endpoint, &request, &known);
        if !context.sets_aside(most, id, ledger).await {
            return Err(last.unwrap_or(AskError::Empty));
        }
        let offers_tools = !request.tools.is_empty();
        let mut has_shown = false;
        let reply = converse(context, endpoint, &request, &known, ledger, &mut has_shown);
        let reply = if wanted == Wanted::Decision {
            watch(context, endpoint, &request, reply).await
        } else {
            Asked::Replied(reply.await)
        };
        let reply = match reply {
            Asked::Replied(reply) => reply,
            Asked::WithoutTools if has_shown => {
                context.start_over(WAS_WITHOUT_TOOLS, id, ledger).await;
                continue;
            }
            Asked::WithoutTools => continue,
        };
        let error = match reply.and_then(|message| wanted.held_by(message)) {
            Ok(message) if wanted == Wanted::Decision && state.asks_once_more(&message) => {
                models.answered(id);
                measure::said_nothing(id);
                continue;
            }
            Ok(message) => {
                models.answered(id);
                let reads_calls = offers_tools && request.calls == CallForm::Native;
                let now = Instant::now();
                models.learn(id, |memory| state.keep(memory, reads_calls, &message, now));
                return Ok(message);
            }
            Err(error) => error,
        };
        // A request that fits in the context by estimate, and was refused, is longer than estimated: it is measured by its own
        // length.
        let taken = tokens(&request).min(known.context_tokens(endpoint.model.context_tokens));
        let tried = Tried {
            offers_tools,
            in_words: request.calls != CallForm::Native,
            by_schema: matches!(request.calls, CallForm::Schema(_)),
            has_shown,
            taken,
        };
        let next = state.next(&error, &tried);
        if let Some(NextAttempt::Adapted(restriction)) = &next
            && is_adapted(models, id, restriction, &request, &known)
        {
            // A server that says what is wrong with a request is not failing.
            models.answered(id);
            continue;
        }
        if error.is_fault_of_server() {
            models.failed(id, Instant::now());
        }
        measure::could_not_be_asked(id, &error);
        if !prepare(context, id, next, &tried, ledger).await {
            return Err(error);
        }
        last = Some(error);
    }
}

/// Gets ready to ask again; `false` where nothing more is to be tried.
async fn prepare(
    context: &CallContext,
    id: &ModelId,
    next: Option<NextAttempt>,
    tried: &Tried,
    ledger: &mut Ledger,
) -> bool {
    match next {
        Some(NextAttempt::InWords(why)) => {
            let reason = match why {
                Why::NoTools | Why::UnreadCall => TOLD_IN_WORDS,
                Why::IgnoredSchema | Why::NoEnd => READ_IN_WORDS,
            };
            if tried.has_shown {
                context.start_over(reason, id, ledger).await;
            }
            tracing::info!(model = %id, why = ?why, "a model is asked for calls in another way");
            let now = Instant::now();
            context.services.models.learn(id, |memory| match why {
                Why::NoTools => memory.has_no_tools(NoTools::Refused, now),
                Why::IgnoredSchema => memory.ignored_schema(now),
                Why::NoEnd => {}
                Why::UnreadCall if tried.offers_tools => memory.left_calls_unread(now),
                Why::UnreadCall => {}
            });
            true
        }
        Some(NextAttempt::Shorter) => true,
        Some(NextAttempt::After(pause)) if context.has_time_for(pause) => {
            sleep(pause).await;
            true
        }
        Some(NextAttempt::After(_) | NextAttempt::Adapted(_)) | None => false,
    }
}

/// Remembers what a refusal says about the form of requests. `false` where the next request would be the same.
fn is_adapted(
    models: &Models,
    id: &ModelId,
    restriction: &Restriction,
    request: &ChatRequest,
    sent: &Capabilities,
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

/// What a reply has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Text,
    /// Text or calls; the loop tells what a reply without both means.
    Decision,
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
    endpoint: &ModelEndpoint<'_>,
    request: &ChatRequest,
    known: &Capabilities,
    ledger: &mut Ledger,
    has_shown: &mut bool,
) -> Result<Message, AskError> {
    let models = &context.services.models;
    let mut server = endpoint.server.clone();
    server.thinks_first |= known.thinks_first;
    server.profile.clone_from(&known.profile);
    let asked_at = Instant::now();
    let mut reply = Metered::new(request, endpoint, ledger);
    reply.begin(models.client.ask(&server, request).await)?;
    let ended = forward(context, endpoint, &server, &mut reply, has_shown).await;
    // If the reply failed, the parts that were skipped may say why.
    measure::passed_over(&endpoint.model.id, reply.passed_over());
    ended?;
    if let Some(at) = reply.began() {
        measure::began_to_answer(&endpoint.model.id, at.duration_since(asked_at));
    }
    let message = reply.into_message();
    let written = message.usage.output_tokens;
    if let Some(limit) = known.profile.reply_limit(request)
        && written > u64::from(limit)
    {
        measure::wrote_beyond_limit(&endpoint.model.id, written - u64::from(limit));
    }
    Ok(message)
}

/// Forwards the text of a reply as it comes, up to its end.
async fn forward(
    context: &CallContext,
    endpoint: &ModelEndpoint<'_>,
    server: &Server,
    reply: &mut Metered<'_>,
    has_shown: &mut bool,
) -> Result<(), AskError> {
    let id = &endpoint.model.id;
    while let Some(piece) = reply.next(server).await? {
        match piece {
            Piece::Content(text) => {
                *has_shown = true;
                context.wrote(text).await;
            }
            // The next reply of this model is held back until its thought is over.
            Piece::Retract(Retracted::Thought) => {
                let models = &context.services.models;
                models.learn(id, |memory| memory.thinks_first = true);
                context.start_over(WAS_THOUGHT, id, reply.ledger()).await;
                *has_shown = false;
            }
            Piece::Retract(Retracted::SaidAgain) => {
                context.start_over(WAS_SAID_AGAIN, id, reply.ledger()).await;
                *has_shown = false;
            }
        }
    }
    Ok(())
}
