//! An inner step of a discussion: one model is asked, once, for its part.

use run::{CallState, Outcome, Run};

use super::super::ask::{self, Wanted};
use super::super::context::CallContext;
use super::super::failure::failed;
use super::super::ledger::Ledger;
use crate::models::Capabilities;
use crate::prompt::{self, Step};

pub(super) async fn ask(
    context: &CallContext,
    run: &Run,
    call: &CallState,
    ledger: &mut Ledger,
) -> Outcome {
    let Some(endpoint) = call.model().and_then(|id| context.model(id)) else {
        return failed(
            "model_not_configured",
            "Model not configured: this model has no server now.",
            false,
        );
    };
    let Some(step) = Step::of(run, call) else {
        return failed("internal", "The step is of no discussion.", false);
    };
    let prompt = |known: &Capabilities| {
        let context_tokens = known.context_tokens(endpoint.model.context_tokens);
        let reply_tokens =
            known.reply_tokens(run.start.request.max_tokens, endpoint.model.context_tokens);
        prompt::discussion(run, &step, context_tokens, reply_tokens)
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
