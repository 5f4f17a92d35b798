//! A reasoning model on Azure: fields, names, pairs.

use serde_json::{Value, json};

use super::super::Refusal;
use super::super::conversation::{Turn, is_name, pairs, stray, unknown};
use super::{FIELDS, Judged, STREAM_OPTIONS};

pub(super) fn azure(request: &Value, turns: &[Turn<'_>]) -> Judged {
    let body = |message: &str, param: &str, code: &str| json!({"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}});
    let refuse = |message: String| {
        Err(Refusal::fault(
            400,
            body(&message, "messages", "invalid_value"),
        ))
    };
    if request.get("max_tokens").is_some() {
        let message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
        let body = body(message, "max_tokens", "unsupported_parameter");
        return Err(Refusal::lesson(400, "max_tokens", body));
    }
    if let Some(value) = request
        .get("temperature")
        .filter(|value| value.as_f64() != Some(1.0))
    {
        let message = format!(
            "Unsupported value: 'temperature' does not support {value} with this model. Only the default (1) value is supported."
        );
        let body = body(&message, "temperature", "unsupported_value");
        return Err(Refusal::lesson(400, "temperature", body));
    }
    let known = [&FIELDS[..], &["max_completion_tokens", STREAM_OPTIONS]].concat();
    if let Some((name, _)) = unknown(request, &known) {
        return Err(Refusal::fault(
            400,
            body(
                &format!("Unknown parameter: '{name}'."),
                name,
                "unknown_parameter",
            ),
        ));
    }
    for (at, turn) in turns.iter().enumerate() {
        if turn.content.is_none() && turn.calls.is_empty() {
            return refuse(format!(
                "Invalid value for 'content': expected a string, got null. messages.[{at}]"
            ));
        }
        if turn.names().iter().any(|name| !is_name(name, &['_', '-'])) {
            return refuse(format!(
                "Invalid 'messages[{at}].tool_calls[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
            ));
        }
    }
    for (_, ids, answers) in pairs(turns) {
        if let Some(id) = ids.iter().find(|id| !answers.contains(id)) {
            return refuse(format!(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: {id}"
            ));
        }
        if answers.iter().any(|id| !ids.contains(id)) {
            return refuse("Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.".to_owned());
        }
    }
    match stray(turns) {
        Some(_) => refuse("Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.".to_owned()),
        None => Ok(()),
    }
}
