//! `PATCH /api/runs/{id}`: another title, a pin. Both are of the list alone; a run that is under way is not disturbed.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use drive::now_ms;
use serde_json::{Map, Value};
use store::{HeadStatus, MAX_TITLE_CHARS};

use super::super::address::RunAddress;
use super::super::fields::Fields;
use super::super::read_body::read_object;
use super::super::{ApiError, App, Caller};
use crate::wire::ListedRun;

/// What is to be changed.
struct Change {
    title: Option<String>,
    pinned: Option<bool>,
}

pub(in super::super) async fn change(
    State(app): State<App>,
    caller: Caller,
    RunAddress(run_id): RunAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ListedRun>, ApiError> {
    let change = parse(read_object(&headers, body).await?)?;
    let store = &app.services.store;
    let head = store.head(run_id, now_ms()).await?;
    let head = head.filter(|head| head.status != HeadStatus::Deleting);
    let head = head.ok_or_else(ApiError::no_such_run)?;
    caller.check(&head.owner)?;
    if let Some(title) = &change.title
        && !store.rename(run_id, title).await?
    {
        return Err(ApiError::no_such_run());
    }
    if let Some(pinned) = change.pinned
        && !store.pin(&head, pinned, now_ms()).await?
    {
        return Err(ApiError::no_such_run());
    }
    let listed = store.listed(&head.owner, run_id, now_ms()).await?;
    let listed = listed.ok_or_else(ApiError::no_such_run)?;
    Ok(Json(ListedRun::of(listed)))
}

fn parse(body: Map<String, Value>) -> Result<Change, ApiError> {
    let mut fields = Fields::new("", body);
    let change = Change {
        title: fields.text("title", MAX_TITLE_CHARS)?,
        pinned: fields.flag("pinned")?,
    };
    fields.finish()?;
    Ok(change)
}
