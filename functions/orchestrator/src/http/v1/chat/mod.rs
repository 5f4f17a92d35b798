//! `POST /v1/chat/completions`.

pub(super) mod form;
mod read_messages;
pub(super) mod request;
mod task;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use run::{Prior, RunId};

use super::super::begin::check_wishes;
use super::super::function_time::FunctionTime;
use super::super::read_body::read_object;
use super::super::runs::events::watcher;
use super::super::{ApiError, App, Caller};
use super::asking::{Asking, Given};
use super::repeat::Repeat;
use crate::sse::{ChunkEncoder, CompletionEncoder, Encode};
use request::{Asked, ChatRequest};

const PATH: &str = "/v1/chat/completions";

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
            let encoder = |run_id: RunId| -> Box<dyn Encode> {
                let head = form.head(run_id.to_string(), run_id.at_ms());
                if form.is_streamed {
                    Box::new(ChunkEncoder::new(head))
                } else {
                    Box::new(CompletionEncoder::new(head))
                }
            };
            let asking = Asking {
                app: &app,
                caller: &caller,
                deadline,
                given: if form.is_streamed {
                    Given::Streamed
                } else {
                    Given::Whole
                },
                watcher: watcher(&headers)?,
                encoder: &encoder,
            };
            let prior = Prior::of_turns(turns).map(Box::new);
            asking.run(*request, Ok(prior), repeat).await
        }
    }
}
