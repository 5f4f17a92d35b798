//! A response that is there: seen again, cancelled, deleted.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use drive::Cancelled;
use run::{Event, RunId};
use serde_json::{Value, json};

use super::super::super::address::{Parameters, ResponseAddress};
use super::super::super::function_time::FunctionTime;
use super::super::super::runs::delete::remove;
use super::super::super::runs::events::{read_log, watcher};
use super::super::super::{ApiError, App, Caller};
use super::super::asking::{Asking, Given};
use crate::sse::{Encode, Moment, ResponseStream, WholeResponse, prefixed};

const STARTING_AFTER: &str = "starting_after";

/// Refuses a run that is to be forgotten: for whoever asks for it again, it is none.
pub(super) async fn check_kept(app: &App, caller: &Caller, run_id: RunId) -> Result<(), ApiError> {
    let events = read_log(app, caller, run_id).await?;
    match events.first() {
        Some((_, Event::Start(start))) if !start.request.is_forgotten() => Ok(()),
        Some(_) | None => Err(ApiError::no_such_run()),
    }
}

/// `GET /v1/responses/{response_id}`: as it stands, or its frames from one on.
pub(in super::super::super) async fn show(
    State(app): State<App>,
    FunctionTime(deadline): FunctionTime,
    caller: Caller,
    ResponseAddress(run_id): ResponseAddress,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let is_streamed = match parameters.get("stream")? {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            return Err(ApiError::invalid_field(
                "stream",
                "stream must be true or false",
            ));
        }
    };
    let first = match parameters.get(STARTING_AFTER)? {
        None => 0,
        Some(number) => number
            .parse::<u64>()
            .ok()
            .and_then(|it| it.checked_add(1))
            .ok_or_else(|| {
                let message = "starting_after must be the number of a frame, a whole number";
                ApiError::invalid_field(STARTING_AFTER, message)
            })?,
    };
    check_kept(&app, &caller, run_id).await?;
    let encoder = |_: RunId| -> Box<dyn Encode> {
        if is_streamed {
            Box::new(ResponseStream::from(first))
        } else {
            Box::new(WholeResponse::new(Moment::Now))
        }
    };
    let asking = Asking {
        app: &app,
        caller: &caller,
        deadline,
        given: if is_streamed {
            Given::Streamed
        } else {
            Given::AtOnce
        },
        watcher: watcher(&headers)?,
        encoder: &encoder,
    };
    asking.follow(run_id).await
}

/// `POST /v1/responses/{response_id}/cancel`: ends the run; answers with the response as it ended.
pub(in super::super::super) async fn cancel(
    State(app): State<App>,
    FunctionTime(deadline): FunctionTime,
    caller: Caller,
    ResponseAddress(run_id): ResponseAddress,
) -> Result<Response, ApiError> {
    let services = std::sync::Arc::clone(&app.services);
    let by = (&caller.owner, "user");
    match drive::cancel(services, run_id, by, deadline).await? {
        Cancelled::Requested | Cancelled::Over(_) => {}
        Cancelled::NoSuchRun => return Err(ApiError::no_such_run()),
    }
    let asking = Asking {
        app: &app,
        caller: &caller,
        deadline,
        given: Given::Ended,
        watcher: None,
        encoder: &|_| Box::new(WholeResponse::new(Moment::End)),
    };
    asking.follow(run_id).await
}

/// `DELETE /v1/responses/{response_id}`: deletes the run.
pub(in super::super::super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    ResponseAddress(run_id): ResponseAddress,
) -> Result<Json<Value>, ApiError> {
    remove(&app, &caller, run_id).await?;
    Ok(Json(
        json!({"id": prefixed(run_id), "object": "response", "deleted": true}),
    ))
}
