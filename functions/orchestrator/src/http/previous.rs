//! What a follow-up question takes over from the run that it follows.

use run::{Prior, RunId};

use super::runs::events::read_run;
use super::{ApiError, App, Caller};

const FIELD: &str = "previous_run_id";

/// Question, answer and sources of a finished run.
pub(super) async fn copy(
    app: &App,
    caller: &Caller,
    run_id: Option<RunId>,
) -> Result<Option<Box<Prior>>, ApiError> {
    let Some(run_id) = run_id else {
        return Ok(None);
    };
    let run = read_run(app, caller, run_id)
        .await
        .map_err(|error| error.about(FIELD))?;
    if run.ended().is_none() {
        return Err(ApiError::conflict(
            "previous_run_id names a run that is still going on; wait for its end",
        )
        .about(FIELD));
    }
    Ok(Some(Box::new(Prior::of(&run))))
}
