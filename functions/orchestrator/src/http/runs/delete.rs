//! `DELETE /api/runs/{id}`: deletes everything stored of a run that has ended.

use axum::extract::State;
use axum::http::StatusCode;
use drive::now_ms;

use super::super::address::RunAddress;
use super::super::{ApiError, App, Caller};

pub(in super::super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    RunAddress(run_id): RunAddress,
) -> Result<StatusCode, ApiError> {
    let store = &app.services.store;
    let head = store.head(run_id, now_ms()).await?;
    let head = head.ok_or_else(ApiError::no_such_run)?;
    caller.check(&head.owner)?;
    if store.delete(&head).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    // The head may lag behind a log that has its end already.
    drive::close_ended(&app.services, &head).await?;
    match store.head(run_id, now_ms()).await? {
        Some(head) if !store.delete(&head).await? => Err(ApiError::conflict(
            "The run is still going on; cancel it first.",
        )),
        Some(_) | None => Ok(StatusCode::NO_CONTENT),
    }
}
