//! The rules of each gateway, and the words in which it refuses.

use serde_json::{Value, json};

use super::conversation::{
    Turn, error, has_arguments, is_name, keywords, pairs, stray, turns, unknown,
};
use super::{Refusal, Strictness};

type Judged = Result<(), Refusal>;

/// The longest reply of Bedrock's and of Groq's model here, in tokens.
const LONGEST_REPLY: u64 = 1000;
const STREAM_OPTIONS: &str = "stream_options";
const FIELDS: [&str; 6] = [
    "model",
    "messages",
    "tools",
    "temperature",
    "max_tokens",
    "stream",
];

impl Strictness {
    /// Refuses what this gateway does not take.
    pub(super) fn judge(self, request: &Value) -> Judged {
        let turns = turns(request);
        let offers = request["tools"].as_array().map_or(0, Vec::len);
        if request.get("tools").is_some() && offers == 0 {
            return Err(Refusal::fault(400, error("[] is too short - 'tools'")));
        }
        let calls = turns.iter().flat_map(|turn| turn.calls);
        if calls.into_iter().any(|call| !has_arguments(call)) {
            return Err(Refusal::fault(400, error("arguments are no JSON object")));
        }
        match self {
            Self::Mistral => mistral(request, &turns),
            Self::Anthropic => anthropic(request, &turns),
            Self::Bedrock => bedrock(request, &turns),
            Self::Gemini => gemini(request, &turns),
            Self::Azure => azure(request, &turns),
            Self::Groq => groq(request, &turns),
            Self::Template => template(&turns),
            Self::Unverified => unverified(request),
        }
    }
}

fn mistral(request: &Value, turns: &[Turn<'_>]) -> Judged {
    let invalid = |message: String, kind: &str, code: &str| {
        let body = json!({"object": "error", "message": message, "type": kind, "param": null, "code": code});
        Err(Refusal::fault(400, body))
    };
    let order = |message: String| invalid(message, "invalid_request_message_order", "3230");
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
            return order(format!(
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
        return order("Not the same number of function calls and responses".to_owned());
    }
    match turns.last().map(|turn| turn.role) {
        Some("user" | "tool") => Ok(()),
        last => order(format!(
            "Expected last role User or Tool (or Assistant with prefix True) for serving but got {}",
            last.unwrap_or_default()
        )),
    }
}

fn anthropic(request: &Value, turns: &[Turn<'_>]) -> Judged {
    let body = |message: &str| json!({"type": "error", "error": {"type": "invalid_request_error", "message": message}});
    let refuse = |message: String| Err(Refusal::fault(400, body(&message)));
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

fn bedrock(request: &Value, turns: &[Turn<'_>]) -> Judged {
    let refuse = |message: String| Err(Refusal::fault(400, json!({"message": message})));
    let teach =
        |field: &str, message: &str| Err(Refusal::lesson(400, field, json!({"message": message})));
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

fn gemini(request: &Value, turns: &[Turn<'_>]) -> Judged {
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

fn azure(request: &Value, turns: &[Turn<'_>]) -> Judged {
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

fn groq(request: &Value, turns: &[Turn<'_>]) -> Judged {
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

fn template(turns: &[Turn<'_>]) -> Judged {
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
    Ok(())
}

fn unverified(request: &Value) -> Judged {
    if request["stream"] != true {
        return match unknown(request, &FIELDS) {
            Some((name, _)) => Err(Refusal::fault(
                400,
                error(&format!(
                    "The '{name}' parameter is only allowed when 'stream' is enabled."
                )),
            )),
            None => Ok(()),
        };
    }
    let message = "Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization. If you just verified, it can take up to 15 minutes for access to propagate.";
    let body = json!({"error": {"message": message, "type": "invalid_request_error", "param": "stream", "code": "unsupported_value"}});
    Err(Refusal::lesson(400, "stream", body))
}
