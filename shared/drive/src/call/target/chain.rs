//! The steps of a chain: a model writes what the tool gets, and the tool is called with it like any other.

use catalog::{ChainTarget, Target, Tool};
use run::{CallState, Outcome, Run};

use super::super::context::CallContext;
use super::super::failure::failed;
use super::super::ledger::Ledger;
use super::text::{others, text};
use crate::prompt;

/// The model writes.
pub(super) async fn write(
    context: &CallContext,
    run: &Run,
    call: &CallState,
    ledger: &mut Ledger,
) -> Outcome {
    let chain = context.catalog.tool(&call.spec.tool);
    let chain = chain.and_then(|tool| Some((tool, target(context, call)?)));
    let Some((tool, chain)) = chain else {
        let message = "This tool was taken out of the catalogue while the run was under way.";
        return failed("unknown_tool", message, false);
    };
    let absent = "Model not configured: this model has no server. Choose another one.";
    let prompt = |context_tokens, reply_tokens| {
        prompt::chained(run, &chain.ask, context_tokens, reply_tokens)
    };
    let others = others(context, run, call, tool);
    text(context, run, call, others, ledger, absent, &prompt).await
}

fn target<'a>(context: &'a CallContext, call: &CallState) -> Option<&'a ChainTarget> {
    match &context.catalog.tool(&call.spec.tool)?.target {
        Target::Chain(chain) => Some(chain),
        Target::Models(_)
        | Target::Lambda(_)
        | Target::Http(_)
        | Target::Discuss(_)
        | Target::Mcp(_) => None,
    }
}

/// What the tool says to what was taken, before it is called; `None` where that fits.
pub(super) fn refusal(tool: &Tool, call: &CallState) -> Option<Outcome> {
    let message = tool.problem_of_arguments(&call.spec.arguments)?;
    let code = "invalid_arguments".to_owned();
    Some(Outcome::Rejected { code, message })
}
