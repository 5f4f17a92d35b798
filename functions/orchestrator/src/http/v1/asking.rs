//! Starting a run for a request, or joining the one that an equal request has started.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use drive::{Deadline, now_ms};
use run::{Event, Prior, RunId};

use super::super::begin::{Begun, begin};
use super::super::runs::events::{read_log, take_permit};
use super::super::{ApiError, App, Caller};
use super::repeat::Repeat;
use crate::sse::{self, Encode, Follower, Stream};

/// Starts that may meet each other: each time another one has taken the place of a run that had ended.
const TRIES: usize = 5;

/// How an answer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    Streamed,
    /// As one object, at the run's end.
    Whole,
    /// As one object, at once.
    AtOnce,
}

/// Who asks, and how the answer is to be given.
pub(super) struct Asking<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
    pub(super) deadline: Deadline,
    pub(super) given: Given,
    /// What writes the answer of a run.
    pub(super) encoder: &'a (dyn Fn(RunId) -> Box<dyn Encode> + Sync),
}

impl Asking<'_> {
    /// Starts a run, or joins the one that an equal request has started.
    pub(super) async fn run(
        &self,
        request: run::Request,
        prior: Option<Box<Prior>>,
        mut repeat: Repeat,
    ) -> Result<Response, ApiError> {
        let Self {
            app,
            caller,
            deadline,
            ..
        } = *self;
        for _ in 0..TRIES {
            let (request, prior) = (request.clone(), prior.clone());
            match begin(app, caller, request, prior, Some(&repeat.key)).await? {
                Begun::New { run_id, driver } if self.given == Given::AtOnce => {
                    driver.hand_over(deadline).await;
                    return self.follow(run_id).await;
                }
                Begun::New { run_id, driver } => {
                    let services = Arc::clone(&app.services);
                    let watched = driver.spawn(deadline);
                    let encoder = (self.encoder)(run_id);
                    let stream = Stream::live(services, run_id, deadline, watched, encoder);
                    return Ok(self.respond(run_id, stream).await);
                }
                Begun::Before(record) => match repeat.joins(app, &record).await? {
                    Some(run_id) => {
                        let counted = app.services.store.count_repeat(&caller.owner, now_ms());
                        if let Err(error) = counted.await {
                            tracing::warn!(%error, "a request that joined a run could not be counted");
                        }
                        return self.follow(run_id).await;
                    }
                    None => repeat = repeat.in_place_of(record.run_id),
                },
            }
        }
        Err(ApiError::no_room())
    }

    /// A run that is there.
    pub(super) async fn follow(&self, run_id: RunId) -> Result<Response, ApiError> {
        let Self {
            app,
            caller,
            deadline,
            ..
        } = *self;
        let events = read_log(app, caller, run_id).await?;
        let is_over = events
            .iter()
            .any(|(_, event)| matches!(event, Event::Complete { .. }));
        let permit = if is_over || self.given == Given::AtOnce {
            None
        } else {
            let function = app.services.timing.function;
            Some(take_permit(app, run_id, Follower::Owner(None), function).await?)
        };
        let services = Arc::clone(&app.services);
        let encoder = (self.encoder)(run_id);
        let stream = Stream::replay(services, run_id, deadline, events, permit, encoder);
        Ok(self.respond(run_id, stream).await)
    }

    async fn respond(&self, run_id: RunId, stream: Stream) -> Response {
        let mut response = match self.given {
            Given::Streamed => sse::respond(stream),
            Given::Whole | Given::AtOnce => sse::respond_whole(stream).await,
        };
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&run_id.to_string()) {
            for name in ["x-run-id", "x-request-id"] {
                headers.insert(HeaderName::from_static(name), id.clone());
            }
        }
        // The same question would be another run.
        headers.insert(
            HeaderName::from_static("x-should-retry"),
            HeaderValue::from_static("false"),
        );
        response
    }
}
