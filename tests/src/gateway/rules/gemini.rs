//! Gemini's API: keywords of schemas, turns of calls, names, signatures of thoughts.

use serde_json::{Value, json};

use super::super::Refusal;
use super::super::conversation::{Turn, is_name, keywords, pairs, stray};
use super::Judged;

pub(super) fn gemini(request: &Value, turns: &[Turn<'_>]) -> Judged {
    let body = |message: &str| json!([{"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}]);
    let refuse = |message: String| Err(Refusal::fault(400, body(&message)));
    let refused = ["additionalProperties", "$schema", "default", "minLength"];
    let found = keywords(request, &refused);
    if !found.is_empty() {
        return Err(Refusal::lesson(
            400,
            "additionalProperties",
            body(&found.join("\n")),
        ));
    }
    for (at, turn) in turns.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", |before| turns[before].role);
        if turn.is_blank() {
            return refuse(format!(
                "* GenerateContentRequest.contents[{at}].parts: contents.parts must not be empty."
            ));
        }
        if !turn.calls.is_empty() && !["user", "tool"].contains(&before) {
            return refuse("Please ensure that function call turn comes immediately after a user turn or after a function response turn.".to_owned());
        }
        let begins = |name: &&str| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if turn
            .names()
            .iter()
            .any(|name| !begins(name) || !is_name(name, &['_', '.', '-']))
        {
            return refuse("* GenerateContentRequest.contents[1].parts[0].function_call.name: Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.) or dashes (-), with a maximum length of 64.".to_owned());
        }
        let unsigned =
            |call: &&Value| call["extra_content"]["google"]["thought_signature"].is_null();
        if let Some(call) = turn.calls.iter().find(unsigned) {
            let message = format!(
                "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call `default_api:{}` , position {at}.",
                call["function"]["name"]
            );
            return Err(Refusal::lesson(400, "thought_signature", body(&message)));
        }
    }
    if pairs(turns)
        .iter()
        .any(|(_, ids, answers)| ids.len() != answers.len())
    {
        return refuse("Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.".to_owned());
    }
    match stray(turns) {
        Some(_) => refuse("Please ensure that function response turn comes immediately after a function call turn.".to_owned()),
        None => Ok(()),
    }
}
