//! The text that one model writes, asked once: what a tool that is a model does, and a step of a discussion.

use model::ChatRequest;
use run::{CallState, Outcome, Run};

use super::super::ask::{self, Wanted};
use super::super::context::CallContext;
use super::super::failure::failed;
use super::super::ledger::Ledger;
use crate::models::Capabilities;

/// Asks the model of a call. `prompt` makes the request within so many tokens of context, for a reply of so many; `absent` is what
/// is told where the model has no server.
pub(super) async fn text(
    context: &CallContext,
    run: &Run,
    call: &CallState,
    ledger: &mut Ledger,
    absent: &str,
    prompt: impl Fn(u32, u32) -> ChatRequest,
) -> Outcome {
    let Some(endpoint) = call.model().and_then(|id| context.model(id)) else {
        return failed("model_not_configured", absent, false);
    };
    let prompt = |known: &Capabilities| {
        let most_tokens = endpoint.model.context_tokens;
        let reply_tokens = known.reply_tokens(run.start.request.max_tokens, most_tokens);
        prompt(known.context_tokens(most_tokens), reply_tokens)
    };
    match ask::ask(context, &endpoint, Wanted::Text, ledger, prompt).await {
        Ok(message) => Outcome::Text {
            model_name: endpoint.name().to_owned(),
            finish_reason: message.finish_reason,
        },
        Err(error) => {
            let problem = endpoint.problem(&error);
            let message = format!("{} {}", problem.message, problem.remedy);
            failed(problem.code, message, error.is_retryable())
        }
    }
}
