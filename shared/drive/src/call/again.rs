//! Getting ready to ask a model again: what a failure has taught is kept, and a pause is waited for.

use model::{ChatRequest, Restriction};
use run::ModelId;
use tokio::time::{Instant, sleep};

use super::context::CallContext;
use super::ledger::Ledger;
use super::loading;
use super::retry::{NextAttempt, RetryState, Tried, Why};
use crate::models::{Capabilities, Models, NoTools};

/// Why text is taken back.
const TOLD_IN_WORDS: &str = "the model is asked again with its tools described in words";
const READ_IN_WORDS: &str = "the model is asked again, and its calls are read from its text";

/// Gets ready to ask again; `false` where nothing more is to be tried.
pub(super) async fn prepare(
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
                Why::IgnoredSchema | Why::NoEnd | Why::UnfitSchema => READ_IN_WORDS,
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
                Why::NoEnd | Why::UnfitSchema | Why::UnreadCall => {}
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
pub(super) fn is_adapted(
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
