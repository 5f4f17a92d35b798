//! Beginning a run, whichever interface asks for it.

use std::sync::Arc;

use drive::{Deadline, Driver, StartOutcome, Watched, now_ms};
use run::{Plan, Prior, RUN_TIME_LIMIT_MS, Request, RunId, Start};
use store::{IdempotencyKey, IdempotencyRecord};
use ulid::Ulid;

use super::{ApiError, App, Caller, answer_schema, start_rules};

/// What came of it.
pub(super) enum Begun {
    /// It is stored, and this process drives it.
    New { run_id: RunId, watched: Watched },
    /// Its key has started a run before.
    Before(IdempotencyRecord),
}

/// Refuses wishes that cannot be had with what this run is offered: a discussion that is none, a cap that cannot be kept.
/// `format` is the field that says what the answer is to fit.
pub(super) fn check_wishes(app: &App, request: &Request, format: &str) -> Result<(), ApiError> {
    let services = &app.services;
    answer_schema::check(format, request, services)?;
    let tool_set = services.tool_set(&services.catalog, &request.preferences);
    start_rules::check_mode(request, &tool_set)?;
    start_rules::check_prices(request, services, &tool_set)
}

/// Stores a run and drives it.
pub(super) async fn begin(
    app: &App,
    caller: &Caller,
    deadline: Deadline,
    request: Request,
    prior: Option<Box<Prior>>,
    key: Option<&IdempotencyKey>,
) -> Result<Begun, ApiError> {
    let services = Arc::clone(&app.services);
    let created_at_ms = now_ms();
    let run_id = RunId::from_parts(created_at_ms, Ulid::generate().random());
    let start = Start {
        run_id,
        owner: caller.0.clone(),
        created_at_ms,
        listed: services.tools.listed(&services.catalog),
        told: services.told_of_models(&request.preferences).await,
        prior,
        plan: Plan {
            fallback: services
                .tool_set(&services.catalog, &request.preferences)
                .fallback(),
            time_limit_ms: RUN_TIME_LIMIT_MS,
        },
        request,
    };
    match Driver::start(services, start, key).await? {
        StartOutcome::New(driver) => Ok(Begun::New {
            run_id,
            watched: driver.spawn(deadline),
        }),
        StartOutcome::AlreadyStarted(record) => Ok(Begun::Before(record)),
        StartOutcome::NoRoom => Err(ApiError::no_room()),
    }
}
