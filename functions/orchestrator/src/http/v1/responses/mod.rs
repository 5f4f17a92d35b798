//! `/v1/responses`: a run as a response, started, seen again, cancelled and deleted.

mod echo;
mod input;
mod input_items;
mod references;
mod request;
mod stored;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use run::{EarlierTurn, Prior, RunId};

use super::super::begin::check_wishes;
use super::super::function_time::FunctionTime;
use super::super::read_body::read_object;
use super::super::runs::events::watcher;
use super::super::{ApiError, App, Caller, previous};
use super::asking::{Asking, Given};
use super::repeat::Repeat;
use crate::sse::{Encode, Moment, ResponseStream, WholeResponse};
use request::{PREVIOUS, Wanted};

pub(in super::super) use input_items::list;
pub(in super::super) use stored::{cancel, delete, show};

const PATH: &str = "/v1/responses";

pub(in super::super) async fn create(
    State(app): State<App>,
    FunctionTime(deadline): FunctionTime,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let mut body = read_object(&headers, body).await?;
    let repeat = Repeat::of(&headers, PATH, &body)?;
    let followed = references::follow(&app, &caller, &mut body).await;
    let Wanted {
        request,
        turns,
        given,
    } = request::parse(body)?;
    check_wishes(&app, &request, request::FORMAT)?;
    let prior = match followed {
        Ok(()) => prior(&app, &caller, request.previous_run_id, turns).await,
        Err(error) => Err(error),
    };
    let encoder = |_: RunId| -> Box<dyn Encode> {
        match given {
            Given::Streamed => Box::new(ResponseStream::from(0)),
            Given::Whole => Box::new(WholeResponse::new(Moment::Answer)),
            Given::Ended => Box::new(WholeResponse::new(Moment::End)),
            Given::AtOnce => Box::new(WholeResponse::new(Moment::Now)),
        }
    };
    let asking = Asking {
        app: &app,
        caller: &caller,
        deadline,
        given,
        watcher: watcher(&headers)?,
        encoder: &encoder,
    };
    asking.run(*request, prior, repeat).await
}

/// The turns of the response that this one follows, then those that came with the request.
async fn prior(
    app: &App,
    caller: &Caller,
    previous: Option<RunId>,
    turns: Vec<EarlierTurn>,
) -> Result<Option<Box<Prior>>, ApiError> {
    if let Some(run_id) = previous {
        stored::check_kept(app, caller, run_id)
            .await
            .map_err(|error| error.about(PREVIOUS))?;
    }
    let copied = previous::copy(app, caller, previous, PREVIOUS).await?;
    Ok(match copied {
        Some(prior) => Some(Box::new(prior.then(turns))),
        None => Prior::of_turns(turns).map(Box::new),
    })
}
