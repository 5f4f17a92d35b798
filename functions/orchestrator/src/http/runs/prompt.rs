//! `GET /api/runs/{id}/calls/{call_id}/prompt`: what a model was shown for a call, rendered again from the log.

use axum::Json;
use axum::extract::{Path, State};
use drive::ShownPrompt;
use run::Event;
use serde::Serialize;
use serde_json::Value;

use super::super::address::RunAddress;
use super::super::{ApiError, App, Caller};
use super::events::read_log;

#[derive(Serialize)]
pub(in super::super) struct Answer {
    model: String,
    messages: Value,
    tools: Value,
    response_format: Value,
    exact: bool,
}

pub(in super::super) async fn prompt(
    State(app): State<App>,
    caller: Caller,
    RunAddress(run_id): RunAddress,
    Path((_, call)): Path<(String, String)>,
) -> Result<Json<Answer>, ApiError> {
    let log = read_log(&app, &caller, run_id).await?;
    let log: Vec<Event> = log.into_iter().map(|(_, event)| event).collect();
    let call = call.parse();
    let call = call.map_err(|_| ApiError::not_found("There is no such call in this run."))?;
    let shown = drive::shown_prompt(&app.services, &log, call);
    let shown = shown.map_err(|problem| ApiError::not_found(problem.to_string()))?;
    Ok(Json(Answer::of(shown)))
}

impl Answer {
    fn of(shown: ShownPrompt) -> Self {
        let mut fields = shown.fields;
        let mut take = |name| fields.remove(name);
        Self {
            model: shown.model.to_string(),
            messages: take("messages").unwrap_or_else(|| Value::Array(Vec::new())),
            tools: take("tools").unwrap_or_else(|| Value::Array(Vec::new())),
            response_format: take("response_format").unwrap_or_default(),
            exact: shown.is_exact,
        }
    }
}
