//! A tool that is a model: it is asked once, with the question and what the run has found so far.

use catalog::ModelAliases;
use run::{CallState, Outcome, Run};

use super::super::CallContext;
use super::super::ask::{self, Wanted};
use super::super::failure::failed;
use super::super::ledger::Ledger;
use crate::models::Capabilities;
use crate::prompt;

pub(super) async fn ask(
    context: &CallContext,
    run: &Run,
    call: &CallState,
    aliases: &ModelAliases,
    ledger: &mut Ledger,
) -> Outcome {
    let Some(endpoint) = call.model().and_then(|id| context.model(id)) else {
        return failed(
            "model_not_configured",
            "Model not configured: this model has no server. Choose another one.",
            false,
        );
    };
    let prompt = |known: &Capabilities| {
        let context_tokens = known.context_tokens(endpoint.model.context_tokens);
        let reply_tokens =
            known.reply_tokens(run.start.request.max_tokens, endpoint.model.context_tokens);
        prompt::expert(run, &call.spec, aliases, context_tokens, reply_tokens)
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
