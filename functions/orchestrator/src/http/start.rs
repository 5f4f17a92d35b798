//! `POST /api/chat/orchestrator/stream`: starts a run and streams its events, or goes on with the one that its key has
//! started.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use drive::{Deadline, now_ms};
use run::{Request, RunId, Seq};
use store::{IdempotencyKey, IdempotencyRecord};

use super::answer_schema::ANSWER_SCHEMA;
use super::begin::{Begun, begin, check_wishes};
use super::function_time::FunctionTime;
use super::read_body::read_object;
use super::runs::events::{LAST_EVENT_ID, Position, follow, last_event_id, watcher};
use super::{ApiError, App, Caller, previous, start_request};
use crate::sse::{self, EventEncoder, Stream};

pub(super) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// Longest key, in characters.
const MAX_KEY_CHARS: usize = 200;

pub(super) async fn start(
    State(app): State<App>,
    FunctionTime(deadline): FunctionTime,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let body = read_object(&headers, body).await?;
    let request = start_request::parse(body, &app.services.catalog)?;
    check_wishes(&app, &request, ANSWER_SCHEMA)?;
    let key = idempotency_key(&headers)?
        .map(|key| IdempotencyKey::new(key, &request))
        .transpose()?;
    let asker = Asker {
        app: &app,
        caller: &caller,
        deadline,
        watcher: watcher(&headers)?,
    };
    match (last_event_id(&headers)?, key) {
        (None, key) => asker.begin(request, key.as_ref()).await,
        (Some(after), Some(key)) => asker.resume(&key, after).await,
        (Some(_), None) => Err(ApiError::invalid_field(
            LAST_EVENT_ID,
            "Last-Event-ID resumes a start only beside the Idempotency-Key that it was sent with",
        )),
    }
}

/// The caller that starts a run, or comes back to one.
struct Asker<'a> {
    app: &'a App,
    caller: &'a Caller,
    deadline: Deadline,
    watcher: Option<&'a str>,
}

impl Asker<'_> {
    async fn begin(
        &self,
        request: Request,
        key: Option<&IdempotencyKey>,
    ) -> Result<Response, ApiError> {
        if let (Some(key), Some(_)) = (key, request.previous_run_id)
            && let Some(record) = self.idempotency_record(key).await?
        {
            // The run that this one follows may have been deleted since.
            return self.attach(&record, key, Position::START).await;
        }
        let Self {
            app,
            caller,
            deadline,
            ..
        } = *self;
        let prior = previous::copy(app, caller, request.previous_run_id, "previous_run_id").await?;
        match (begin(app, caller, request, prior, key, false).await?, key) {
            (Begun::New { run_id, driver }, _) => {
                let watched = driver.spawn(deadline);
                let services = Arc::clone(&app.services);
                let encoder = Box::new(EventEncoder::after(Seq(0)));
                let stream = Stream::live(services, run_id, deadline, watched, encoder);
                Ok(named(run_id, sse::respond(stream)))
            }
            (Begun::Before(record), Some(key)) => self.attach(&record, key, Position::START).await,
            (Begun::Before(record), None) => self.follow(record.run_id, Position::START).await,
        }
    }

    async fn resume(&self, key: &IdempotencyKey, after: Position) -> Result<Response, ApiError> {
        match self.idempotency_record(key).await? {
            Some(record) => self.attach(&record, key, after).await,
            None => Err(ApiError::invalid_field(
                IDEMPOTENCY_KEY,
                "Idempotency-Key has started no run that could be resumed",
            )),
        }
    }

    async fn idempotency_record(
        &self,
        key: &IdempotencyKey,
    ) -> Result<Option<IdempotencyRecord>, ApiError> {
        let store = &self.app.services.store;
        Ok(store
            .idempotency_record(key, &self.caller.owner, now_ms())
            .await?)
    }

    async fn attach(
        &self,
        record: &IdempotencyRecord,
        key: &IdempotencyKey,
        after: Position,
    ) -> Result<Response, ApiError> {
        if !record.is_for(key) {
            return Err(ApiError::conflict(
                "Idempotency-Key was used for another request; send a new one",
            )
            .about(IDEMPOTENCY_KEY));
        }
        let followed = self.follow(record.run_id, after).await?;
        Ok(named(record.run_id, followed))
    }

    async fn follow(&self, run_id: RunId, after: Position) -> Result<Response, ApiError> {
        let Self {
            app,
            caller,
            deadline,
            watcher,
        } = *self;
        follow(app, caller, run_id, after, deadline, watcher).await
    }
}

/// Names the run of a stream in the response's head.
fn named(run_id: RunId, mut response: Response) -> Response {
    let headers = response.headers_mut();
    let id = run_id.to_string();
    if let (Ok(id), Ok(location)) = (
        HeaderValue::from_str(&id),
        HeaderValue::from_str(&format!("/api/runs/{id}/events")),
    ) {
        headers.insert(HeaderName::from_static("x-run-id"), id);
        headers.insert(header::LOCATION, location);
    }
    response
}

pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let key = str::from_utf8(value.as_bytes()).unwrap_or("");
    if (1..=MAX_KEY_CHARS).contains(&key.chars().count()) {
        return Ok(Some(key));
    }
    Err(ApiError::invalid_field(
        IDEMPOTENCY_KEY,
        format!("Idempotency-Key must be 1 to {MAX_KEY_CHARS} characters of UTF-8"),
    ))
}
