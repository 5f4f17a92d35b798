//! An inner step of a discussion: one model is asked for its part; where it cannot answer, one that the catalogue names for it and that has no
//! part of its own.

use run::{CallState, Outcome, Run};

use super::super::context::CallContext;
use super::super::failure::failed;
use super::super::ledger::Ledger;
use super::text::text;
use crate::prompt::{self, Step};

pub(super) async fn ask(
    context: &CallContext,
    run: &Run,
    call: &CallState,
    ledger: &mut Ledger,
) -> Outcome {
    let Some(step) = Step::of(run, call) else {
        return failed("internal", "The step is of no discussion.", false);
    };
    let prompt =
        |context_tokens, reply_tokens| prompt::discussion(run, &step, context_tokens, reply_tokens);
    let absent = "Model not configured: this model has no server now.";
    let others = call.spec.model.as_ref().map(|first| {
        let preferences = &run.start.request.preferences;
        let is_served = |id: &_| context.services.models.servers.contains_key(id);
        let takes_part = |id: &_| step.includes(id);
        context
            .catalog
            .alternatives_in_discussion(first, takes_part, preferences, is_served)
    });
    let others = others.unwrap_or_default();
    text(context, run, call, others, ledger, absent, &prompt).await
}
