//! A tool that is a model: it is asked once, with the question and what the run has found so far.

use catalog::ModelAliases;
use run::{CallState, Outcome, Run};

use super::super::context::CallContext;
use super::super::ledger::Ledger;
use super::text::text;
use crate::prompt;

pub(super) async fn ask(
    context: &CallContext,
    run: &Run,
    call: &CallState,
    aliases: &ModelAliases,
    ledger: &mut Ledger,
) -> Outcome {
    let absent = "Model not configured: this model has no server. Choose another one.";
    let prompt = |context_tokens, reply_tokens| {
        prompt::expert(run, &call.spec, aliases, context_tokens, reply_tokens)
    };
    text(context, run, call, ledger, absent, prompt).await
}
