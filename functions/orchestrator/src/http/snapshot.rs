//! `GET /api/runs/{id}`: a run as it stands.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use drive::now_ms;

use super::events::read_run;
use super::{ApiError, App};
use crate::wire::Snapshot;

pub(super) async fn snapshot(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let run_id = id.parse().map_err(|_| ApiError::no_such_run())?;
    let (run, _) = read_run(&app, run_id).await?;
    Ok(Json(Snapshot::of(&run, now_ms())).into_response())
}
