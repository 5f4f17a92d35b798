//! The end of a run, as it is noted in its head and added to the sums of its day.

use run::{Phase, Run, Seq};
use store::{Consistency, Ending, FencingToken, Head, Store, StoreError};

use crate::clock::now_ms;
use crate::services::Services;

/// Notes how a run ended; false when the run has another driver, or has not ended.
pub(crate) async fn finish(
    store: &Store,
    token: &FencingToken,
    run: &Run,
) -> Result<bool, StoreError> {
    let Phase::Ended {
        status,
        duration_ms,
        ..
    } = run.phase
    else {
        return Ok(false);
    };
    let ending = Ending {
        owner: &run.start.owner,
        created_at_ms: run.start.created_at_ms,
        status,
        duration_ms,
        summary: &run.summary(),
        allowances: &run.start.allowances,
    };
    store.finish(token, ending).await
}

/// Repairs a head whose driver was lost between the last event and the note of it; changes nothing where the run goes on.
///
/// # Errors
/// The table cannot be used, or the run in it cannot be read.
pub async fn close_ended(services: &Services, head: &Head) -> Result<(), StoreError> {
    let store = &services.store;
    let log = store
        .read(head.run_id, Seq(1), Consistency::Strong, now_ms())
        .await?;
    let run = Run::fold(log.events.iter().map(|(_, event)| event));
    if let Some(run) = run.filter(|run| run.ended().is_some())
        && let Some(token) = store.take_over(head, now_ms()).await?
    {
        finish(store, &token, &run).await?;
    }
    Ok(())
}
