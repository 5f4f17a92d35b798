//! `POST /api/runs/{id}/cancel`: ends a run, keeping what it has so far.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use drive::Cancelled;
use serde::Serialize;

use super::super::address::RunAddress;
use super::super::function_time::FunctionTime;
use super::super::{ApiError, App, Caller};

#[derive(Serialize)]
struct Answer {
    status: &'static str,
}

pub(in super::super) async fn cancel(
    State(app): State<App>,
    FunctionTime(deadline): FunctionTime,
    caller: Caller,
    RunAddress(run_id): RunAddress,
) -> Result<Response, ApiError> {
    let by = (&caller.owner, "user");
    let services = Arc::clone(&app.services);
    let (code, status) = match drive::cancel(services, run_id, by, deadline).await? {
        Cancelled::Requested => (StatusCode::ACCEPTED, "cancelling"),
        Cancelled::Over(status) => (StatusCode::OK, status.as_str()),
        Cancelled::NoSuchRun => return Err(ApiError::no_such_run()),
    };
    Ok((code, Json(Answer { status })).into_response())
}
