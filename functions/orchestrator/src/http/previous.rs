//! What a follow-up question takes over from the run that it follows.

use drive::now_ms;
use run::{Prior, Run, RunId, Seq};
use store::Consistency;

use super::{ApiError, App};

const FIELD: &str = "previous_run_id";

/// Question, answer and sources of a finished run.
pub(super) async fn copy(app: &App, run_id: Option<RunId>) -> Result<Option<Box<Prior>>, ApiError> {
    let Some(run_id) = run_id else {
        return Ok(None);
    };
    let store = &app.services.store;
    let log = store
        .read(run_id, Seq(1), Consistency::Strong, now_ms())
        .await?;
    let run = Run::fold(log.events.iter().map(|(_, event)| event));
    let run = run.ok_or_else(|| ApiError::no_such_run().about(FIELD))?;
    if run.ended().is_none() {
        return Err(ApiError::conflict(
            "previous_run_id names a run that is still going on; wait for its end",
        )
        .about(FIELD));
    }
    Ok(Some(Box::new(Prior::of(&run))))
}
