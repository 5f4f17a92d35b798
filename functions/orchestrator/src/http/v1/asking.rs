//! The answer to a request: that of the run that it starts, or of one that is there.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use drive::Deadline;
use run::{Event, Prior, RunId};
use store::Watcher;

use super::super::runs::events::{read_log, take_permit};
use super::super::{ApiError, App, Caller};
use super::repeat::{Meant, Repeat};
use crate::sse::{self, Encode, Stream};

/// How an answer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    Streamed,
    /// As one object, at the run's end.
    Whole,
    /// The same where that end has been asked for, so that it is near: then it takes no place of those who watch.
    Ended,
    /// As one object, at once.
    AtOnce,
}

/// Who asks, and how the answer is to be given.
pub(super) struct Asking<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
    pub(super) deadline: Deadline,
    pub(super) given: Given,
    /// The name by which the client says that it is the one that followed the run before.
    pub(super) watcher: Option<&'a str>,
    /// What writes the answer of a run.
    pub(super) encoder: &'a (dyn Fn(RunId) -> Box<dyn Encode> + Sync),
}

impl Asking<'_> {
    /// Starts a run, or joins the one that an equal request has started.
    pub(super) async fn run(
        &self,
        request: run::Request,
        prior: Result<Option<Box<Prior>>, ApiError>,
        repeat: Repeat,
    ) -> Result<Response, ApiError> {
        let (app, deadline) = (self.app, self.deadline);
        let is_left = self.given == Given::AtOnce;
        let meant = repeat.start_or_join(app, self.caller, request, prior, is_left);
        match meant.await? {
            Meant::Joined(run_id) => self.follow(run_id).await,
            Meant::New { run_id, driver } if is_left => {
                driver.hand_over(deadline).await;
                self.follow(run_id).await
            }
            Meant::New { run_id, driver } => {
                let services = Arc::clone(&app.services);
                let watched = driver.spawn(deadline);
                let encoder = (self.encoder)(run_id);
                let stream = Stream::live(services, run_id, deadline, watched, encoder);
                Ok(self.respond(run_id, stream).await)
            }
        }
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
        let permit = match self.given {
            Given::Streamed | Given::Whole if !is_over => {
                let function = app.services.timing.function;
                let watcher = self.watcher.map_or(Watcher::Yielding, Watcher::Named);
                Some(take_permit(app, run_id, watcher, function).await?)
            }
            Given::Streamed | Given::Whole | Given::Ended | Given::AtOnce => None,
        };
        let services = Arc::clone(&app.services);
        let encoder = (self.encoder)(run_id);
        let stream = Stream::replay(services, run_id, deadline, events, permit, encoder);
        Ok(self.respond(run_id, stream).await)
    }

    async fn respond(&self, run_id: RunId, stream: Stream) -> Response {
        let mut response = match self.given {
            Given::Streamed => sse::respond(stream),
            Given::Whole | Given::Ended | Given::AtOnce => sse::respond_whole(stream).await,
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
