//! What stands in the head of each request, beside the operator's headers.

use std::time::Duration;

use reqwest::RequestBuilder;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use run::Run;

use super::super::super::context::CallContext;
use super::super::super::contract;
use super::trace;
use crate::clock::millis;

const JSON: &str = "application/json";

/// The head of the requests of one call.
pub(super) struct Head {
    idempotency_key: String,
    traceparent: String,
}

impl Head {
    pub(super) fn of(context: &CallContext, run: &Run) -> Self {
        Self {
            idempotency_key: contract::idempotency_key(context, run),
            traceparent: trace::parent(run.start.run_id, context.call_id, trace::of_lambda()),
        }
    }

    /// `left` is how long the caller waits from now on; the body says when that is over, by this machine's clock.
    pub(super) fn add_to(&self, request: RequestBuilder, left: Duration) -> RequestBuilder {
        request
            .header(CONTENT_TYPE, JSON)
            .header(ACCEPT, JSON)
            .header("idempotency-key", &self.idempotency_key)
            .header("traceparent", &self.traceparent)
            .header("x-request-timeout-ms", millis(left))
    }
}
