//! `POST /api/chat/orchestrator/stream`: starts a run and streams its events.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use drive::{AUDIENCE_CAPACITY, Driver, now_ms};
use run::{Plan, RUN_TIME_LIMIT_MS, RunId, Start};
use tokio::sync::mpsc;
use ulid::Ulid;

use super::read_body::read_object;
use super::{ApiError, App, OWNER, start_request};
use crate::sse::{self, Feed};

pub(super) async fn start(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let body = read_object(&headers, body).await?;
    let services = Arc::clone(&app.services);
    let request = start_request::parse(body, &services.catalog)?;
    let created_at_ms = now_ms();
    let run_id = RunId::from_parts(created_at_ms, Ulid::generate().random());
    let start = Start {
        run_id,
        created_at_ms,
        plan: Plan {
            fallback: services.fallback(&request.preferences),
            time_limit_ms: RUN_TIME_LIMIT_MS,
        },
        request,
    };
    let driver = Driver::start(Arc::clone(&services), OWNER, start).await?;
    let (teller, tellings) = mpsc::channel(AUDIENCE_CAPACITY);
    // The run goes on when the client goes away: only its end, or a cancel, stops it.
    tokio::spawn(driver.drive(Some(teller)));
    let mut response = sse::respond(Feed::live(services, run_id, tellings));
    let headers = response.headers_mut();
    let id = run_id.to_string();
    if let (Ok(id), Ok(location)) = (
        HeaderValue::from_str(&id),
        HeaderValue::from_str(&format!("/api/runs/{id}/events")),
    ) {
        headers.insert(HeaderName::from_static("x-run-id"), id);
        headers.insert(header::LOCATION, location);
    }
    Ok(response)
}
