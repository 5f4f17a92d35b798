//! `DELETE /api/runs/{id}`: deletes everything stored of a run that has ended.

use axum::extract::State;
use axum::http::StatusCode;
use drive::now_ms;
use run::RunId;

use super::super::address::RunAddress;
use super::super::{ApiError, App, Caller};
use crate::deletion;

pub(in super::super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    RunAddress(run_id): RunAddress,
) -> Result<StatusCode, ApiError> {
    remove(&app, &caller, run_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a run of the caller's, unless it is still going on.
pub(in super::super) async fn remove(
    app: &App,
    caller: &Caller,
    run_id: RunId,
) -> Result<(), ApiError> {
    let store = &app.services.store;
    let head = store.head(run_id, now_ms()).await?;
    let head = head.ok_or_else(ApiError::no_such_run)?;
    caller.check(&head.owner)?;
    if deletion::delete(&app.services, &head).await? {
        return Ok(());
    }
    Err(ApiError::conflict(
        "The run is still going on; cancel it first.",
    ))
}
