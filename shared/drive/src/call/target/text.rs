//! The text that one model writes: what a tool that is a model does, and a step of a discussion.

use catalog::Tool;
use model::ChatRequest;
use run::{CallState, ModelId, Outcome, Run};

use super::super::context::CallContext;
use super::super::endpoint::ModelEndpoint;
use super::super::failure::failed;
use super::super::ledger::Ledger;
use super::super::route;
use super::super::wanted::Wanted;
use crate::models::Capabilities;

/// Asks the model of a call, else one of the others. `prompt` makes the request within so many tokens of context, for a reply of so many;
/// `absent` is what is told where none of them has a server.
pub(super) async fn text(
    context: &CallContext,
    run: &Run,
    call: &CallState,
    others: Vec<ModelId>,
    ledger: &mut Ledger,
    absent: &str,
    prompt: &(dyn Fn(u32, u32) -> ChatRequest + Sync),
) -> Outcome {
    let Some(first) = &call.spec.model else {
        return failed("model_not_configured", absent, false);
    };
    let candidates = route::candidates(first, others, &call.attempts);
    let prompt = |endpoint: &ModelEndpoint<'_>, known: &Capabilities| {
        let most_tokens = endpoint.model.context_tokens;
        let reply_tokens = known.reply_tokens(run.start.request.max_tokens, most_tokens);
        prompt(known.context_tokens(most_tokens), reply_tokens)
    };
    match route::ask(context, &candidates, Wanted::Text, ledger, &prompt).await {
        Ok(answered) => Outcome::Text {
            model_name: answered.endpoint.name().to_owned(),
            finish_reason: answered.message.finish_reason,
        },
        Err(failures) => match failures.problem() {
            Some(problem) => {
                let message = format!("{} {}", problem.message, problem.remedy);
                failed(problem.code, message, failures.is_retryable())
            }
            None => failed("model_not_configured", absent, false),
        },
    }
}

/// Who is asked where the model of a call cannot answer: the tool's others as the caller prefers them, and those that the catalogue names.
pub(super) fn others(
    context: &CallContext,
    run: &Run,
    call: &CallState,
    tool: &Tool,
) -> Vec<ModelId> {
    let Some(first) = &call.spec.model else {
        return Vec::new();
    };
    let models = &context.services.models;
    context.catalog.alternatives(
        tool,
        first,
        &run.start.request.preferences,
        |id| models.servers.contains_key(id),
        |id| models.likely_takes_ms(&context.catalog, id),
    )
}
