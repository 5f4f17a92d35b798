//! Calls of tools: what they ask for is read into types, and begun.

use std::time::Duration;

use axum::http::HeaderMap;
use drive::{Cancelled, Deadline};
use run::{Preferences, RunId};
use serde_json::{Map, Value};

use super::super::begin::check_wishes;
use super::super::fields::Fields;
use super::super::start_request::{
    DEFAULT_ROUNDS, DEFAULT_TEMPERATURE, MAX_COST, MAX_COST_USD, MAX_QUERY_CHARS, MAX_ROUNDS,
};
use super::super::v1::repeat::{Meant, Repeat};
use super::super::{ApiError, App, Caller, previous};
use super::waiting::Waiting;

/// Longest that a call may wait, in seconds: clients give up after 60.
const MAX_WAIT_SECONDS: f64 = 45.0;
/// A cancelled run ends within half a second.
const CANCELLED_WITHIN: Duration = Duration::from_secs(5);
/// Most tokens of an answer of a model.
const ANSWER_TOKENS: u32 = 4096;

/// Who calls.
pub(super) struct Call<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
    pub(super) deadline: Deadline,
    /// This process is stopped behind its reply, and can drive nothing that outlasts it.
    pub(super) headers: &'a HeaderMap,
    pub(super) stops: bool,
}

impl Call<'_> {
    /// Begins what a tool is asked for; `None` where there is no such tool.
    pub(super) async fn of(
        &self,
        tool: &str,
        mut arguments: Map<String, Value>,
    ) -> Option<Result<Waiting, ApiError>> {
        // Models write these for what they leave out.
        arguments.retain(|_, value| !value.is_null() && value != "");
        for name in [WAIT, ROUNDS, MAX_COST] {
            if let Some(value) = arguments.get_mut(name) {
                read_number(value);
            }
        }
        Some(match tool {
            "ask" => self.ask(arguments).await,
            "get_run" => self.get_run(arguments).await,
            "cancel_run" => self.cancel_run(arguments).await,
            _ => return None,
        })
    }

    async fn ask(&self, mut arguments: Map<String, Value>) -> Result<Waiting, ApiError> {
        let wait = arguments.remove(WAIT);
        // The same question is the same however long somebody waits for its answer.
        let repeat = Repeat::of(self.headers, "/mcp ask", &arguments)?;
        let mut fields = Fields::new("", arguments);
        let wait = read_wait(wait.as_ref())?;
        let request = run::Request {
            query: fields
                .text(QUERY, MAX_QUERY_CHARS)?
                .ok_or_else(|| ApiError::invalid_field(QUERY, "query is required"))?,
            max_rounds: fields.whole(ROUNDS, MAX_ROUNDS, DEFAULT_ROUNDS)?,
            temperature: DEFAULT_TEMPERATURE,
            max_tokens: ANSWER_TOKENS,
            preferences: Preferences {
                max_cost: fields.dollars(MAX_COST, MAX_COST_USD)?,
                ..Preferences::default()
            },
            previous_run_id: fields.run(PREVIOUS)?,
            answer_schema: None,
            echo: None,
        };
        fields.finish()?;
        check_wishes(self.app, &request, QUERY)?;
        let (app, caller) = (self.app, self.caller);
        let prior = previous::copy(app, caller, request.previous_run_id, PREVIOUS).await;
        match repeat
            .start_or_join(app, caller, request, prior, self.stops)
            .await?
        {
            Meant::Joined(run_id) => self.wait(run_id, wait).await,
            Meant::New { run_id, driver } => {
                let driver = if self.stops {
                    driver.hand_over(self.deadline).await
                } else {
                    Some(driver.spawn(self.deadline).task)
                };
                Ok(self.wait(run_id, wait).await?.driven(driver))
            }
        }
    }

    async fn get_run(&self, mut arguments: Map<String, Value>) -> Result<Waiting, ApiError> {
        let wait = read_wait(arguments.remove(WAIT).as_ref())?;
        self.wait(named_run(arguments)?, wait).await
    }

    async fn cancel_run(&self, arguments: Map<String, Value>) -> Result<Waiting, ApiError> {
        let run_id = named_run(arguments)?;
        let by = (&self.caller.owner, "user");
        let services = self.app.services.clone();
        match drive::cancel(services, run_id, by, self.deadline).await? {
            Cancelled::Requested | Cancelled::Over(_) => self.wait(run_id, CANCELLED_WITHIN).await,
            Cancelled::NoSuchRun => Err(ApiError::no_such_run().about(RUN)),
        }
    }

    async fn wait(&self, run_id: RunId, wait: Duration) -> Result<Waiting, ApiError> {
        Waiting::begin(self.app, self.caller, run_id, wait).await
    }
}

const QUERY: &str = "query";
const RUN: &str = "run_id";
const WAIT: &str = "wait_seconds";
const ROUNDS: &str = "max_rounds";
const PREVIOUS: &str = "previous_run_id";

/// Some clients write all numbers as texts, or whole ones as floats.
fn read_number(value: &mut Value) {
    let number = match &*value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    // Written again, a whole number is one.
    let read = number.and_then(|number: f64| serde_json::from_str(&number.to_string()).ok());
    if let Some(read) = read {
        *value = read;
    }
}

fn named_run(arguments: Map<String, Value>) -> Result<RunId, ApiError> {
    let mut fields = Fields::new("", arguments);
    let run_id = fields.run(RUN)?;
    fields.finish()?;
    run_id.ok_or_else(|| ApiError::invalid_field(RUN, "run_id is required: ask gives one"))
}

fn read_wait(said: Option<&Value>) -> Result<Duration, ApiError> {
    let seconds = said.map_or(Some(MAX_WAIT_SECONDS), Value::as_f64);
    match seconds {
        Some(seconds) if (0.0..=MAX_WAIT_SECONDS).contains(&seconds) => {
            Ok(Duration::from_secs_f64(seconds))
        }
        Some(_) | None => Err(ApiError::invalid_field(
            WAIT,
            format!(
                "{WAIT} must be a number between 0 and {MAX_WAIT_SECONDS}; for more call get_run afterwards"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_read_however_they_are_written_and_nothing_else_is() {
        for (written, read) in [
            (json!(5), json!(5)),
            (json!(5.0), json!(5)),
            (json!("5"), json!(5)),
            (json!(" 5.0 "), json!(5)),
            (json!("0.05"), json!(0.05)),
            (json!(0.05), json!(0.05)),
            (json!(-1.0), json!(-1)),
            (json!("soon"), json!("soon")),
            (json!("inf"), json!("inf")),
            (json!("NaN"), json!("NaN")),
            (json!(true), json!(true)),
            (json!([5]), json!([5])),
        ] {
            let mut value = written.clone();
            read_number(&mut value);
            assert_eq!(value, read, "{written}");
        }
    }
}
