//! A tool that is a model: it is asked with the question and what the run has found so far; where it cannot answer, another of the tool's
//! models is.

use catalog::{ModelAliases, Tool};
use run::{CallState, Outcome, Run};

use super::super::context::CallContext;
use super::super::ledger::Ledger;
use super::text::{others, text};
use crate::prompt;

pub(super) async fn ask(
    context: &CallContext,
    run: &Run,
    call: &CallState,
    tool: &Tool,
    aliases: &ModelAliases,
    ledger: &mut Ledger,
) -> Outcome {
    let absent = "Model not configured: this model has no server. Choose another one.";
    let prompt = |context_tokens, reply_tokens| {
        prompt::expert(run, &call.spec, aliases, context_tokens, reply_tokens)
    };
    let others = others(context, run, call, tool);
    text(context, run, call, others, ledger, absent, &prompt).await
}
