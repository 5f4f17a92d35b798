use serde_json::{Value, json};

use super::super::read_messages as messages;
use super::*;

const TITLE: &str = "### Task:\nGenerate a concise, 3-5 word title.\n### Output:\nJSON format: { \"title\": \"your title here\" }\n### Chat History:\n<chat_history>\nUSER: Why?\n</chat_history>";
const DOCUMENTS: &str = "### Task:\nRespond to the user query using the provided context.\n<context>\n<source id=\"1\">Sales rose.</source>\n</context>\nWhy?";
const OF_LIBRECHAT: &str =
    "Provide a concise, 5-word-or-less title for the conversation, using title case conventions.";
const OF_CONTINUE: &str =
    "Given the following... please reply with a title for the chat that is 3-4 words in length";

fn is(messages: &Value, is_streamed: bool, max_tokens: Option<u64>, header: Option<&str>) -> bool {
    let mut headers = HeaderMap::new();
    if let Some(task) = header {
        headers.insert(HEADER, HeaderValue::from_str(task).unwrap());
    }
    let wish = Wish {
        messages: &messages::read(messages).unwrap(),
        is_streamed,
        max_tokens,
    };
    is_task(&headers, &wish)
}

fn one(text: &str) -> Value {
    json!([{"role": "user", "content": text}])
}

#[test]
fn a_task_is_known_by_its_header_or_by_how_it_is_made() {
    for (text, is_streamed, max_tokens, header) in [
        ("Why?", true, None, Some("title_generation")),
        (TITLE, false, None, None),
        (TITLE, false, Some(1000), Some("")),
        (OF_LIBRECHAT, false, None, None),
        (OF_LIBRECHAT, true, Some(64), None),
        (
            "Analyze this conversation and provide:\n1. The detected language of the conversation\n2. A title",
            false,
            None,
            None,
        ),
        (OF_CONTINUE, true, Some(16), None),
    ] {
        assert!(is(&one(text), is_streamed, max_tokens, header), "{text}");
    }
}

/// Also where its wording is that of a task, and where documents are put into it.
#[test]
fn a_question_is_none() {
    let twice = json!([{"role": "user", "content": "Hello."}, {"role": "user", "content": TITLE}]);
    let quoted = format!("What does this prompt do?\n\n{TITLE}");
    for (messages, is_streamed, max_tokens, header) in [
        (one("Why?"), false, Some(16), None),
        (one("Why?"), false, None, Some(" ")),
        (one("Why?"), false, None, Some("{{TASK}}")),
        (one(DOCUMENTS), true, None, None),
        (one(DOCUMENTS), false, None, None),
        (one(TITLE), true, None, None),
        (one(&quoted), false, None, None),
        (
            one(&format!(
                "{DOCUMENTS}\n<chat_history>a</chat_history> is what the page says."
            )),
            false,
            None,
            None,
        ),
        (
            one("Analyze this conversation and provide: sentiment, next steps."),
            false,
            None,
            None,
        ),
        (one(OF_LIBRECHAT), true, None, None),
        (one(OF_CONTINUE), true, Some(4096), None),
        (twice, false, None, None),
    ] {
        assert!(
            !is(&messages, is_streamed, max_tokens, header),
            "{messages}"
        );
    }
}

#[test]
fn a_task_is_asked_as_it_came_with_few_tokens() {
    let messages = json!([
        {"role": "developer", "content": "Short."},
        {"role": "user", "content": [{"type": "text", "text": "A title?"}]},
        {"role": "assistant", "content": null},
        {"role": "tool", "content": "Noon."},
    ]);
    let messages = messages::read(&messages).unwrap();
    let asked = question(&messages, 0.5, Some(1_000_000), None);
    let expected =
        json!([{"role": "system", "content": "Short."}, {"role": "user", "content": "A title?"}]);
    assert_eq!(Value::from(asked.messages), expected);
    assert_eq!(asked.max_tokens, 2048);
    assert_eq!(question(&messages, 0.5, Some(12), None).max_tokens, 12);
}
