//! Models that are loaded when they are asked for: the watcher is told why nothing comes, and nobody takes the server for a broken one.

use std::pin::pin;

use model::AskError;
use run::ModelId;
use tokio::time::{Instant, sleep};

use super::context::CallContext;
use super::ledger::Ledger;
use super::retry::RetryState;
use crate::models::Models;

/// What is told where the server says so, …
pub(super) const SAID: &str = "the model is being loaded";
/// … and where it says nothing.
const SUPPOSED: &str = "its server has said nothing yet: the model may be on its way into memory";

/// A server that has said nothing for this part of the time that it is waited for may be loading the model.
const SLOW_PART: u32 = 8;

/// Waits for the head of a reply, and tells the watcher where its server is slow and may be loading the model.
pub(super) async fn awaited<T>(
    context: &CallContext,
    id: &ModelId,
    reply: impl Future<Output = T>,
    state: &mut RetryState,
    ledger: &mut Ledger,
) -> T {
    let models = &context.services.models;
    if state.loading.is_told || !models.may_be_loading(id, Instant::now()) {
        return reply.await;
    }
    let mut reply = pin!(reply);
    tokio::select! {
        biased;
        reply = &mut reply => return reply,
        () = sleep(models.client.idle() / SLOW_PART) => {}
    }
    tell(context, id, SUPPOSED, state, ledger).await;
    reply.await
}

/// Tells the watcher, once for each model of a call.
pub(super) async fn tell(
    context: &CallContext,
    id: &ModelId,
    why: &str,
    state: &mut RetryState,
    ledger: &mut Ledger,
) {
    if !state.loading.is_told {
        state.loading.is_told = true;
        context.start_over(why, id, ledger).await;
    }
}

/// Whether a server that was not heard may have been loading the model, so that it is no failing one.
pub(super) fn may_explain(models: &Models, id: &ModelId, error: &AskError, now: Instant) -> bool {
    matches!(error, AskError::Silent { .. }) && models.may_be_loading(id, now)
}
