//! `GET /api/runs`: the caller's runs, newest first, page by page.

use axum::Json;
use axum::extract::State;
use drive::now_ms;
use run::RunId;

use super::super::address::Parameters;
use super::super::error::quoted;
use super::super::{ApiError, App, Caller};
use crate::wire::RunList;

pub(in super::super) async fn list(
    State(app): State<App>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<RunList>, ApiError> {
    let limit = limit(parameters.get("limit")?)?;
    let after = parameters.get("cursor")?.map(cursor).transpose()?;
    let store = &app.services.store;
    let page = store.history(&caller.0, after, limit, now_ms()).await?;
    Ok(Json(RunList::of(page)))
}

fn limit(text: Option<&str>) -> Result<u32, ApiError> {
    let Some(text) = text else {
        return Ok(RunList::DEFAULT_LIMIT);
    };
    let number = text.parse().ok();
    number
        .filter(|number| (1..=RunList::MAX_LIMIT).contains(number))
        .ok_or_else(|| {
            ApiError::invalid_field(
                "limit",
                format!(
                    "limit must be between 1 and {}, got {}",
                    RunList::MAX_LIMIT,
                    quoted(text)
                ),
            )
        })
}

/// A cursor is the id of the last run of the page before.
fn cursor(text: &str) -> Result<RunId, ApiError> {
    text.parse().map_err(|_| {
        ApiError::invalid_field("cursor", "cursor must be one that a page of this list gave")
    })
}
