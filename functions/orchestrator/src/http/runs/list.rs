//! `GET /api/runs`: the caller's runs, newest first, page by page: all, those whose titles hold some words, or those that are pinned.

use axum::Json;
use axum::extract::State;
use drive::now_ms;
use run::RunId;
use store::{MAX_TITLE_CHARS, Words};

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
    let words = words(parameters.get("q")?)?;
    let only_pinned = only_pinned(parameters.get("pinned")?)?;
    let (store, owner, now_ms) = (&app.services.store, &caller.owner, now_ms());
    let page = match &words {
        _ if only_pinned => {
            let mut page = store.pinned(owner, after, limit, now_ms).await?;
            let is_asked = |title: &str| words.as_ref().is_none_or(|words| words.are_in(title));
            page.runs.retain(|run| is_asked(&run.title));
            page
        }
        Some(words) => store.search(owner, words, after, limit, now_ms).await?,
        None => store.history(owner, after, limit, now_ms).await?,
    };
    Ok(Json(RunList::of(page)))
}

/// What titles are searched for; a blank one asks for nothing.
fn words(text: Option<&str>) -> Result<Option<Words>, ApiError> {
    let text = text.unwrap_or_default();
    let chars = text.chars().count();
    if chars > MAX_TITLE_CHARS {
        return Err(ApiError::invalid_field(
            "q",
            format!("q must have at most {MAX_TITLE_CHARS} characters, got {chars}"),
        ));
    }
    Ok(Words::of(text))
}

fn only_pinned(text: Option<&str>) -> Result<bool, ApiError> {
    match text {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(ApiError::invalid_field(
            "pinned",
            format!("pinned must be true or false, got {}", quoted(other)),
        )),
    }
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
