//! Making one call, whatever it is of, and reporting its end.

use std::time::Duration;

use catalog::Catalog;
use run::{Attempt, CallEnd, CallId, Problem, Run, Spent};

use super::context::CallContext;
use super::failure::failed;
use super::ledger::Ledger;
use super::{orchestrator, target};
use crate::inbox::Report;

/// Longest call of the orchestrator; its servers are given up earlier when they fall silent.
const ORCHESTRATOR_LIMIT: Duration = Duration::from_mins(5);

/// Makes a call and reports its end.
pub(super) async fn perform(context: CallContext, run: Run) {
    let report = match context.call_id {
        CallId::Orchestrator { .. } => orchestrator::ask_in_time(&context, &run).await,
        CallId::Tool { .. } => Report::Ended(perform_tool(&context, &run).await),
    };
    context.report(report).await;
}

/// How long a call may take by itself.
pub(crate) fn time_limit(catalog: &Catalog, run: &Run, call: CallId) -> Duration {
    let Some(state) = run.call(call) else {
        return ORCHESTRATOR_LIMIT;
    };
    let of_step = run
        .round(call.round())
        .and_then(|round| round.step_limit_ms(state));
    let of_tool = || Some(catalog.tool(&state.spec.tool)?.timeout_ms);
    let limit = of_step.or_else(of_tool);
    limit.map_or(ORCHESTRATOR_LIMIT, Duration::from_millis)
}

/// The end of a call that a defect of this program broke off.
pub(super) fn broken(call_id: CallId) -> CallEnd {
    let message = "A fault of this service broke the call off.".to_owned();
    match call_id {
        CallId::Orchestrator { .. } => CallEnd::OrchestratorFailed {
            problem: Problem {
                code: "internal".to_owned(),
                message,
                remedy: "Look into the service's log for a panic, and report it.".to_owned(),
            },
            attempt: Attempt::default(),
        },
        CallId::Tool { .. } => CallEnd::Tool {
            outcome: failed("internal", message, false),
            spent: Spent::default(),
        },
    }
}

async fn perform_tool(context: &CallContext, run: &Run) -> CallEnd {
    let mut ledger = Ledger::new();
    let outcome = target::outcome_of(context, run, &mut ledger).await;
    let spent = ledger.end_attempt().spent;
    CallEnd::Tool { outcome, spent }
}
