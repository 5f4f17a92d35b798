//! How much of the function's time a request has.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use drive::Deadline;
use lambda_http::Context;

use super::App;

/// Whether the platform stops this process once it has replied, as Lambda does.
#[derive(Clone, Copy, Debug)]
pub(super) struct StopsBehindReply(pub(super) bool);

impl FromRequestParts<App> for StopsBehindReply {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get::<Context>().is_some()))
    }
}

/// When the work on this request has to be left to another function.
#[derive(Clone, Copy, Debug)]
pub(super) struct FunctionTime(pub(super) Deadline);

impl FromRequestParts<App> for FunctionTime {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let stopped_at_ms = parts
            .extensions
            .get::<Context>()
            .map(|context| context.deadline);
        let length = app.services.timing.function;
        Ok(Self(Deadline::new(length, stopped_at_ms)))
    }
}
