//! A tool that is a model: it is asked once, with the question and what the run has found so far.

use catalog::ModelAliases;
use run::{CallState, Outcome, Run};

use super::asking::{self, Wanted};
use super::learned::Learned;
use super::ledger::Ledger;
use super::{CallContext, failed};
use crate::prompt;

pub(crate) async fn ask(
    context: &CallContext,
    run: &Run,
    call: &CallState,
    aliases: &ModelAliases,
    ledger: &mut Ledger,
) -> Outcome {
    let Some(asked) = call.model().and_then(|id| context.model(id)) else {
        return failed(
            "model_not_configured",
            "Model not configured: this model has no server. Choose another one.",
            false,
        );
    };
    let prompt = |learned: &Learned| {
        let context_tokens = learned.context_tokens(asked.model.context_tokens);
        let reply_tokens =
            learned.reply_tokens(run.start.request.max_tokens, asked.model.context_tokens);
        prompt::expert(run, &call.spec, aliases, context_tokens, reply_tokens)
    };
    match asking::ask(context, &asked, Wanted::Text, ledger, prompt).await {
        Ok(message) => Outcome::Text {
            model_name: asked.name().to_owned(),
            finish_reason: message.finish_reason,
        },
        Err(error) => {
            let problem = asked.problem(&error);
            let message = format!("{} {}", problem.message, problem.remedy);
            failed(problem.code, message, error.is_retryable())
        }
    }
}
