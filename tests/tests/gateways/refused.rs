//! What gateways refuse of a history, and in which words.

use serde_json::{Value, json};
use tests::gateway::Strictness;
use tests::gateway::Strictness::{Anthropic, Azure, Bedrock, Gemini, Groq, Mistral};

pub fn say(role: &str, content: &str) -> Value {
    json!({"role": role, "content": content})
}

fn asks(content: &Value, calls: &[(&str, &str)]) -> Value {
    let calls = calls.iter().map(|(id, name)| {
        let function = json!({"name": name, "arguments": "{}"});
        json!({"id": id, "type": "function", "function": function, "extra_content": {"google": {"thought_signature": "x"}}})
    });
    let mut message = json!({"role": "assistant", "tool_calls": calls.collect::<Vec<_>>()});
    if !content.is_null() {
        message["content"] = content.clone();
    }
    message
}

fn brings(id: &str) -> Value {
    json!({"role": "tool", "tool_call_id": id, "content": "{}"})
}

/// Messages, and who refuses them in which words.
pub type Refused = (Vec<Value>, Vec<(Strictness, &'static str)>);

/// What was sent before the history was told as it is now, and what never was.
pub fn refused() -> Vec<Refused> {
    [of_messages(), of_pairs()].concat()
}

fn of_messages() -> Vec<Refused> {
    let (user, id) = (say("user", "u"), "r00010001");
    let one = asks(&Value::Null, &[(id, "look")]);
    let reminded = vec![
        user.clone(),
        one.clone(),
        brings(id),
        say("user", "This is the last round."),
    ];
    let blank = vec![user.clone(), asks(&json!(""), &[(id, "look")]), brings(id)];
    let dotted = vec![
        user.clone(),
        asks(&Value::Null, &[("r1.1", "look")]),
        brings("r1.1"),
    ];
    let invented = vec![
        user.clone(),
        asks(&Value::Null, &[(id, "browser/tabs")]),
        brings(id),
    ];
    vec![
        (
            reminded,
            vec![
                (Mistral, "Unexpected role 'user' after role 'tool'"),
                (
                    Bedrock,
                    "Conversation blocks and tool result blocks cannot be provided in the same turn",
                ),
            ],
        ),
        (
            blank,
            vec![
                (Anthropic, "text content blocks must be non-empty"),
                (
                    Bedrock,
                    "The text field in the ContentBlock object at messages.1.content.0 is blank",
                ),
                (Gemini, "must not be empty"),
            ],
        ),
        (
            dotted,
            vec![
                (
                    Mistral,
                    "Tool call id was r1.1 but must be a-z, A-Z, 0-9, with a length of 9.",
                ),
                (Anthropic, "tool_use.id: String should match pattern"),
            ],
        ),
        (
            invented,
            vec![
                (Mistral, "Function name was browser/tabs"),
                (Anthropic, "tool_use.name: String should match pattern"),
                (Bedrock, "Member must satisfy regular expression pattern"),
                (Gemini, "Invalid function name"),
                (Azure, "string does not match pattern"),
            ],
        ),
    ]
}

fn of_pairs() -> Vec<Refused> {
    let (user, id) = (say("user", "u"), "r00010001");
    let unanswered = vec![
        user.clone(),
        asks(&Value::Null, &[(id, "look"), ("r00010002", "look")]),
        brings(id),
    ];
    let stray = vec![user.clone(), brings(id)];
    let empty_answer = vec![user.clone(), say("assistant", ""), user.clone()];
    let twice = vec![user.clone(), user.clone()];
    vec![
        (
            unanswered,
            vec![
                (
                    Mistral,
                    "Not the same number of function calls and responses",
                ),
                (
                    Anthropic,
                    "without `tool_result` blocks immediately after: r00010002",
                ),
                (
                    Bedrock,
                    "Expected toolResult blocks at messages.2.content for the following Ids: r00010002",
                ),
                (Gemini, "the number of function response parts is equal"),
                (Azure, "did not have response messages: r00010002"),
                (Groq, "must be a response to a preceding message"),
            ],
        ),
        (
            stray,
            vec![
                (Mistral, "Unexpected role 'tool' after role 'user'"),
                (Anthropic, "unexpected `tool_use_id`"),
                (Gemini, "function response turn comes immediately after"),
                (Azure, "must be a response to a preceeding message"),
                (Groq, "must be a response to a preceding message"),
            ],
        ),
        (
            empty_answer,
            vec![
                (
                    Mistral,
                    "Assistant message must have either content or tool_calls",
                ),
                (Anthropic, "text content blocks must be non-empty"),
                (Bedrock, "is blank"),
                (Gemini, "must not be empty"),
            ],
        ),
        (
            twice,
            vec![
                (Mistral, "Unexpected role 'user' after role 'user'"),
                (
                    Bedrock,
                    "A conversation must alternate between user and assistant roles",
                ),
            ],
        ),
    ]
}
