//! Beginning a run, whichever interface asks for it.

use std::sync::Arc;

use drive::{Driver, NewDriver, StartOutcome, now_ms};
use run::{Plan, Prior, RUN_TIME_LIMIT_MS, Request, RunId, Start, json_bytes};
use serde_json::Value;
use store::{IdempotencyKey, IdempotencyRecord};
use ulid::Ulid;

use super::{ApiError, App, Caller, answer_schema, limits, start_rules};

/// What is asked, how the answer is to be written, and what an interface tells again, in bytes of JSON: with all else that a run begins
/// with they fit into one stored event.
const MAX_ASKED_BYTES: usize = 192 * 1024;

/// What came of it.
pub(super) enum Begun {
    /// It is stored, and this process holds it.
    New { run_id: RunId, driver: Box<Driver> },
    /// Its key has started a run before.
    Before(IdempotencyRecord),
}

/// Refuses wishes that cannot be had with what this run is offered: a discussion that is none, a cap that cannot be kept.
/// `format` is the field that says what the answer is to fit.
pub(super) fn check_wishes(app: &App, request: &Request, format: &str) -> Result<(), ApiError> {
    let services = &app.services;
    check_length(request, format)?;
    answer_schema::check(format, request, services)?;
    let tool_set = services.tool_set(&services.catalog, &request.preferences);
    start_rules::check_mode(request, &tool_set)?;
    start_rules::check_prices(request, services, &tool_set)
}

/// The longest question fits by itself, whatever it is written in.
fn check_length(request: &Request, format: &str) -> Result<(), ApiError> {
    let question = request.query.chars().map(json_bytes).sum::<usize>();
    let schema = request.answer_schema.as_ref();
    let schema = schema.map_or(0, |it| it.schema.to_string().len());
    let echo = request.echo.as_ref();
    let echo = echo.map_or(0, |echo| Value::Object((**echo).clone()).to_string().len());
    let bytes = question + schema + echo;
    if bytes <= MAX_ASKED_BYTES {
        return Ok(());
    }
    let message = format!(
        "The question, and what {format} and other fields say beside it, may be {MAX_ASKED_BYTES} bytes of JSON together, got {bytes}: make one of \
         them shorter"
    );
    Err(ApiError::invalid_field(format, message))
}

/// Stores a run. One that is to be handed over begins its first round elsewhere.
pub(super) async fn begin(
    app: &App,
    caller: &Caller,
    request: Request,
    prior: Option<Box<Prior>>,
    key: Option<&IdempotencyKey>,
    hands_over: bool,
) -> Result<Begun, ApiError> {
    let services = Arc::clone(&app.services);
    if caller.accounts.iter().any(|it| it.limits.per_day.is_some()) {
        start_rules::check_prices_of_day(&request, &services)?;
    }
    let created_at_ms = now_ms();
    let run_id = RunId::from_parts(created_at_ms, Ulid::generate().random());
    let start = Start {
        run_id,
        owner: caller.owner.clone(),
        created_at_ms,
        listed: services.tools.listed(&services.catalog),
        told: services.told_of_models(&request.preferences).await,
        prior,
        allowances: Vec::new(),
        plan: Plan {
            fallback: services
                .tool_set(&services.catalog, &request.preferences)
                .fallback(),
            time_limit_ms: RUN_TIME_LIMIT_MS,
        },
        request,
    };
    let new = NewDriver {
        key,
        accounts: &caller.accounts,
        hands_over,
    };
    match Driver::start(services, start, new).await? {
        StartOutcome::New(driver) => Ok(Begun::New { run_id, driver }),
        StartOutcome::AlreadyStarted(record) => Ok(Begun::Before(record)),
        StartOutcome::Refused(refusal) => Err(limits::refusal(refusal)),
    }
}
