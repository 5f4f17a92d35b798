//! Thinking in odd places.

use super::{DONE, STOP, assert_reads, outcome, said, stream};
use serde_json::json;

#[test]
fn thoughts_are_told_from_the_answer_under_every_name() {
    for (open, close) in [
        ("<think>", "</think>"),
        ("<thinking>", "</thinking>"),
        ("<thought>", "</thought>"),
        ("<reason>", "</reason>"),
        ("<reasoning>", "</reasoning>"),
        ("[THINK]", "[/THINK]"),
        ("<seed:think>", "</seed:think>"),
        ("<mm:think>", "</mm:think>"),
        ("<|channel>thought\n", "<channel|>"),
    ] {
        assert_eq!(
            said(&format!("{open}Hm.{close}\n\nSo.")),
            "So. | Hm. |  | stop"
        );
        assert_eq!(
            said(&format!("`{open}` opens it.")),
            format!("`{open}` opens it. |  |  | stop")
        );
    }
    assert_eq!(
        said("<think>a<think>b</think>c</think>So."),
        "So. | a<think>bc |  | stop"
    );
    assert_eq!(
        said("<think>the <think> tag</think>So."),
        "So. | the <think> tag |  | stop"
    );
    assert_eq!(
        said("<answer>\n  Because <reason>x</reason>.\n</answer>"),
        "<answer>\n  Because <reason>x</reason>.\n</answer> |  |  | stop"
    );
    for close in [
        "</think>",
        "</thinking>",
        "[/THINK]",
        "</mm:think>",
        "<channel|>",
    ] {
        assert_eq!(
            said(&format!("Hm.\n{close}\n\nSo.")),
            "So. | Hm.\n |  | stop"
        );
    }
}

#[test]
fn reasoning_has_many_fields_and_counts_once() {
    for fields in [
        r#""reasoning_content":"Hm.""#,
        r#""reasoning":"Hm.""#,
        r#""thinking":"Hm.""#,
        r#""reasoning":"Hm.","reasoning_content":"Hm.""#,
        r#""reasoning":"Hm.","reasoning_details":[{"type":"reasoning.text","text":"Hm."}]"#,
        r#""reasoning":null,"reasoning_details":[{"type":"reasoning.summary","summary":"Hm."},{"type":"reasoning.encrypted","data":"x"}]"#,
    ] {
        let frame = format!(r#"{{"choices":[{{"delta":{{{fields}}}}}]}}"#);
        let so = r#"{"choices":[{"delta":{"content":"So."}}]}"#;
        assert_reads(&[(&[&frame, so, STOP], "So. | Hm. |  | stop")]);
    }
}

#[test]
fn an_answer_or_a_call_that_was_filed_as_a_thought_is_found_where_nothing_else_was_said() {
    let thought = |text: &str| {
        let frame = json!({"choices": [{"delta": {"reasoning": text}, "finish_reason": "stop"}]});
        outcome(&stream(&[&frame.to_string(), DONE]))
    };
    let call = r#"<tool_call>{"name": "search", "arguments": {"query": "a"}}</tool_call>"#;
    assert_eq!(thought("It is four.<|im_end|>"), "It is four. |  |  | stop");
    assert_eq!(
        thought(&format!("I look.\n{call}")),
        format!(" | I look.\n{call} | search{{\"query\":\"a\"}} | stop")
    );
    assert_eq!(
        thought(&format!("{call} might help.")),
        format!(" | {call} might help. |  | stop")
    );
    assert_eq!(
        thought("<tool_call>{\"name\": \"invented\"}</tool_call>"),
        " | <tool_call>{\"name\": \"invented\"}</tool_call> |  | stop"
    );
    assert_eq!(
        said(&format!("<think>{call}</think>So.")),
        format!("So. | {call} |  | stop")
    );
}

#[test]
fn thoughts_within_thoughts_are_told_apart_where_the_prompt_opens_the_first_too() {
    let said_first = |text: &str| {
        let frame = json!({"choices": [{"delta": {"content": text}, "finish_reason": "stop"}]});
        let body = stream(&[&frame.to_string()]);
        let decoder = || model::Decoder::for_thinking_first(super::offered());
        let whole = super::read(decoder(), [&*body]);
        assert_eq!(super::read(decoder(), body.chunks(1)), whole, "{text}");
        super::told(&whole)
    };
    assert_eq!(said_first("a</think>So."), "So. | a |  | stop");
    assert_eq!(
        said_first("<think>a<think>b</think>c</think>So."),
        "So. | a<think>bc |  | stop"
    );
    assert_eq!(
        said_first("a<think>b</think>c</think>So."),
        "So. | a<think>bc |  | stop"
    );
    assert_eq!(said_first("<thought>a</thought>So."), "So. | a |  | stop");
    assert_eq!(
        said_first("<reasoning>a</reasoning>So."),
        "So. | a |  | stop"
    );
    assert_eq!(
        said("<thought>a<thought>b</thought>c</thought>So."),
        "So. | a<thought>bc |  | stop"
    );
    assert_eq!(said("<think>a</think></think>So."), "So. | a |  | stop");
    assert_eq!(
        said("Sure. <thinking>a</thinking>So."),
        "Sure. So. | a |  | stop"
    );
}
