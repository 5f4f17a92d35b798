//! Gateways to Anthropic's API: fields, texts, pairs of calls and results.

use serde_json::{Value, json};

use super::super::Refusal;
use super::super::conversation::{Turn, is_name, pairs, stray, unknown};
use super::{FIELDS, Judged};

pub(super) fn anthropic(request: &Value, turns: &[Turn<'_>]) -> Judged {
    let turns = fields(request, turns)?;
    blocks(turns)?;
    answers(turns)
}

fn body(message: &str) -> Value {
    json!({"type": "error", "error": {"type": "invalid_request_error", "message": message}})
}

fn refuse<T>(message: String) -> Result<T, Refusal> {
    Err(Refusal::fault(400, body(&message)))
}

/// The turns without the system's.
fn fields<'a>(request: &Value, turns: &'a [Turn<'a>]) -> Result<&'a [Turn<'a>], Refusal> {
    if let Some((name, _)) = unknown(request, &FIELDS) {
        let body = body(&format!("{name}: Extra inputs are not permitted"));
        return Err(Refusal::lesson(400, name, body));
    }
    if request["temperature"].as_f64().is_some_and(|it| it > 1.0) {
        return Err(Refusal::lesson(
            400,
            "temperature",
            body("temperature: range: 0..1"),
        ));
    }
    if request.get("max_tokens").is_none() {
        return refuse("max_tokens: Field required".to_owned());
    }
    let has_calls = turns
        .iter()
        .any(|turn| !turn.calls.is_empty() || turn.role == "tool");
    if has_calls && request.get("tools").is_none() {
        return refuse("Requests which have `tool_use` or `tool_result` blocks in their history must define `tools`".to_owned());
    }
    let turns = match turns {
        [first, rest @ ..] if first.role == "system" => rest,
        all => all,
    };
    if turns.first().is_none_or(|first| first.role != "user") {
        return refuse("messages: first message must use the \"user\" role".to_owned());
    }
    Ok(turns)
}

fn blocks(turns: &[Turn<'_>]) -> Judged {
    let mut seen = Vec::new();
    for (at, turn) in turns.iter().enumerate() {
        if turn.role == "system" {
            return refuse(format!(
                "messages.{at}: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter"
            ));
        }
        if turn.is_blank() {
            return refuse(format!(
                "messages.{at}: text content blocks must be non-empty"
            ));
        }
        if turn.names().iter().any(|name| !is_name(name, &['_', '-'])) {
            return refuse(format!(
                "messages.{at}.content.0.tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'"
            ));
        }
        for id in turn.ids() {
            if !is_name(id, &['_', '-']) {
                return refuse(format!(
                    "messages.{at}.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"
                ));
            }
            if seen.contains(&id) {
                return refuse(format!(
                    "messages.{at}.content.0: `tool_use` ids must be unique"
                ));
            }
            seen.push(id);
        }
    }
    Ok(())
}

fn answers(turns: &[Turn<'_>]) -> Judged {
    for (at, ids, answers) in pairs(turns) {
        if let Some(id) = ids.iter().find(|id| !answers.contains(id)) {
            return refuse(format!(
                "messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {id}. Each `tool_use` block must have a corresponding `tool_result` block in the next message."
            ));
        }
        if let Some(id) = answers.iter().find(|id| !ids.contains(id)) {
            return refuse(format!(
                "messages.{at}.content.0: unexpected `tool_use_id` found in `tool_result` blocks: {id}"
            ));
        }
    }
    match stray(turns) {
        Some(at) => refuse(format!(
            "messages.{at}.content.0: unexpected `tool_use_id` found in `tool_result` blocks"
        )),
        None => Ok(()),
    }
}
