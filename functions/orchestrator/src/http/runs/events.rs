//! `GET /api/runs/{id}/events`: replays a run from a position, then follows it. A run whose driver was lost is taken
//! over on the way.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use drive::{Deadline, now_ms};
use futures_util::future::BoxFuture;
use run::{Event, Run, RunId, Seq};
use store::{Consistency, LogEvent, Watcher};

use super::super::address::{Parameters, RunAddress};
use super::super::function_time::FunctionTime;
use super::super::{ApiError, App, Caller, Reader};
use crate::sse::{self, EventEncoder, Stream, WatcherPermit};

pub(in super::super) const LAST_EVENT_ID: &str = "Last-Event-ID";

const AFTER: &str = "after";
const WATCHER: &str = "x-watcher";
const MAX_WATCHER_CHARS: usize = 64;

/// How far a client has read, and which part of its request says so.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Position {
    pub(in super::super) seq: Seq,
    pub(in super::super) said_by: &'static str,
}

impl Position {
    /// Nothing has been read.
    pub(in super::super) const START: Self = Self {
        seq: Seq(0),
        said_by: AFTER,
    };
}

pub(in super::super) async fn events(
    State(app): State<App>,
    FunctionTime(deadline): FunctionTime,
    reader: Reader,
    RunAddress(run_id): RunAddress,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let after = position(&parameters, &headers)?;
    let watcher = watcher(&headers)?;
    let watcher = match &reader {
        Reader::Caller(_) => of_owner(watcher),
        Reader::Guest(_) => Watcher::Guest(watcher),
    };
    let events = match &reader {
        Reader::Caller(caller) => read_log(&app, caller, run_id).await?,
        Reader::Guest(_) => {
            reader.head(&app, run_id).await?;
            read_any_log(&app, run_id).await?
        }
    };
    follow_log(&app, events, run_id, after, deadline, watcher).await
}

/// Streams a run's events after a position, or says that nothing is left. A watcher with a name ends what it followed before.
pub(in super::super) async fn follow(
    app: &App,
    caller: &Caller,
    run_id: RunId,
    after: Position,
    deadline: Deadline,
    watcher: Option<&str>,
) -> Result<Response, ApiError> {
    let events = read_log(app, caller, run_id).await?;
    follow_log(app, events, run_id, after, deadline, of_owner(watcher)).await
}

fn of_owner(watcher: Option<&str>) -> Watcher<'_> {
    watcher.map_or(Watcher::Nameless, Watcher::Named)
}

/// As [`follow`], of a log that was read.
fn follow_log<'a>(
    app: &'a App,
    events: Vec<LogEvent>,
    run_id: RunId,
    after: Position,
    deadline: Deadline,
    watcher: Watcher<'a>,
) -> BoxFuture<'a, Result<Response, ApiError>> {
    // Of no type of its own, so that it stands in the binary once and not in each route.
    Box::pin(async move {
        let last = events.last().map_or(Seq(0), |(last, _)| *last);
        let is_over = events
            .iter()
            .any(|(_, event)| matches!(event, Event::Complete { .. }));
        let Position { seq, said_by } = after;
        if seq > last {
            return Err(ApiError::invalid_field(
                said_by,
                format!("{said_by} must not lie beyond the last event, {last}, got {seq}"),
            ));
        }
        if seq == last && is_over {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        // A run that is over is told at once, to whoever asks.
        let permit = if is_over {
            None
        } else {
            let watch = app.services.timing.watch;
            Some(take_permit(app, run_id, watcher, watch).await?)
        };
        let services = Arc::clone(&app.services);
        let stream = Stream::replay(
            services,
            run_id,
            deadline,
            events,
            permit,
            Box::new(EventEncoder::after(seq)),
        );
        Ok(sse::respond(match watcher {
            Watcher::Guest(_) => stream.without_takeover(),
            Watcher::Named(_) | Watcher::Nameless | Watcher::Yielding => stream,
        }))
    })
}

pub(in super::super) async fn take_permit(
    app: &App,
    run_id: RunId,
    watcher: Watcher<'_>,
    stream: Duration,
) -> Result<WatcherPermit, ApiError> {
    let permit = WatcherPermit::take(&app.services, run_id, watcher, stream).await?;
    permit.ok_or_else(|| {
        ApiError::rate_limited("This run has as many watchers as it can have; close one of them.")
    })
}

/// A run of the caller's, as its log tells it.
pub(in super::super) async fn read_run(
    app: &App,
    caller: &Caller,
    run_id: RunId,
) -> Result<Run, ApiError> {
    let events = read_log(app, caller, run_id).await?;
    let run = Run::fold(events.iter().map(|(_, event)| event));
    run.ok_or_else(ApiError::no_such_run)
}

/// The events of a run of the caller's from the first one on, read strongly.
pub(in super::super) async fn read_log(
    app: &App,
    caller: &Caller,
    run_id: RunId,
) -> Result<Vec<LogEvent>, ApiError> {
    let events = read_any_log(app, run_id).await?;
    match events.first() {
        Some((_, Event::Start(start))) => caller.check(&start.owner)?,
        Some(_) | None => return Err(ApiError::no_such_run()),
    }
    Ok(events)
}

/// The events of a run that may be told to whoever asks, from the first one on, read strongly.
async fn read_any_log(app: &App, run_id: RunId) -> Result<Vec<LogEvent>, ApiError> {
    let store = &app.services.store;
    let log = store.read(run_id, Seq(1), Consistency::Strong, now_ms());
    Ok(log.await?.events)
}

/// A run that may be told to whoever asks, as its log tells it.
pub(super) async fn read_any_run(app: &App, run_id: RunId) -> Result<Run, ApiError> {
    let events = read_any_log(app, run_id).await?;
    let run = Run::fold(events.iter().map(|(_, event)| event));
    run.ok_or_else(ApiError::no_such_run)
}

/// The larger of the parameter and the header; both count events that the client has seen.
fn position(parameters: &Parameters, headers: &HeaderMap) -> Result<Position, ApiError> {
    let header = last_event_id(headers)?;
    let parameter = parameters
        .get(AFTER)?
        .map(|text| parse(AFTER, text))
        .transpose()?;
    let larger = header.into_iter().chain(parameter).max_by_key(|it| it.seq);
    Ok(larger.unwrap_or(Position::START))
}

pub(in super::super) fn last_event_id(headers: &HeaderMap) -> Result<Option<Position>, ApiError> {
    headers
        .get(LAST_EVENT_ID)
        .map(|value| parse(LAST_EVENT_ID, value.to_str().unwrap_or("")))
        .transpose()
}

/// The name by which a client says that it is the one that followed the run before.
pub(in super::super) fn watcher(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = headers.get(WATCHER) else {
        return Ok(None);
    };
    let name = value.to_str().unwrap_or("");
    let is_named = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_named && (1..=MAX_WATCHER_CHARS).contains(&name.len()) {
        return Ok(Some(name));
    }
    Err(ApiError::invalid_field(
        WATCHER,
        format!("{WATCHER} must be 1 to {MAX_WATCHER_CHARS} letters, digits and hyphens"),
    ))
}

fn parse(said_by: &'static str, text: &str) -> Result<Position, ApiError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seq = digits.then(|| text.parse().ok()).flatten().map(Seq);
    let seq = seq.ok_or_else(|| {
        ApiError::invalid_field(
            said_by,
            format!("{said_by} must be the id of an event, a whole number"),
        )
    })?;
    Ok(Position { seq, said_by })
}
