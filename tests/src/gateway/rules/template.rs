//! A chat template for turns of user and assistant.

use serde_json::{Value, json};

use super::super::Refusal;
use super::super::conversation::Turn;
use super::Judged;

pub(super) fn template(request: &Value, turns: &[Turn<'_>]) -> Judged {
    let raised = |message: &str| json!({"error": {"code": 500, "message": format!("Jinja Exception: {message}"), "type": "server_error"}});
    if turns.first().is_some_and(|first| first.role == "system") {
        return Err(Refusal::lesson(
            500,
            "system",
            raised("System role not supported"),
        ));
    }
    for (at, turn) in turns.iter().enumerate() {
        let expected = if at % 2 == 0 { "user" } else { "assistant" };
        if turn.role != expected || turn.content.is_none() {
            let body =
                raised("Conversation roles must alternate user/assistant/user/assistant/...");
            // Tools go into words; what is wrong then is wrong.
            let has_tools = turns.iter().any(|turn| turn.role == "tool");
            return Err(if has_tools {
                Refusal::lesson(500, "tools", body)
            } else {
                Refusal::fault(500, body)
            });
        }
    }
    if request.get("response_format").is_some() {
        let body = json!({"error": {"code": 400, "message": "failed to parse grammar", "type": "invalid_request_error"}});
        return Err(Refusal::lesson(400, "response_format", body));
    }
    Ok(())
}
