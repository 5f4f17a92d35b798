//! `GET /v1/responses/{response_id}/input_items`: what came with the request, as far as the run keeps it.

use axum::Json;
use axum::extract::State;
use run::{EarlierTurn, Run};
use serde_json::{Value, json};

use super::super::super::address::{Parameters, ResponseAddress};
use super::super::super::runs::events::read_run;
use super::super::super::{ApiError, App, Caller};
use super::super::messages::NO_QUESTION;
use super::stored::check_kept;
use crate::sse::{INSTRUCTIONS, TURNS};

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

pub(in super::super::super) async fn list(
    State(app): State<App>,
    caller: Caller,
    ResponseAddress(run_id): ResponseAddress,
    parameters: Parameters,
) -> Result<Json<Value>, ApiError> {
    let limit = match parameters.get("limit")? {
        None => Some(DEFAULT_LIMIT),
        Some(limit) => limit.parse().ok().filter(|it| (1..=MAX_LIMIT).contains(it)),
    };
    let limit = limit.ok_or_else(|| {
        ApiError::invalid_field("limit", format!("limit must be between 1 and {MAX_LIMIT}"))
    })?;
    let is_ascending = match parameters.get("order")? {
        None | Some("desc") => false,
        Some("asc") => true,
        Some(_) => {
            return Err(ApiError::invalid_field(
                "order",
                "order must be asc or desc",
            ));
        }
    };
    let after = parameters.get("after")?;
    check_kept(&app, &caller, run_id).await?;
    let run = read_run(&app, &caller, run_id).await?;
    let mut items = items(&run);
    if !is_ascending {
        items.reverse();
    }
    if let Some(after) = after {
        let at = items.iter().position(|item| item["id"] == after);
        let at = at.ok_or_else(|| {
            ApiError::invalid_field("after", "after must be the id of one of these items")
        })?;
        items.drain(..=at);
    }
    let has_more = items.len() > limit;
    items.truncate(limit);
    let id = |item: Option<&Value>| item.map_or(Value::Null, |item| item["id"].clone());
    let (first, last) = (id(items.first()), id(items.last()));
    Ok(Json(
        json!({"object": "list", "data": items, "first_id": first, "last_id": last, "has_more": has_more}),
    ))
}

/// The messages, oldest first.
fn items(run: &Run) -> Vec<Value> {
    let request = &run.start.request;
    let told = |name: &str| {
        let number = request.echo.as_ref()?.get(name)?.as_u64()?;
        usize::try_from(number).ok()
    };
    let mut items = Vec::new();
    let mut add = |role: &str, text: &str| {
        let kind = if role == "assistant" {
            json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
        } else {
            json!({"type": "input_text", "text": text})
        };
        items.push(json!({
            "type": "message",
            "id": format!("msg_{}_in_{}", run.start.run_id, items.len()),
            "status": "completed",
            "role": role,
            "content": [kind],
        }));
    };
    let given = told(INSTRUCTIONS).unwrap_or(usize::MAX);
    let instructions = request.preferences.instructions.iter();
    let system: String = instructions.flat_map(|it| it.chars().skip(given)).collect();
    if !system.trim().is_empty() {
        add("system", system.trim());
    }
    let prior = run.start.prior.as_deref();
    let mut turns: Vec<EarlierTurn> = prior.map(|prior| prior.earlier.clone()).unwrap_or_default();
    turns.extend(prior.map(|prior| EarlierTurn {
        query: prior.query.clone(),
        answer: prior.answer.clone(),
    }));
    let of_others = turns.len().saturating_sub(told(TURNS).unwrap_or_default());
    for turn in &turns[of_others..] {
        if turn.query != NO_QUESTION {
            add("user", &turn.query);
        }
        if let Some(answer) = &turn.answer {
            add("assistant", answer);
        }
    }
    add("user", &request.query);
    items
}
