//! `POST /v1/chat/completions`.

mod form;
mod messages;
mod request;
mod task;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use drive::{Deadline, now_ms};
use run::{Event, Prior, RunId};

use super::super::begin::{Begun, begin, check_wishes};
use super::super::function_time::FunctionTime;
use super::super::read_body::read_object;
use super::super::runs::events::{read_log, take_permit};
use super::super::{ApiError, App, Caller};
use super::repeat::Repeat;
use crate::sse::{self, ChunkEncoder, CompletionEncoder, Encode, Stream};
use form::Form;
use request::{Asked, ChatRequest};

const PATH: &str = "/v1/chat/completions";
/// Starts that may meet each other: each time another one has taken the place of a run that had ended.
const TRIES: usize = 5;

pub(in super::super) async fn complete(
    State(app): State<App>,
    FunctionTime(deadline): FunctionTime,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let body = read_object(&headers, body).await?;
    let repeat = Repeat::of(&headers, PATH, &body)?;
    let ChatRequest { asked, form } = request::parse(body, &headers)?;
    match asked {
        Asked::Task(question) => task::answer(&app, &caller, question, &form).await,
        Asked::Run { request, turns } => {
            check_wishes(&app, &request, request::FORMAT)?;
            let chat = Chat {
                app: &app,
                caller: &caller,
                deadline,
                form: &form,
            };
            let prior = Prior::of_turns(turns).map(Box::new);
            chat.run(*request, prior, repeat).await
        }
    }
}

/// Who asks, and how the answer is to be given.
struct Chat<'a> {
    app: &'a App,
    caller: &'a Caller,
    deadline: Deadline,
    form: &'a Form,
}

impl Chat<'_> {
    /// Starts a run, or joins the one that an equal request has started.
    async fn run(
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
            match begin(app, caller, deadline, request, prior, Some(&repeat.key)).await? {
                Begun::New { run_id, watched } => {
                    let services = Arc::clone(&app.services);
                    let live = |encoder| Stream::live(services, run_id, deadline, watched, encoder);
                    return Ok(self.respond(run_id, live).await);
                }
                Begun::Before(record) => match repeat.joins(app, &record).await? {
                    Some(run_id) => return self.join(run_id).await,
                    None => repeat = repeat.in_place_of(record.run_id),
                },
            }
        }
        Err(ApiError::no_room())
    }

    async fn join(&self, run_id: RunId) -> Result<Response, ApiError> {
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
        let permit = if is_over {
            None
        } else {
            let function = app.services.timing.function;
            Some(take_permit(app, run_id, None, function).await?)
        };
        if let Err(error) = app.services.store.count_repeat(&caller.0, now_ms()).await {
            tracing::warn!(%error, "a request that joined a run could not be counted");
        }
        let services = Arc::clone(&app.services);
        let replay = |encoder| Stream::replay(services, run_id, deadline, events, permit, encoder);
        Ok(self.respond(run_id, replay).await)
    }

    async fn respond(
        &self,
        run_id: RunId,
        stream: impl FnOnce(Box<dyn Encode>) -> Stream,
    ) -> Response {
        let head = self.form.head(run_id.to_string(), run_id.at_ms());
        let mut response = if self.form.is_streamed {
            sse::respond(stream(Box::new(ChunkEncoder::new(head))))
        } else {
            sse::respond_whole(stream(Box::new(CompletionEncoder::new(head)))).await
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
