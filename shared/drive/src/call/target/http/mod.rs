//! A tool that is a server of the operator's: our JSON by POST, as in [`super::super::contract`], and what comes of it.
//!
//! Whatever the server does is the outcome of this one call. No redirect is followed. What the operator's headers hold is taken out of all
//! that is kept of a response.

mod attempt;
mod head;
mod lost;
mod refusal;
mod response;
mod trace;

use std::time::Duration;

use body::{Body, Bounds};
use bytes::Bytes;
use catalog::Tool;
use run::{CallSpec, Outcome, Run};
use tokio::time::sleep;

use super::super::context::CallContext;
use super::super::contract;
use super::super::failure::failed;
use super::super::ledger::Ledger;
use super::secrets::Secrets;
use attempt::{Again, Attempted, Post};
use head::Head;
use response::Answer;

/// Times that a call is made at most, the first included: as often as an invocation.
const ATTEMPTS: u32 = 3;
/// Longest pause before the second attempt; twice as long before the third.
const FIRST_PAUSE: Duration = Duration::from_millis(400);
/// What a response may have, in bytes: as much as one of a Lambda function.
const MAX_RESPONSE_BYTES: usize = 6_291_556;

pub(super) async fn post(
    context: &CallContext,
    run: &Run,
    call: &CallSpec,
    tool: &Tool,
    ledger: &mut Ledger,
) -> Outcome {
    let tools = &context.services.tools;
    let Some(server) = tools.server(&tool.name) else {
        let problem = tools.problem(&tool.name).unwrap_or_default();
        let message = format!("The tool {} is not set up here. {problem}", tool.name);
        return failed("tool_not_configured", message.trim_end(), false);
    };
    let body = match contract::request(context, run, call).await {
        Ok(body) => Bytes::from(body),
        Err(outcome) => return outcome,
    };
    ledger.meter(tool.prices);
    let post = Post {
        context,
        call,
        tool,
        server,
        secrets: &Secrets::of(&server.headers, &server.url),
    };
    let head = Head::of(context, run);
    match post.in_attempts(&head, body).await {
        Ok(Answer { response, bytes }) => {
            contract::settle(context, run, tool, response, bytes).await
        }
        Err(outcome) => post.secrets.taken_out_of_outcome(outcome),
    }
}

impl Post<'_> {
    /// Makes the call, and makes it again where that may help and harms nobody.
    async fn in_attempts(&self, head: &Head, body: Bytes) -> Result<Answer, Outcome> {
        let mut attempt = 1;
        loop {
            let Attempted { outcome, again } = match self.attempt(head, body.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(attempted) => attempted,
            };
            let pause = match again {
                Again::No => return Err(outcome),
                Again::Soon => pause(attempt, rand::random()),
                Again::After(pause) => pause,
            };
            let is_last = attempt == ATTEMPTS || !self.call.repeatable;
            if is_last || !self.context.has_time_for(pause) {
                return Err(outcome);
            }
            sleep(pause).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, head: &Head, body: Bytes) -> Result<Answer, Attempted> {
        let server = self.server;
        let request = server.client.post(server.url.clone());
        let request = head.add_to(request, self.time_left()).body(body);
        let request = request.headers(server.headers.clone());
        let response = request
            .send()
            .await
            .map_err(|error| self.unanswered(error))?;
        let status = response.status();
        if !status.is_success() {
            return Err(self.refused(response).await);
        }
        let bounds = Bounds {
            bytes: MAX_RESPONSE_BYTES,
            time: self.time_left(),
        };
        let body = Body::new(response, bounds).whole().await;
        let body = body.map_err(|error| self.unread(error))?;
        let read = response::read(body, self.secrets).await;
        read.map_err(|fault| Attempted {
            outcome: contract::outside(self.tool, &fault),
            again: Again::No,
        })
    }
}

/// The pause before the next attempt, as the dice (from 0 to 1) fall, so that calls that failed together do not come back together.
fn pause(attempt: u32, dice: f64) -> Duration {
    FIRST_PAUSE.saturating_mul(attempt).mul_f64(dice)
}
