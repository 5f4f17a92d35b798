//! `GET /api/stats`: what the caller's runs took, day by day.

use axum::Json;
use axum::extract::State;
use drive::now_ms;

use super::address::Parameters;
use super::error::quoted;
use super::{ApiError, App, Caller, limits};
use crate::wire::Stats;

pub(super) async fn stats(
    State(app): State<App>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Stats>, ApiError> {
    let count = days(parameters.get("days")?)?;
    let store = &app.services.store;
    let days = store.days(&caller.owner, count, now_ms()).await?;
    let limits = limits::of_caller(&app, &caller).await?;
    Ok(Json(Stats::of(days, limits)))
}

fn days(text: Option<&str>) -> Result<u32, ApiError> {
    let Some(text) = text else {
        return Ok(Stats::DEFAULT_DAYS);
    };
    let number = text.parse().ok();
    number
        .filter(|number| (1..=Stats::MAX_DAYS).contains(number))
        .ok_or_else(|| {
            let (most, got) = (Stats::MAX_DAYS, quoted(text));
            let message = format!("days must be between 1 and {most}, got {got}");
            ApiError::invalid_field("days", message)
        })
}
