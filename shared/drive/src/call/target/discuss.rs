//! An inner step of a discussion: one model is asked, once, for its part.

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
    text(context, run, call, ledger, absent, prompt).await
}
