//! `GET /api/runs/{id}`: a run as it stands.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use drive::now_ms;

use super::super::address::RunAddress;
use super::super::{ApiError, App, Reader};
use super::events::read_any_run;
use crate::wire::Snapshot;

pub(in super::super) async fn show(
    State(app): State<App>,
    reader: Reader,
    RunAddress(run_id): RunAddress,
) -> Result<Response, ApiError> {
    let head = reader.head(&app, run_id).await?;
    let run = read_any_run(&app, run_id).await?;
    let snapshot = Snapshot::of(&run, now_ms());
    let snapshot = if reader.is_guest() {
        snapshot.for_guest()
    } else {
        snapshot.for_owner(head.share.is_some())
    };
    Ok(Json(snapshot).into_response())
}
