//! Groq's API: fields, those of messages too, and the longest reply.

use serde_json::Value;

use super::super::Refusal;
use super::super::conversation::{Turn, error, pairs, stray, unknown};
use super::{FIELDS, Judged, LONGEST_REPLY};

pub(super) fn groq(request: &Value, turns: &[Turn<'_>]) -> Judged {
    if let Some((name, _)) = unknown(request, &FIELDS) {
        let message = format!("property '{name}' is unsupported, did you mean 'stream'?");
        return Err(Refusal::lesson(400, name, error(&message)));
    }
    if request["max_tokens"]
        .as_u64()
        .is_some_and(|it| it > LONGEST_REPLY)
    {
        let message = format!(
            "`max_tokens` must be less than or equal to `{LONGEST_REPLY}`, the maximum value for `max_tokens` is less than the `context_window` for this model"
        );
        return Err(Refusal::lesson(400, "max_tokens", error(&message)));
    }
    for (at, turn) in turns.iter().enumerate() {
        let known: &[&str] = match turn.role {
            "assistant" => &["role", "content", "tool_calls"],
            "tool" => &["role", "content", "tool_call_id"],
            _ => &["role", "content"],
        };
        if let Some((name, _)) = unknown(turn.whole, known) {
            let message = format!(
                "'messages.{at}' : for 'role:{0}' the following must be satisfied[('messages.{at}' : property '{name}' is unsupported)]",
                turn.role
            );
            return Err(Refusal::fault(400, error(&message)));
        }
        let is_text = turn.content.is_some_and(Value::is_string);
        if !is_text && turn.calls.is_empty() {
            let message = format!(
                "'messages.{at}' : for 'role:{0}' the following must be satisfied[('messages.{at}.content' : value must be a string)]",
                turn.role
            );
            return Err(Refusal::fault(400, error(&message)));
        }
    }
    if stray(turns).is_some() || pairs(turns).iter().any(|(_, ids, answers)| ids != answers) {
        let message =
            "messages with role 'tool' must be a response to a preceding message with 'tool_calls'";
        return Err(Refusal::fault(400, error(message)));
    }
    Ok(())
}
