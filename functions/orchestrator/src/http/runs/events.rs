//! `GET /api/runs/{id}/events`: replays a run from a position, then follows it. A run whose driver was lost is taken
//! over on the way.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use drive::{Deadline, now_ms};
use run::{Run, RunId, Seq};
use serde::Deserialize;
use store::{Consistency, LogEvent};

use super::super::function_time::FunctionTime;
use super::super::{ApiError, App};
use super::parse_id;
use crate::sse::{self, Feed};

pub(in super::super) const LAST_EVENT_ID: &str = "Last-Event-ID";

#[derive(Deserialize)]
pub(in super::super) struct Parameters {
    after: Option<String>,
}

pub(in super::super) async fn events(
    State(app): State<App>,
    FunctionTime(deadline): FunctionTime,
    Path(id): Path<String>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let after = position(&parameters, &headers)?;
    follow(&app, parse_id(&id)?, after, deadline).await
}

/// Streams a run's events after a position, or says that nothing is left.
pub(in super::super) async fn follow(
    app: &App,
    run_id: RunId,
    after: Seq,
    deadline: Deadline,
) -> Result<Response, ApiError> {
    let (run, events) = read_run(app, run_id).await?;
    if after > run.last_seq {
        return Err(ApiError::invalid_field(
            "after",
            format!(
                "after must not lie beyond the last event, {}, got {after}",
                run.last_seq
            ),
        ));
    }
    if after == run.last_seq && run.ended().is_some() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let ticket = app.tails.enter(run_id).ok_or_else(|| {
        ApiError::rate_limited("This run has as many watchers as it can have; close one of them.")
    })?;
    let services = Arc::clone(&app.services);
    let feed = Feed::replay(services, run_id, deadline, after, events, ticket);
    Ok(sse::respond(feed))
}

/// A run and its events, read strongly.
pub(in super::super) async fn read_run(
    app: &App,
    run_id: RunId,
) -> Result<(Run, Vec<LogEvent>), ApiError> {
    let store = &app.services.store;
    let log = store
        .read(run_id, Seq(1), Consistency::Strong, now_ms())
        .await?;
    let run = Run::fold(log.events.iter().map(|(_, event)| event));
    let run = run.ok_or_else(ApiError::no_such_run)?;
    Ok((run, log.events))
}

/// The larger of the parameter and the header; both count events that the client has seen.
fn position(parameters: &Parameters, headers: &HeaderMap) -> Result<Seq, ApiError> {
    let header = last_event_id(headers)?;
    let parameter = parameters
        .after
        .as_deref()
        .map(|text| parse("after", text))
        .transpose()?;
    Ok(header.max(parameter).unwrap_or_default())
}

pub(in super::super) fn last_event_id(headers: &HeaderMap) -> Result<Option<Seq>, ApiError> {
    headers
        .get(LAST_EVENT_ID)
        .map(|value| parse(LAST_EVENT_ID, value.to_str().unwrap_or("")))
        .transpose()
}

fn parse(name: &str, text: &str) -> Result<Seq, ApiError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    number.map(Seq).ok_or_else(|| {
        ApiError::invalid_field(
            name,
            format!("{name} must be the id of an event, a whole number"),
        )
    })
}
