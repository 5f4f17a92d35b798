//! `POST /api/runs/{id}/rating`: what somebody thinks of a run that has ended. The last rating counts.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use drive::now_ms;
use serde_json::{Map, Value};
use store::{HeadStatus, Rated, Rating};

use super::super::address::RunAddress;
use super::super::fields::Fields;
use super::super::read_body::read_object;
use super::super::{ApiError, App, Caller};

/// Longest comment, in Unicode scalar values.
const MAX_COMMENT_CHARS: usize = 2_000;

pub(in super::super) async fn rate(
    State(app): State<App>,
    caller: Caller,
    RunAddress(run_id): RunAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let rated = parse(read_object(&headers, body).await?)?;
    let store = &app.services.store;
    let head = store.head(run_id, now_ms()).await?;
    let head = head.ok_or_else(ApiError::no_such_run)?;
    caller.check(&head.owner)?;
    if store.rate(&head, &rated, now_ms()).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    // The head may lag behind a log that has its end already.
    drive::close_ended(&app.services, &head).await?;
    let head = store.head(run_id, now_ms()).await?;
    match head.filter(|head| head.status != HeadStatus::Deleting) {
        None => Err(ApiError::no_such_run()),
        Some(head) if store.rate(&head, &rated, now_ms()).await? => Ok(StatusCode::NO_CONTENT),
        Some(_) => Err(ApiError::conflict(
            "The run is still going on; rate it when it has ended.",
        )),
    }
}

fn parse(body: Map<String, Value>) -> Result<Rated, ApiError> {
    let mut fields = Fields::new("", body);
    let rating = match fields.take("rating") {
        None => return Err(ApiError::invalid_field("rating", "rating is required")),
        Some(value) => value
            .as_str()
            .and_then(Rating::parse)
            .ok_or_else(|| ApiError::invalid_field("rating", "rating must be one of good, bad"))?,
    };
    let comment = fields.text("comment", MAX_COMMENT_CHARS)?;
    fields.finish()?;
    Ok(Rated { rating, comment })
}
