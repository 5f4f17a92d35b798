//! Marks of chat templates.

use super::{assert_reads, said};
use serde_json::json;

#[test]
fn what_stops_a_message_is_not_shown_at_its_end() {
    for stop in [
        "<|im_end|>",
        "</s>",
        "<|eot_id|>",
        "<end_of_turn>",
        "<|endoftext|>",
        "<｜end▁of▁sentence｜>",
        "<|end|>",
        "<|eom|>",
        "<|role_end|>",
        "[|endofturn|]",
        "[e~[",
    ] {
        assert_eq!(said(&format!("So.{stop}")), "So. |  |  | stop");
        assert_eq!(said(&format!("So.\n{stop}\n")), "So.\n |  |  | stop");
        assert_eq!(said(&format!("So.{stop}{stop}")), "So. |  |  | stop");
        assert_eq!(
            said(&format!("`{stop}` ends it.")),
            format!("`{stop}` ends it. |  |  | stop")
        );
    }
}

#[test]
fn a_model_that_runs_on_past_its_message_is_not_shown() {
    assert_eq!(
        said("So.<|im_end|>\n<|im_start|>user\nAnd?<|im_end|>"),
        "So. |  |  | stop"
    );
    assert_eq!(said("So.</s>[INST] And? [/INST] No."), "So. |  |  | stop");
    assert_eq!(
        said("So.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nAnd?"),
        "So. |  |  | stop"
    );
}

#[test]
fn what_opens_a_message_is_not_shown() {
    assert_eq!(said("<|im_start|>assistant\nSo."), "So. |  |  | stop");
    assert_eq!(
        said("<|start_header_id|>assistant<|end_header_id|>\n\nSo."),
        "So. |  |  | stop"
    );
    assert_eq!(said("<|/tool_call|><|assistant|>So."), "So. |  |  | stop");
    for opening in [
        "<|im_start|>assistant<|im_sep|>",
        "<|im_assistant|>assistant<|im_middle|>",
        "[gMASK]<sop><|assistant|>",
        "[|assistant|]",
        "<s> ",
    ] {
        assert_eq!(said(&format!("{opening}So.</s>")), "So. |  |  | stop");
    }
    // An element of HTML, which no white space follows.
    let struck = "<s>old</s> is new.";
    assert_eq!(said(struck), format!("{struck} |  |  | stop"));
}

#[test]
fn a_mark_in_pieces_is_held_back_until_it_is_told_apart() {
    let delta = |text: &str| json!({"choices": [{"delta": {"content": text}}]}).to_string();
    let [a, b, c, d] = ["So.", "<|im", "_end|>", " is a mark."].map(delta);
    let stop = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
    assert_reads(&[
        (&[&a, &b, &c, stop], "So. |  |  | stop"),
        (
            &[&a, &b, &c, &d, stop],
            "So.<|im_end|> is a mark. |  |  | stop",
        ),
        (&[&a, &b, stop], "So.<|im |  |  | stop"),
    ]);
}

#[test]
fn nothing_counts_behind_the_end_of_a_message() {
    let call = r#"<tool_call>{"name": "search", "arguments": {"query": "a"}}</tool_call>"#;
    assert_eq!(
        said(&format!(
            "So.<|im_end|>\n<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\n{call}"
        )),
        "So. |  |  | stop"
    );
    // The reply is over: a server that goes on is not read.
    let mut decoder = model::Decoder::new(super::offered());
    let frame = json!({"choices": [{"delta": {"content": "So.<|im_end|>\n<|im_start|>user\n"}}]});
    decoder.feed(format!("data: {frame}\n\n").as_bytes());
    assert!(decoder.is_over());
    // A call may be followed by another message of the model's own.
    assert_eq!(
        said(&format!(
            "{call}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n{call}"
        )),
        " |  | search{\"query\":\"a\"} search{\"query\":\"a\"} | stop"
    );
    assert_eq!(said("So.</s><s>[INST] And?"), "So. |  |  | stop");
    assert_eq!(
        said("So.<｜end▁of▁sentence｜><｜User｜>And?"),
        "So. |  |  | stop"
    );
}

#[test]
fn headers_of_gpt_oss_are_told_apart_where_only_their_words_are_left() {
    let call = "to=functions.search json{\"query\":\"a\"}";
    let asked = "search{\"query\":\"a\"}";
    for (text, told) in [
        (
            "analysisWe know it.assistantfinalSo.",
            "So. | We know it. | ",
        ),
        ("assistantfinalSo.", "So. |  | "),
        (
            "analysisHm.assistantcommentaryI look.assistantfinalSo.",
            "I look.So. | Hm. | ",
        ),
        (
            "analysisHm.assistantanalysisHm?assistantfinalSo.",
            "So. | Hm.Hm? | ",
        ),
        ("analysisWe know it.", " | We know it. | "),
    ] {
        assert_eq!(said(text), format!("{told} | stop"), "{text}");
    }
    for (head, thought) in [
        ("commentary ", ""),
        ("assistantcommentary ", ""),
        ("analysisWe search.assistantcommentary ", "We search."),
    ] {
        assert_eq!(
            said(&format!("{head}{call}")),
            format!(" | {thought} | {asked} | stop"),
            "{head}"
        );
    }
    let apart = call.replace("json", "json\n");
    assert_eq!(
        said(&format!("commentary {apart}")),
        format!(" |  | {asked} | stop")
    );
    for text in [
        "analysis",
        "analysis: So.",
        "analysisof",
        "assistant",
        "assistants",
        "assistantfin",
        "commentary",
        "commentary to=",
        "commentary to=functions.search",
        "commentary to the text",
        "An assistantfinal word, and analysisWe.",
    ] {
        assert_eq!(said(text), format!("{text} |  |  | stop"));
    }
}

#[test]
fn a_header_of_gpt_oss_has_128_bytes_at_most_and_what_cannot_become_one_is_shown_at_once() {
    let to = |bytes: usize| format!("commentary to={}{{\"query\":\"a\"}}", "x".repeat(bytes));
    let longest = format!(" |  | {}{{\"query\":\"a\"}} | stop", "x".repeat(114));
    assert_eq!(said(&to(114)), longest);
    assert_eq!(said(&to(115)), format!("{} |  |  | stop", to(115)));
    let shown = |text: &str| {
        let mut decoder = model::Decoder::new(super::offered());
        let frame = json!({"choices": [{"delta": {"content": text}}]});
        decoder.feed(format!("data: {frame}\n\n").as_bytes());
        decoder.next_piece().unwrap()
    };
    let all = |text: &str| Some(model::Piece::Content(text.to_owned()));
    let long = format!("commentary to={}", "x".repeat(115));
    for text in [
        "analysis: So",
        "commentary to the",
        "commentary to=a\nb",
        &long,
    ] {
        assert_eq!(shown(text), all(text), "{text}");
    }
    for text in [
        "analysis",
        "commentary",
        "commentary to=a",
        &long[..long.len() - 1],
    ] {
        assert_eq!(shown(text), None, "{text}");
    }
}

#[test]
fn what_opens_a_message_hides_no_call() {
    let bare = r#"{"name": "search", "parameters": {"query": "a"}}"#;
    assert_eq!(
        said(&format!("<|im_start|>assistant\n{bare}")),
        " |  | search{\"query\":\"a\"} | stop"
    );
}
