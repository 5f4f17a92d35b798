//! `DELETE /api/runs/{id}`: deletes everything stored of a run that has ended.

use axum::extract::State;
use axum::http::StatusCode;
use drive::now_ms;

use super::super::address::RunAddress;
use super::super::{ApiError, App};

pub(in super::super) async fn delete(
    State(app): State<App>,
    RunAddress(run_id): RunAddress,
) -> Result<StatusCode, ApiError> {
    let store = &app.services.store;
    let head = store.head(run_id, now_ms()).await?;
    let head = head.ok_or_else(ApiError::no_such_run)?;
    if store.delete(&head).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::conflict(
            "The run is still going on; cancel it first.",
        ))
    }
}
