use run::EarlierTurn;
use serde_json::json;

use super::super::super::super::start_request::MAX_QUERY_CHARS;
use super::super::super::messages::{Conversation, MAX_INSTRUCTIONS_CHARS, NO_QUESTION};
use super::*;

fn conversation(messages: &Value) -> Result<Conversation, ApiError> {
    Conversation::of(FIELD, &read(messages)?, None)
}

fn turn(query: &str, answer: &str) -> EarlierTurn {
    EarlierTurn {
        query: query.to_owned(),
        answer: Some(answer.to_owned()),
    }
}

#[test]
fn the_last_message_of_the_user_is_the_question_and_the_others_are_what_came_before() {
    let messages = json!([
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "How many?"},
        {"role": "assistant", "content": "Seven."},
        {"role": "developer", "content": [{"type": "text", "text": "In German."}]},
        {"role": "user", "content": [{"type": "text", "text": "And"}, {"type": "text", "text": "why?"}]},
    ]);
    let expected = Conversation {
        question: "And\n\nwhy?".to_owned(),
        turns: vec![turn("How many?", "Seven.")],
        instructions: Some("Be short.\n\nIn German.".to_owned()),
    };
    assert_eq!(conversation(&messages), Ok(expected));
}

#[test]
fn calls_of_the_callers_own_tools_and_what_they_brought_are_a_part_of_their_turn() {
    let messages = json!([
        {"role": "user", "content": "What time is it?"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": "clock", "arguments": "{}"}},
        ]},
        {"role": "tool", "tool_call_id": "1", "content": "Noon."},
    ]);
    let done = "(called the tool clock: {})\n\n(a tool returned) Noon.";
    let read = conversation(&messages).unwrap();
    assert_eq!(read.question, "What time is it?");
    assert_eq!(read.turns, [turn("What time is it?", done)]);
}

#[test]
fn turns_without_a_question_or_an_answer_are_kept() {
    let messages = json!([
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": "One."},
        {"role": "user", "content": "Two."},
        {"role": "assistant", "content": ""},
        {"role": "user", "content": "Three?"},
    ]);
    let read = conversation(&messages).unwrap();
    let unanswered = EarlierTurn {
        query: "One.\n\nTwo.".to_owned(),
        answer: None,
    };
    assert_eq!(read.turns, [turn(NO_QUESTION, "Hello!"), unanswered]);
    assert_eq!(read.question, "Three?");
}

#[test]
fn what_is_no_text_is_refused_in_the_question_and_noted_before_it() {
    let picture = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}});
    let with = |last: &Value| {
        json!([
            {"role": "user", "content": [picture, {"type": "text", "text": "What is this?"}]},
            {"role": "assistant", "content": "A cat."},
            {"role": "user", "content": last},
        ])
    };
    let read = conversation(&with(&json!("Sure?"))).unwrap();
    assert_eq!(
        read.turns,
        [turn("What is this?\n\n(image_url: not read)", "A cat.")]
    );
    for kind in ["image_url", "input_audio", "file"] {
        let content = json!([{"type": "text", "text": "And this?"}, {"type": kind, kind: {}}]);
        let refused = conversation(&with(&content)).unwrap_err();
        assert_eq!(refused.field(), Some("messages[2].content[1]"));
        assert!(refused.message().contains(kind), "{}", refused.message());
    }
}

#[test]
fn what_is_no_conversation_is_refused_by_its_path() {
    let long = "x".repeat(MAX_QUERY_CHARS + 1);
    let instructions = "x".repeat(MAX_INSTRUCTIONS_CHARS + 1);
    let user = |content: Value| json!([{"role": "user", "content": content}]);
    for (messages, path) in [
        (json!(null), "messages"),
        (json!([]), "messages"),
        (json!({"role": "user"}), "messages"),
        (json!(["Hello"]), "messages[0]"),
        (json!([{"content": "Hello"}]), "messages[0].role"),
        (
            json!([{"role": "bot", "content": "Hello"}]),
            "messages[0].role",
        ),
        (json!([{"role": "system", "content": "Hello"}]), "messages"),
        (user(json!(7)), "messages[0].content"),
        (user(json!(null)), "messages[0].content"),
        (user(json!(" \n")), "messages[0].content"),
        (user(json!([])), "messages[0].content"),
        (user(json!([{"text": 7}])), "messages[0].content[0]"),
        (user(json!(long)), "messages[0].content"),
        (
            json!([{"role": "system", "content": instructions}, {"role": "user", "content": "?"}]),
            "messages",
        ),
    ] {
        let refused = conversation(&messages).unwrap_err();
        assert_eq!(refused.field(), Some(path), "{}", refused.message());
    }
}
