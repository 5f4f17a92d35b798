//! Thinking in odd places.

use super::{DONE, STOP, assert_reads, outcome, said, stream};
use model::{Decoder, Piece, Retracted};
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

#[test]
fn what_begins_as_a_thought_and_has_no_end_is_the_answer_unless_it_was_cut() {
    for (reason, told) in [
        ("stop", "It is four. |  |  | stop"),
        ("length", " | It is four. |  | length"),
    ] {
        let choice = json!({"delta": {"content": "It is four."}, "finish_reason": reason});
        let body = stream(&[&json!({"choices": [choice]}).to_string()]);
        let decoder = model::Decoder::for_thinking_first(super::offered());
        assert_eq!(super::told(&super::read(decoder, [&*body])), told);
    }
}

#[test]
fn a_call_in_the_thoughts_is_none_where_another_was_made() {
    let call = |query: &str| {
        format!(
            r#"<tool_call>{{"name": "search", "arguments": {{"query": "{query}"}}}}</tool_call>"#
        )
    };
    let delta = json!({"reasoning": call("a"), "content": call("b")});
    let frame = json!({"choices": [{"delta": delta, "finish_reason": "stop"}]});
    assert_eq!(
        outcome(&stream(&[&frame.to_string()])),
        format!(" | {} | search{{\"query\":\"b\"}} | stop", call("a"))
    );
}

#[test]
fn a_text_of_one_word_is_said_but_for_false_beside_calls() {
    assert_eq!(said("false"), "false |  |  | stop");
    let part = json!({"index": 0, "id": "a", "function": {"name": "search", "arguments": "{}"}});
    for (text, told) in [
        ("false", " |  | search{} | stop"),
        ("true", "true |  | search{} | stop"),
    ] {
        let delta = json!({"content": text, "tool_calls": [part]});
        let frame = json!({"choices": [{"delta": delta, "finish_reason": "stop"}]});
        assert_eq!(outcome(&stream(&[&frame.to_string()])), told);
    }
}

#[test]
fn what_was_not_counted_is_estimated_by_all_that_was_written() {
    let call = json!([{"index": 0, "id": "a", "function": {"name": "search", "arguments": "{}"}}]);
    let leaked = r#"<tool_call>{"name": "search", "arguments": {}}</tool_call>"#;
    for (delta, bytes) in [
        (json!({"content": "x".repeat(40)}), 40),
        (json!({"reasoning": "x".repeat(80)}), 80),
        (
            json!({"content": "x".repeat(40), "reasoning": "x".repeat(80)}),
            120,
        ),
        (json!({"content": "x".repeat(40), "tool_calls": call}), 48),
        (
            json!({"content": "x".repeat(40), "reasoning": "x".repeat(80), "tool_calls": call}),
            128,
        ),
        (
            json!({"content": format!("{}{leaked}", "x".repeat(40)), "reasoning": "x".repeat(80)}),
            128,
        ),
    ] {
        let frame = json!({"choices": [{"delta": delta}]}).to_string();
        let mut decoder = model::Decoder::new(super::offered());
        decoder.feed(&stream(&[&frame]));
        assert_eq!(decoder.usage(0).output_tokens, bytes / 4, "{delta}");
    }
}

/// What is given out of texts that come one after the other, each looked for once it has come.
fn pieces(texts: &[&str]) -> Vec<Piece> {
    let mut decoder = Decoder::new(super::offered());
    let mut pieces = Vec::new();
    for text in texts {
        let frame = json!({"choices": [{"delta": {"content": text}}]});
        decoder.feed(&stream(&[&frame.to_string()]));
        while let Some(piece) = decoder.next_piece().unwrap() {
            pieces.push(piece);
        }
    }
    pieces
}

#[test]
fn only_what_was_given_out_is_taken_back() {
    let content = |text: &str| Piece::Content(text.to_owned());
    let call = r#"<tool_call>{"name": "search", "arguments": {"query": "a"}}</tool_call>"#;
    let again = [call.to_owned(), format!("{call}\n"), format!("{call}\nSo.")];
    let grown = ["It is", "It is four", "It is four. "];
    for (texts, expected) in [
        (vec!["hm</think>So."], vec![content("So.")]),
        (
            vec!["hm", "</think>So."],
            vec![
                content("hm"),
                Piece::Retract(Retracted::Thought),
                content("So."),
            ],
        ),
        (
            again.iter().map(String::as_str).collect(),
            vec![content("So.")],
        ),
        (
            [&grown[..], &["It is four. So."]].concat(),
            vec![
                content("It is"),
                content("It is four"),
                Piece::Retract(Retracted::SaidAgain),
                content("It is four. "),
                content("So."),
            ],
        ),
    ] {
        assert_eq!(pieces(&texts), expected, "{texts:?}");
    }
}
