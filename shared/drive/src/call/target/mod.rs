//! Calls of tools, by where they run: a file for each kind of target.

mod chain;
mod discuss;
mod http;
mod lambda;
mod mcp;
mod models;
mod secrets;
mod text;

use std::time::Duration;

use catalog::Target;
use run::{CallSpec, CallState, Outcome, Run, Stage};

use super::context::CallContext;
use super::failure::{failed, lost};
use super::ledger::Ledger;

/// Makes the call of a tool, within its time. `ledger` is told what it takes.
pub(super) async fn outcome_of(context: &CallContext, run: &Run, ledger: &mut Ledger) -> Outcome {
    let Some(state) = run.call(context.call_id) else {
        return failed("internal", "The call is not in the log.", false);
    };
    let limit = context.limit;
    let call = &state.spec;
    match call.origin.stage() {
        Some(Stage::Opinion | Stage::Reply | Stage::Synthesis) => {
            let work = discuss::ask(context, run, state, ledger);
            written_in_time(limit, call, work).await
        }
        Some(Stage::Writing) => {
            let work = chain::write(context, run, state, ledger);
            written_in_time(limit, call, work).await
        }
        Some(Stage::Running) | None => made_in_time(context, run, state, ledger).await,
    }
}

/// What a model writes for the sake of another call.
async fn written_in_time(
    limit: Duration,
    call: &CallSpec,
    work: impl Future<Output = Outcome>,
) -> Outcome {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        let seconds = limit.as_secs_f64();
        let message = format!("The model did not answer within {seconds:.1} s.");
        lost(call, "timeout", message)
    })
}

async fn made_in_time(
    context: &CallContext,
    run: &Run,
    state: &CallState,
    ledger: &mut Ledger,
) -> Outcome {
    let call = &state.spec;
    let Some(tool) = context.catalog.tool(&call.tool) else {
        return failed(
            "unknown_tool",
            "This tool was taken out of the catalogue while the run was under way.",
            false,
        );
    };
    if call.origin.within().is_some()
        && let Some(refusal) = chain::refusal(tool, state)
    {
        return refusal;
    }
    let work = async {
        match &tool.target {
            Target::Models(aliases) => models::ask(context, run, state, aliases, ledger).await,
            Target::Lambda(lambda) => {
                lambda::invoke(context, run, call, tool, lambda, ledger).await
            }
            Target::Http(_) => http::post(context, run, call, tool, ledger).await,
            Target::Mcp(target) => mcp::call(context, run, call, tool, target, ledger).await,
            Target::Discuss(_) | Target::Chain(_) => failed(
                "unknown_tool",
                "This tool was made one of several calls while the run was under way.",
                false,
            ),
        }
    };
    let limit = context.limit;
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        let message = format!(
            "The tool {} did not finish within {:.1} s.",
            tool.name,
            limit.as_secs_f64()
        );
        lost(call, "timeout", message)
    })
}
