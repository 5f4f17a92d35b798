//! Bedrock's Converse: turns, pairs, texts apart from calls, the longest reply.

use serde_json::{Value, json};

use super::super::Refusal;
use super::super::conversation::{Turn, is_name, pairs, unknown};
use super::{FIELDS, Judged, LONGEST_REPLY};

pub(super) fn bedrock(request: &Value, turns: &[Turn<'_>]) -> Judged {
    let turns = fields(request, turns)?;
    blocks(turns)?;
    answers(turns)
}

fn refuse<T>(message: String) -> Result<T, Refusal> {
    Err(Refusal::fault(400, json!({"message": message})))
}

fn teach<T>(field: &str, message: &str) -> Result<T, Refusal> {
    Err(Refusal::lesson(400, field, json!({"message": message})))
}

/// The turns without the system's.
fn fields<'a>(request: &Value, turns: &'a [Turn<'a>]) -> Result<&'a [Turn<'a>], Refusal> {
    if let Some((name, _)) = unknown(request, &FIELDS) {
        return teach(
            name,
            &format!(
                "Malformed input request: #: extraneous key [{name}] is not permitted, please reformat your input and try again."
            ),
        );
    }
    if request["max_tokens"]
        .as_u64()
        .is_some_and(|it| it > LONGEST_REPLY)
    {
        return teach(
            "max_tokens",
            &format!(
                "The maximum tokens you requested exceeds the model limit of {LONGEST_REPLY}. Try again with a maximum tokens value that is lower than {LONGEST_REPLY}."
            ),
        );
    }
    let has_calls = turns
        .iter()
        .any(|turn| !turn.calls.is_empty() || turn.role == "tool");
    if has_calls && request.get("tools").is_none() {
        return refuse("The toolConfig field must be defined when using toolUse and toolResult content blocks.".to_owned());
    }
    let turns = match turns {
        [first, rest @ ..] if first.role == "system" => rest,
        all => all,
    };
    if turns.first().is_none_or(|first| first.role != "user") {
        return refuse("A conversation must start with a user message. Try again with a conversation that starts with a user message.".to_owned());
    }
    Ok(turns)
}

fn blocks(turns: &[Turn<'_>]) -> Judged {
    for (at, turn) in turns.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", |before| turns[before].role);
        if turn.is_blank() {
            return refuse(format!(
                "The text field in the ContentBlock object at messages.{at}.content.0 is blank. Add text to the text field, and try again."
            ));
        }
        if turn.role == "user" && before == "tool" {
            return refuse(format!(
                "messages.{at}.content: Conversation blocks and tool result blocks cannot be provided in the same turn."
            ));
        }
        let is_same = before == turn.role && turn.role != "tool";
        if is_same || !["user", "assistant", "tool"].contains(&turn.role) {
            return refuse("A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.".to_owned());
        }
        if !turn.calls.is_empty() && turn.content.is_some() {
            return teach(
                "content",
                &format!(
                    "messages.{at}.content: Conversation blocks and tool use blocks cannot be provided in the same turn."
                ),
            );
        }
        if let Some(name) = turn
            .names()
            .into_iter()
            .find(|name| !is_name(name, &['_', '-']))
        {
            return refuse(format!(
                "1 validation error detected: Value '{name}' at 'messages.{at}.member.content.1.member.toolUse.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+"
            ));
        }
    }
    Ok(())
}

fn answers(turns: &[Turn<'_>]) -> Judged {
    for (at, ids, answers) in pairs(turns) {
        if answers.len() > ids.len() {
            return refuse(format!(
                "The number of toolResult blocks at messages.{}.content exceeds the number of toolUse blocks of previous turn.",
                at + 1
            ));
        }
        if let Some(id) = ids.iter().find(|id| !answers.contains(id)) {
            return refuse(format!(
                "Expected toolResult blocks at messages.{}.content for the following Ids: {id}",
                at + 1
            ));
        }
    }
    match turns.last().map(|turn| turn.role) {
        Some("user" | "tool") => Ok(()),
        _ => refuse("This model does not support assistant message prefill. The conversation must end with a user message.".to_owned()),
    }
}
