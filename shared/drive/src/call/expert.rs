//! A tool that is a model: it is asked once, with the question and what the run has found so far.

use catalog::ModelAliases;
use run::{Outcome, Run, ToolCall};

use super::asking::{self, Wanted};
use super::learned::Learned;
use super::{CallContext, Ended};
use crate::prompt;

pub(crate) async fn ask(
    context: &CallContext,
    run: &Run,
    call: &ToolCall,
    aliases: &ModelAliases,
) -> Ended {
    let Some(asked) = call.model.as_ref().and_then(|id| context.model(id)) else {
        return Ended::failed(
            "model_not_configured",
            "Model not configured: this model has no server. Choose another one.",
            false,
        );
    };
    let prompt = |learned: &Learned| {
        let context_tokens = learned.context_tokens(asked.model.context_tokens);
        let reply_tokens =
            learned.reply_tokens(run.start.request.max_tokens, asked.model.context_tokens);
        prompt::expert(run, call, aliases, context_tokens, reply_tokens)
    };
    match asking::ask(context, &asked, Wanted::Text, prompt).await {
        Ok(message) => Ended {
            outcome: Outcome::Text {
                model_name: asked.name().to_owned(),
                finish_reason: message.finish_reason,
            },
            usage: Some(message.usage),
            cost: Some(asked.cost(message.usage)),
        },
        Err(error) => {
            let problem = asked.problem(&error);
            let message = format!("{} {}", problem.message, problem.remedy);
            Ended::failed(problem.code, message, error.is_retryable())
        }
    }
}
