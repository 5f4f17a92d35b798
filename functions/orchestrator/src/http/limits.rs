//! What the caller may use: what a start is told that would pass it, and what is left.

use axum::http::StatusCode;
use drive::{Refusal, now_ms};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use store::{Account, LimitMet, Pause, Used};

use super::error::MetLimit;
use super::{ApiError, App, Caller};
use crate::wire::{PARALLEL, RUNS_PER_MINUTE, USD_PER_DAY, no_limits, rfc3339};

const PAUSED: &str = "paused";
/// Seconds after which one of the runs at once may have ended, and a pause.
const AFTER_A_RUN: u64 = 10;
const AFTER_A_PAUSE: u64 = 60;

/// Why a run was not started, and when to come back.
pub(super) fn refusal(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::NoRoom => ApiError::no_room(),
        Refusal::Paused(pause) => paused(&pause),
        Refusal::LimitMet(met) => limited(met, now_ms()),
    }
}

fn paused(Pause { reason, .. }: &Pause) -> ApiError {
    let reason = if reason.is_empty() {
        String::new()
    } else {
        format!(" It says: {reason}")
    };
    let message =
        format!("The operator of this service lets no run begin now; nothing was started.{reason}");
    let code = (StatusCode::SERVICE_UNAVAILABLE, "unavailable");
    ApiError::limited(code, met(PAUSED, None), AFTER_A_PAUSE, message)
}

fn limited(limit_met: LimitMet, now_ms: u64) -> ApiError {
    let seconds = |at_ms: u64| at_ms.saturating_sub(now_ms).div_ceil(1000).max(1);
    let too_many = (StatusCode::TOO_MANY_REQUESTS, "rate_limited");
    match limit_met {
        LimitMet::RunsPerMinute { limit, free_at_ms } => {
            let after = seconds(free_at_ms);
            let message = format!(
                "The limit is {limit} runs a minute; nothing was started. Ask again in {after} seconds."
            );
            ApiError::limited(too_many, met(RUNS_PER_MINUTE, Some(limit)), after, message)
        }
        LimitMet::Parallel { limit } => {
            let message = format!(
                "The limit is {limit} runs under way at once; nothing was started. Ask again when one of them has ended, or cancel one."
            );
            ApiError::limited(too_many, met(PARALLEL, Some(limit)), AFTER_A_RUN, message)
        }
        LimitMet::PerDay {
            limit,
            left,
            resets_at_ms,
        } => {
            let (limit, left) = (limit.usd(), left.usd());
            let message = format!(
                "The limit is {limit} US dollars a day (UTC), and {left} of them are neither spent nor set aside for runs under \
                 way: less than this run may cost. Nothing was started. Ask with a smaller max_cost_usd, or after midnight UTC."
            );
            let broke = (StatusCode::PAYMENT_REQUIRED, "budget_exceeded");
            ApiError::limited(
                broke,
                met(USD_PER_DAY, None),
                seconds(resets_at_ms),
                message,
            )
        }
    }
}

const fn met(name: &'static str, requests: Option<u32>) -> MetLimit {
    MetLimit { name, requests }
}

/// The caller's limits with what counts against them now; null where there is none.
pub(super) fn of_caller<'a>(
    app: &'a App,
    caller: &'a Caller,
) -> BoxFuture<'a, Result<Map<String, Value>, ApiError>> {
    // Of no type of its own, so that it stands in the binary once and not in each route.
    Box::pin(async move {
        // Where several accounts hold, the first is the caller's own.
        match caller.accounts.first() {
            Some(account) => {
                let used = app.services.store.used(account, now_ms()).await?;
                Ok(told(account, used))
            }
            None => Ok(no_limits()),
        }
    })
}

fn told(Account { limits, .. }: &Account, used: Used) -> Map<String, Value> {
    let mut told = no_limits();
    let counted = [
        (RUNS_PER_MINUTE, limits.runs_per_minute, used.runs_in_minute),
        (PARALLEL, limits.parallel, used.at_once),
    ];
    for (name, limit, used) in counted {
        if let Some(limit) = limit {
            told.insert(name.to_owned(), json!({"limit": limit, "used": used}));
        }
    }
    if let Some(limit) = limits.per_day {
        let dollars = json!({
            "limit": limit.usd(),
            "used": used.spent.usd(),
            "reserved": used.reserved.usd(),
            "resets_at": rfc3339(used.resets_at_ms),
        });
        told.insert(USD_PER_DAY.to_owned(), dollars);
    }
    told
}
