//! `GET /api/runs/{id}`: a run as it stands.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use drive::now_ms;

use super::super::address::RunAddress;
use super::super::{ApiError, App, Caller};
use super::events::read_run;
use crate::wire::Snapshot;

pub(in super::super) async fn show(
    State(app): State<App>,
    caller: Caller,
    RunAddress(run_id): RunAddress,
) -> Result<Response, ApiError> {
    let run = read_run(&app, &caller, run_id).await?;
    Ok(Json(Snapshot::of(&run, now_ms())).into_response())
}
