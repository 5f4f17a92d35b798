//! Asking one model in whatever way its server understands, again where that may help and nothing has been shown yet.

use model::{AskError, CallForm, ChatRequest, Message};
use tokio::time::Instant;

use super::again::{is_adapted, prepare};
use super::budget;
use super::endpoint::ModelEndpoint;
use super::forward::forward;
use super::hidden_tools::{Asked, watch};
use super::ledger::{Ledger, Metered};
use super::loading;
use super::question::Question;
use super::retry::{NextAttempt, RetryState};
use super::timing::Timing;
use super::wanted::Wanted;
use crate::measure;
use crate::models::Capabilities;

/// Why text is taken back.
const WAS_WITHOUT_TOOLS: &str =
    "the model was not shown its tools, and is asked again with them described";

/// Why a model is asked no more.
#[derive(Debug)]
pub(super) enum GivenUp {
    Failed(Failure),
    /// Too little of the run's money is left, and the call has come to its end.
    Unpaid,
}

#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: AskError,
    /// Some of its text has been shown.
    pub(super) has_shown: bool,
}

/// How a reply came.
struct Course {
    has_shown: bool,
    /// The server has said anything at all.
    was_heard: bool,
    timing: Timing,
    /// How often the key that was sent had been renewed.
    key_renewals: u64,
}

impl Course {
    fn begin() -> Self {
        Self {
            has_shown: false,
            was_heard: false,
            timing: Timing::asked(Instant::now()),
            key_renewals: 0,
        }
    }
}

/// Asks, and forwards the text as it comes. The prompt is built anew whenever something was learned. `questions` counts those that are
/// sent for the call.
pub(super) async fn ask(
    question: &Question<'_>,
    state: &mut RetryState,
    questions: &mut u32,
    ledger: &mut Ledger,
    prompt: &(dyn Fn(&Capabilities) -> ChatRequest + Sync),
) -> Result<Message, GivenUp> {
    let models = &question.context.services.models;
    let endpoint = &question.endpoint;
    let id = &endpoint.model.id;
    loop {
        let known = models.capabilities(id, Instant::now());
        let context_tokens = known.context_tokens(endpoint.model.context_tokens);
        let known = state.applied_to(known, endpoint.model.context_tokens);
        let request = put(prompt(&known), state, endpoint);
        let most = budget::most(endpoint, &request, &known);
        if !question.context.sets_aside(most, id, ledger).await {
            return Err(GivenUp::Unpaid);
        }
        let mut course = Course::begin();
        *questions += 1;
        let reply = ask_once(question, &request, &known, state, ledger, &mut course).await;
        let Some(reply) = reply else {
            continue;
        };
        let error = match reply {
            Ok(message) => match kept(question, &request, state, message) {
                Some(message) => return Ok(message),
                None => continue,
            },
            Err(error) => error,
        };
        if error.is_refusal_of_key() && models.renews_key(id, course.key_renewals).await {
            *questions -= 1;
            continue;
        }
        let now = Instant::now();
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
            return Err(GivenUp::Failed(Failure { error, has_shown }));
        }
    }
}

/// A reply that came to its end, and what it has taught; `None` where it says nothing and is asked for once more.
fn kept(
    question: &Question<'_>,
    request: &ChatRequest,
    state: &mut RetryState,
    message: Message,
) -> Option<Message> {
    let models = &question.context.services.models;
    let id = &question.endpoint.model.id;
    let now = Instant::now();
    models.answered(id, now);
    if question.wanted == Wanted::Decision && state.asks_once_more(&message) {
        measure::said_nothing(id);
        return None;
    }
    let reads_calls = !request.tools.is_empty() && request.calls == CallForm::Native;
    models.learn(id, |memory| state.keep(memory, reads_calls, &message, now));
    Some(message)
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
        Asked::Replied(reply) => {
            let reply = reply.and_then(|message| wanted.held_by(message));
            question.measure(&reply, course.timing, course.was_heard);
            return Some(reply);
        }
        Asked::WithoutTools => {}
    }
    if course.has_shown {
        let id = &endpoint.model.id;
        context.start_over(WAS_WITHOUT_TOOLS, id, ledger).await;
    }
    None
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
    course.key_renewals = endpoint.server.key_renewals();
    let mut server = endpoint.server.clone();
    server.thinks_first |= known.thinks_first;
    server.profile.clone_from(&known.profile);
    let asked_at = Instant::now();
    course.timing = Timing::asked(asked_at);
    let client = question.begin(&server, request);
    let client = client.map(|begin| models.client.in_a_hurry(begin));
    let client = client.as_ref().unwrap_or(&models.client);
    let answer = client.ask(&server, request);
    let mut reply = Metered::new(request, endpoint, ledger);
    let answer = loading::awaited(context, id, answer, state, reply.ledger()).await;
    course.was_heard = !matches!(answer, Err(AskError::Silent { .. }));
    reply.begin(answer, &server.profile.prompt(request))?;
    let has_shown = &mut course.has_shown;
    let ended = forward(context, endpoint, &server, &mut reply, has_shown).await;
    // If the reply failed, the parts that were skipped may say why.
    measure::passed_over(id, reply.passed_over());
    ended?;
    course.timing.began_at = reply.began();
    if let Some(at) = reply.began() {
        measure::began_to_answer(id, at.duration_since(asked_at));
    }
    let message = reply.into_message();
    let written = message.usage.output_tokens;
    if let Some(limit) = known.profile.reply_limit(request)
        && written > u64::from(limit)
    {
        measure::wrote_beyond_limit(id, written - u64::from(limit));
    }
    Ok(message)
}
