//! Asking one model in whatever way its server understands, again where that may help and nothing has been shown yet.

use std::time::Duration;

use model::{AskError, CallForm, ChatRequest, Message, Restriction};
use run::{AskedBy, ModelId};
use tokio::time::{Instant, sleep};

use super::context::CallContext;
use super::endpoint::ModelEndpoint;
use super::forward::forward;
use super::hidden_tools::{Asked, watch};
use super::ledger::{Ledger, Metered};
use super::loading;
use super::retry::{NextAttempt, Others, RetryState, Tried, Why};
use super::wanted::Wanted;
use crate::measure;
use crate::models::{Capabilities, Models, NoTools};
use crate::prompt::tokens;

/// Why text is taken back.
const TOLD_IN_WORDS: &str = "the model is asked again with its tools described in words";
const READ_IN_WORDS: &str = "the model is asked again, and its calls are read from its text";
const WAS_WITHOUT_TOOLS: &str =
    "the model was not shown its tools, and is asked again with them described";

/// What a model is asked, and what is waited for.
pub(super) struct Question<'a> {
    pub(super) context: &'a CallContext,
    pub(super) endpoint: ModelEndpoint<'a>,
    pub(super) wanted: Wanted,
    pub(super) others: Others,
    /// How long its reply may take to begin, where another model can be asked instead.
    pub(super) begin: Option<Duration>,
}

/// Why a model is asked no more.
#[derive(Debug)]
pub(super) struct GivenUp {
    pub(super) error: AskError,
    /// Some of its text has been shown.
    pub(super) has_shown: bool,
}

impl Question<'_> {
    /// How it was put, when so many had been sent for the call.
    fn tried(
        &self,
        request: &ChatRequest,
        known: &Capabilities,
        context_tokens: u32,
        questions: u32,
        has_shown: bool,
    ) -> Tried {
        Tried {
            offers_tools: !request.tools.is_empty(),
            calls: match &request.calls {
                CallForm::Native => AskedBy::Native,
                CallForm::Schema(_) => AskedBy::Schema,
                CallForm::Text => AskedBy::Text,
            },
            has_shown,
            taken: taken(request, known.context_tokens(context_tokens)),
            context_tokens,
            others: self.others.after(questions),
            patience: self.context.services.models.client.idle(),
        }
    }
}

/// How a reply came.
#[derive(Default)]
struct Course {
    has_shown: bool,
    /// The server has said anything at all.
    was_heard: bool,
}

/// Asks, and forwards the text as it comes. The prompt is built anew whenever something was learned. `questions` counts those that are
/// sent for the call.
pub(super) async fn ask(
    question: &Question<'_>,
    state: &mut RetryState,
    questions: &mut u32,
    ledger: &mut Ledger,
    prompt: impl Fn(&Capabilities) -> ChatRequest,
) -> Result<Message, GivenUp> {
    let models = &question.context.services.models;
    let endpoint = &question.endpoint;
    let id = &endpoint.model.id;
    loop {
        let known = models.capabilities(id, Instant::now());
        let context_tokens = known.context_tokens(endpoint.model.context_tokens);
        let known = state.applied_to(known, endpoint.model.context_tokens);
        let request = put(prompt(&known), state, endpoint);
        let offers_tools = !request.tools.is_empty();
        let mut course = Course::default();
        *questions += 1;
        let reply = ask_once(question, &request, &known, state, ledger, &mut course).await;
        let Some(reply) = reply else {
            continue;
        };
        let now = Instant::now();
        let error = match reply {
            Ok(message)
                if question.wanted == Wanted::Decision && state.asks_once_more(&message) =>
            {
                models.answered(id, now);
                measure::said_nothing(id);
                continue;
            }
            Ok(message) => {
                models.answered(id, now);
                let reads_calls = offers_tools && request.calls == CallForm::Native;
                models.learn(id, |memory| state.keep(memory, reads_calls, &message, now));
                return Ok(message);
            }
            Err(error) => error,
        };
        let tried = question.tried(
            &request,
            &known,
            context_tokens,
            *questions,
            course.has_shown,
        );
        let next = state.next(&error, &tried);
        *questions -= u32::from(matches!(next, Some(NextAttempt::Loaded(_))));
        if let Some(NextAttempt::Adapted(restriction)) = &next
            && is_adapted(models, id, restriction, &request, &known)
        {
            // A server that says what is wrong with a request is not failing.
            models.answered(id, now);
            *questions -= 1;
            continue;
        }
        let is_loading = !course.was_heard && loading::may_explain(models, id, &error, now);
        if error.is_fault_of_server() && !is_loading {
            models.failed(id, now);
        }
        measure::could_not_be_asked(id, &error);
        let has_shown = course.has_shown;
        if !prepare(question.context, id, next, &tried, state, ledger).await
            || models.admit(id, false, Instant::now()).is_err()
        {
            return Err(GivenUp { error, has_shown });
        }
    }
}

/// The question as it is put this time, with what the operator has set for the model.
fn put(mut request: ChatRequest, state: &RetryState, endpoint: &ModelEndpoint<'_>) -> ChatRequest {
    request.temperature = state.temperature().or(request.temperature);
    request.overrides.clone_from(&endpoint.server.overrides);
    request
}

/// Asks once. `None` where the model turned out not to have been shown its tools, and has to be asked in another way.
async fn ask_once(
    question: &Question<'_>,
    request: &ChatRequest,
    known: &Capabilities,
    state: &mut RetryState,
    ledger: &mut Ledger,
    course: &mut Course,
) -> Option<Result<Message, AskError>> {
    let Question {
        context,
        endpoint,
        wanted,
        ..
    } = question;
    let reply = converse(question, request, known, state, ledger, course);
    let asked = match wanted {
        Wanted::Decision => watch(context, endpoint, request, reply).await,
        Wanted::Text => Asked::Replied(reply.await),
    };
    match asked {
        Asked::Replied(reply) => return Some(reply.and_then(|message| wanted.held_by(message))),
        Asked::WithoutTools => {}
    }
    if course.has_shown {
        let id = &endpoint.model.id;
        context.start_over(WAS_WITHOUT_TOOLS, id, ledger).await;
    }
    None
}

/// What a request takes that was refused, in tokens. One that fits in the context by estimate is longer than estimated: it is measured by
/// its own length.
fn taken(request: &ChatRequest, context_tokens: u32) -> u32 {
    tokens(request).min(context_tokens)
}

/// Gets ready to ask again; `false` where nothing more is to be tried.
async fn prepare(
    context: &CallContext,
    id: &ModelId,
    next: Option<NextAttempt>,
    tried: &Tried,
    state: &mut RetryState,
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
                Why::UnreadCall if tried.offers_tools => memory.left_calls_unread(now),
                Why::NoEnd | Why::UnreadCall => {}
            });
            true
        }
        Some(NextAttempt::Shorter) => true,
        Some(NextAttempt::After(pause)) if context.has_time_for(pause) => {
            sleep(pause).await;
            true
        }
        Some(NextAttempt::Loaded(pause)) if context.has_time_for(pause) => {
            loading::tell(context, id, loading::SAID, state, ledger).await;
            sleep(pause).await;
            true
        }
        Some(NextAttempt::After(_) | NextAttempt::Loaded(_) | NextAttempt::Adapted(_)) | None => {
            false
        }
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

/// Sends one question to one model and reads the reply: whatever is to be settled before a model is paid is settled here, where the model,
/// the prompt and the limit of the reply are known.
async fn converse(
    question: &Question<'_>,
    request: &ChatRequest,
    known: &Capabilities,
    state: &mut RetryState,
    ledger: &mut Ledger,
    course: &mut Course,
) -> Result<Message, AskError> {
    let Question {
        context, endpoint, ..
    } = question;
    let models = &context.services.models;
    let id = &endpoint.model.id;
    let mut server = endpoint.server.clone();
    server.thinks_first |= known.thinks_first;
    server.profile.clone_from(&known.profile);
    let asked_at = Instant::now();
    let client = question.begin.map(|begin| models.client.in_a_hurry(begin));
    let client = client.as_ref().unwrap_or(&models.client);
    let answer = client.ask(&server, request);
    let mut reply = Metered::new(request, endpoint, ledger);
    let answer = loading::awaited(context, id, answer, state, reply.ledger()).await;
    course.was_heard = !matches!(answer, Err(AskError::Silent { .. }));
    reply.begin(answer)?;
    let has_shown = &mut course.has_shown;
    let ended = forward(context, endpoint, &server, &mut reply, has_shown).await;
    // If the reply failed, the parts that were skipped may say why.
    measure::passed_over(id, reply.passed_over());
    ended?;
    if let Some(at) = reply.began() {
        measure::began_to_answer(id, at.duration_since(asked_at));
    }
    models.took(id, asked_at.elapsed());
    Ok(reply.into_message())
}
