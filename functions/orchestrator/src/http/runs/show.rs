//! `GET /api/runs/{id}`: a run as it stands.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use drive::now_ms;

use super::super::{ApiError, App};
use super::events::read_run;
use super::parse_id;
use crate::wire::Snapshot;

pub(in super::super) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let (run, _) = read_run(&app, parse_id(&id)?).await?;
    Ok(Json(Snapshot::of(&run, now_ms())).into_response())
}
