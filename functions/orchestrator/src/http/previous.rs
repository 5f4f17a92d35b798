//! What a follow-up question takes over from the run that it follows.

use run::{Prior, RunId};

use super::runs::events::read_run;
use super::{ApiError, App, Caller};

/// Question, answer and sources of a finished run.
pub(super) async fn copy(
    app: &App,
    caller: &Caller,
    run_id: Option<RunId>,
    field: &str,
) -> Result<Option<Box<Prior>>, ApiError> {
    let Some(run_id) = run_id else {
        return Ok(None);
    };
    let run = read_run(app, caller, run_id)
        .await
        .map_err(|error| error.about(field))?;
    if run.ended().is_none() {
        let message = format!("{field} names a run that is still going on; wait for its end");
        return Err(ApiError::conflict(message).about(field));
    }
    Ok(Some(Box::new(Prior::of(&run))))
}
