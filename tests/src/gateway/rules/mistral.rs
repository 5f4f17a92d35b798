//! Mistral's API: its fields, its order of roles, its ids.

use serde_json::{Value, json};

use super::super::Refusal;
use super::super::conversation::{Turn, is_name, pairs, unknown};
use super::{FIELDS, Judged, STREAM_OPTIONS};

pub(super) fn mistral(request: &Value, turns: &[Turn<'_>]) -> Judged {
    fields(request)?;
    order(turns)
}

fn fields(request: &Value) -> Judged {
    let forbidden = |place: Value, input: &Value| {
        let detail = json!([{"type": "extra_forbidden", "loc": place, "msg": "Extra inputs are not permitted", "input": input}]);
        json!({"object": "error", "message": {"detail": detail}, "type": "invalid_request_error", "param": null, "code": null})
    };
    if let Some(options) = request.get(STREAM_OPTIONS) {
        let place = json!(["body", STREAM_OPTIONS, "include_usage"]);
        let body = forbidden(place, &options["include_usage"]);
        return Err(Refusal::lesson(422, STREAM_OPTIONS, body));
    }
    if let Some((name, value)) = unknown(request, &FIELDS) {
        return Err(Refusal::fault(422, forbidden(json!(["body", name]), value)));
    }
    if request["temperature"].as_f64().is_some_and(|it| it > 1.5) {
        let detail = json!([{"type": "less_than_equal", "loc": ["body", "temperature"],
            "msg": "Input should be less than or equal to 1.5", "input": request["temperature"], "ctx": {"le": 1.5}}]);
        let body = json!({"object": "error", "message": {"detail": detail}, "type": "invalid_request_error"});
        return Err(Refusal::lesson(422, "temperature", body));
    }
    Ok(())
}

fn invalid(message: String, kind: &str, code: &str) -> Judged {
    let body =
        json!({"object": "error", "message": message, "type": kind, "param": null, "code": code});
    Err(Refusal::fault(400, body))
}

fn disordered(message: String) -> Judged {
    invalid(message, "invalid_request_message_order", "3230")
}

fn order(turns: &[Turn<'_>]) -> Judged {
    for (at, turn) in turns.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", |before| turns[before].role);
        let may_follow: &[&str] = match before {
            "" => &["system", "user"],
            "system" => &["user"],
            "user" => &["assistant"],
            "assistant" if turns[at - 1].calls.is_empty() => &["user"],
            "assistant" => &["tool"],
            _ => &["tool", "assistant"],
        };
        if !may_follow.contains(&turn.role) {
            return disordered(format!(
                "Unexpected role '{}' after role '{before}'",
                turn.role
            ));
        }
        if turn.role == "assistant"
            && turn.calls.is_empty()
            && (turn.content.is_none() || turn.is_blank())
        {
            let message = "Assistant message must have either content or tool_calls, but not none.";
            return invalid(
                message.to_owned(),
                "invalid_request_assistant_message",
                "3240",
            );
        }
        for id in turn
            .ids()
            .into_iter()
            .chain(Some(turn.answers).filter(|_| turn.role == "tool"))
        {
            if id.len() != 9 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                let message =
                    format!("Tool call id was {id} but must be a-z, A-Z, 0-9, with a length of 9.");
                return invalid(message, "invalid_function_call", "3280");
            }
        }
        if let Some(name) = turn
            .names()
            .into_iter()
            .find(|name| !is_name(name, &['_', '-']))
        {
            let message = format!(
                "Function name was {name} but must be a-z, A-Z, 0-9, or contain underscores and dashes, with a maximum length of 64."
            );
            return invalid(message, "invalid_function_call", "3280");
        }
    }
    if pairs(turns).iter().any(|(_, ids, answers)| ids != answers) {
        return disordered("Not the same number of function calls and responses".to_owned());
    }
    match turns.last().map(|turn| turn.role) {
        Some("user" | "tool") => Ok(()),
        last => disordered(format!(
            "Expected last role User or Tool (or Assistant with prefix True) for serving but got {}",
            last.unwrap_or_default()
        )),
    }
}
