//! Where a reply ends.

use super::{DONE, SO, STOP, assert_bodies, assert_reads, offered};
use model::{AskError, Decoder};
use serde_json::json;

const ERROR: &str = r#"{"error":{"message":"late"}}"#;
const MORE: &str = r#"{"choices":[{"delta":{"content":" More."}}]}"#;

#[test]
fn the_mark_of_the_end_ends_a_reply_whatever_stands_behind_it() {
    assert_reads(&[
        (&[SO, STOP, DONE], "So. |  |  | stop"),
        (&[SO, STOP, DONE, ERROR], "So. |  |  | stop"),
        (&[SO, STOP, DONE, MORE, "nonsense{"], "So. |  |  | stop"),
        (&[SO, STOP, DONE, DONE], "So. |  |  | stop"),
        (&[SO, DONE], "So. |  |  | stop"),
        (&[SO, DONE, ERROR], "So. |  |  | stop"),
        (&[SO, "\"[DONE]\""], "So. |  |  | stop"),
        (&[SO, " [done] "], "So. |  |  | stop"),
        (&[DONE], " | model_empty_answer: answered with nothing"),
    ]);
    assert_bodies(&[
        (b"data: {\"choices\":[{\"delta\":{\"content\":\"So.\"}}]}\n\ndata: [DONE]\n\n: ping\n\n\xff\xfe", "So. |  |  | stop"),
        (b"data: {\"choices\":[{\"delta\":{\"content\":\"So.\"}}]}\ndata:[DONE]", "So. |  |  | stop"),
    ]);
}

#[test]
fn what_is_held_back_when_the_mark_of_the_end_comes_is_a_reply() {
    for held in [
        "<|im_st",
        "[gMA",
        "<think",
        "<|start|>assistant<|chan",
        "assistantfin",
        "analysis",
    ] {
        let delta = json!({"choices": [{"delta": {"content": held}}]}).to_string();
        assert_reads(&[(&[&delta, DONE], &format!("{held} |  |  | stop"))]);
    }
}

#[test]
fn a_reply_is_over_with_the_mark_and_not_with_the_body() {
    let mut decoder = Decoder::new(offered());
    decoder.feed(b"data: {\"choices\":[{\"delta\":{\"content\":\"So.\"}}]}\n\ndata: [DONE]\n");
    assert!(decoder.is_over());
    decoder.break_off();
    assert!(decoder.next_piece().unwrap().is_some());
    assert_eq!(decoder.next_piece(), Ok(None));
    assert_eq!(decoder.into_message(0).content, "So.");
}

#[test]
fn a_reason_to_end_is_enough_where_the_mark_does_not_come() {
    assert_reads(&[
        (&[SO, STOP], "So. |  |  | stop"),
        (&[SO, STOP, ERROR], "So. |  |  | stop"),
        (&[SO, STOP, "{\"choices\":[{\"del"], "So. |  |  | stop"),
        (
            &[SO],
            "So. | model_answer_cut: broke off in the middle of its answer",
        ),
        (
            &[SO, "{\"choices\":[{\"del"],
            "So. | model_answer_cut: broke off in the middle of its answer",
        ),
        (
            &[
                SO,
                r#"{"choices":[{"delta":{},"finish_reason":"network_error"}]}"#,
                DONE,
            ],
            "So. | model_answer_cut: broke off in the middle of its answer",
        ),
    ]);
    let mut decoder = Decoder::new(offered());
    decoder.feed(&super::stream(&[SO, STOP]));
    assert!(decoder.is_finished() && !decoder.is_over());
    decoder.break_off();
    assert!(decoder.is_over());
    assert!(decoder.next_piece().unwrap().is_some());
    assert_eq!(decoder.next_piece(), Ok(None));
}

#[test]
fn text_and_calls_behind_a_reason_to_end_are_read_until_the_end() {
    assert_reads(&[
        (&[SO, STOP, MORE, STOP, DONE], "So. More. |  |  | stop"),
        (
            &[
                STOP,
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"search","arguments":"{\"query\":\"a\"}"}}]},"finish_reason":"tool_calls"}]}"#,
                r#"{"choices":[{"delta":{"content":null,"tool_calls":null},"finish_reason":"stop"}]}"#,
                DONE,
            ],
            " |  | search{\"query\":\"a\"} | stop",
        ),
        (
            &[
                SO,
                STOP,
                r#"{"choices":[{"finish_reason":null,"content_filter_results":{}}]}"#,
                DONE,
            ],
            "So. |  |  | stop",
        ),
        (
            &[
                r#"{"choices":[{"delta":{"content":"So."},"finish_reason":""}]}"#,
                DONE,
            ],
            "So. |  |  | stop",
        ),
    ]);
}

#[test]
fn a_last_chunk_that_says_all_again_says_it_once() {
    let deltas = [
        r#"{"choices":[{"delta":{"content":"The answer is"}}]}"#,
        r#"{"choices":[{"delta":{"content":" forty-two."}}]}"#,
    ];
    let [first, second] = deltas;
    let told = "The answer is forty-two. |  |  | stop";
    for last in [
        r#"{"choices":[{"delta":{"content":"The answer is forty-two."},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"message":{"content":"The answer is forty-two."},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"delta":null,"message":{"content":"The answer is forty-two."},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"message":{"content":"Another text."},"finish_reason":"stop"}]}"#,
    ] {
        assert_reads(&[(&[first, second, last, DONE], told)]);
    }
    assert_reads(&[
        (
            &[
                first,
                r#"{"choices":[{"message":{"content":"The answer is forty-two."},"finish_reason":"stop"}]}"#,
            ],
            told,
        ),
        (
            &[
                r#"{"choices":[{"delta":{"content":"ha"}}]}"#,
                r#"{"choices":[{"delta":{"content":"ha"}}]}"#,
                r#"{"choices":[{"delta":{"content":"haha"},"finish_reason":"stop"}]}"#,
            ],
            "hahahaha |  |  | stop",
        ),
        (
            &[
                r#"{"choices":[{"message":{"content":"So"},"delta":{"content":"So"}}]}"#,
                r#"{"choices":[{"message":{"content":"So."},"delta":{"content":"."},"finish_reason":"stop"}]}"#,
            ],
            "So. |  |  | stop",
        ),
        (
            &[
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"search","arguments":"{\"query\":\"a\"}"}}]}}]}"#,
                r#"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"search","arguments":"{\"query\": \"a\"}"}}]},"finish_reason":"tool_calls"}]}"#,
            ],
            " |  | search{\"query\":\"a\"} | tool_calls",
        ),
        (
            &[
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"search","arguments":"{\"qu"}}]}}]}"#,
                r#"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"search","arguments":"{\"query\": \"a\"}"}}]},"finish_reason":"tool_calls"}]}"#,
            ],
            " |  | search{\"query\": \"a\"} | tool_calls",
        ),
    ]);
}

#[test]
fn deltas_that_each_say_all_before_them_again_are_said_once() {
    let delta = |text: &str| {
        format!(r#"{{"choices":[{{"delta":{{"content":"{text}","reasoning":"{text}"}}}}]}}"#)
    };
    let told = |texts: &[&str]| {
        let mut frames: Vec<_> = texts.iter().map(|text| delta(text)).collect();
        frames.push(STOP.to_owned());
        let frames: Vec<_> = frames.iter().map(|frame| &**frame).collect();
        super::outcome(&super::stream(&frames))
    };
    let table = "| a | b |\\n| 1 | 2 |\\n";
    let steps = [
        "| a | b |\\n",
        "| a | b |\\n| 1 |",
        "| a | b |\\n| 1 | 2 |",
        table,
        table,
    ];
    let shown = table.replace("\\n", "\n");
    assert_eq!(told(&steps), format!("{shown} | {shown} |  | stop"));
    assert_eq!(
        told(&["The", "The answer", "The answer is", "The answer is 4."]),
        "The answer is 4. | The answer is 4. |  | stop"
    );
    assert_eq!(
        told(&["ha", "ha", "haha", "hahaha"]),
        format!("{0} | {0} |  | stop", "ha".repeat(7))
    );
    // Two may do so by chance, and short ones too.
    assert_eq!(
        told(&["The answer is", "The answer is 4."]),
        "The answer isThe answer is 4. | The answer isThe answer is 4. |  | stop"
    );
    assert_eq!(told(&["a", "ab", "abc"]), "aababc | aababc |  | stop");
    assert_eq!(
        told(&["--------", "--------", "---------"]),
        format!("{0} | {0} |  | stop", "-".repeat(25))
    );
}

#[test]
fn a_connection_that_breaks_or_stays_open_without_the_last_line_end_has_said_all() {
    for last in ["data: [DONE]".to_owned(), format!("data: {STOP}")] {
        let mut decoder = Decoder::new(offered());
        decoder.feed(format!("data: {SO}\n\n{last}").as_bytes());
        assert_eq!(decoder.is_over(), last.ends_with("[DONE]"));
        decoder.break_off();
        assert!(decoder.next_piece().unwrap().is_some(), "{last}");
        assert_eq!(decoder.next_piece(), Ok(None), "{last}");
    }
    let mut decoder = Decoder::new(offered());
    decoder.feed(format!("{SO}\n[DONE]\n").as_bytes());
    assert!(decoder.is_over());
}

#[test]
fn a_connection_that_breaks_off_cuts_a_reply_and_changes_no_fault_before() {
    let call = r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"search","arguments":"{\"query\":\"a\"}"}}]}}]}"#;
    let cut = "broke off in the middle of its answer";
    for (body, told) in [
        (String::new(), cut),
        (format!("data: {SO}\n\n"), cut),
        // Where the body ends as it should, that is whole.
        (format!("data: {call}\n\n"), cut),
        (format!("data: {ERROR}\n\n"), "reported an error: late"),
        (
            format!("data: {ERROR}\n\ndata: {SO}"),
            "reported an error: late",
        ),
    ] {
        let mut decoder = Decoder::new(offered());
        decoder.feed(body.as_bytes());
        decoder.break_off();
        assert!(decoder.is_over());
        let fault = loop {
            match decoder.next_piece() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("{body} is taken for whole"),
                Err(fault) => break fault,
            }
        };
        assert_eq!(fault.to_string(), told, "{body}");
    }
}

#[test]
fn one_frame_that_is_read_tells_an_empty_reply_from_what_is_none() {
    let broken = "{\"choices\":[{\"del";
    let empty = r#"{"choices":[{"delta":{}}]}"#;
    let garbage = " | model_bad_answer: answered with something that is no chat completion";
    assert_reads(&[
        (&[broken], garbage),
        (
            &[empty, broken],
            " | model_empty_answer: answered with nothing",
        ),
    ]);
}

#[test]
fn what_has_come_of_a_reply_is_told_while_it_comes() {
    let mut decoder = Decoder::new(offered());
    let usage = r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5}}"#;
    assert!(decoder.is_untouched());
    assert_eq!(
        (decoder.usage(0).estimated, decoder.passed_over()),
        (true, 0)
    );
    decoder.feed(&super::stream(&["{\"choices\":[{\"del", SO]));
    assert!(!decoder.is_untouched());
    assert_eq!(
        (decoder.usage(0).estimated, decoder.passed_over()),
        (true, 1)
    );
    decoder.feed(&super::stream(&[STOP, ERROR, usage]));
    let counted = run::Usage {
        input_tokens: 3,
        output_tokens: 5,
        ..run::Usage::default()
    };
    assert_eq!((decoder.usage(0), decoder.passed_over()), (counted, 2));
}

#[test]
fn a_reason_in_words_that_mean_none_is_none() {
    let so = |reason: &str| {
        format!(r#"{{"choices":[{{"delta":{{"content":"So."}},"finish_reason":{reason}}}]}}"#)
    };
    for reason in ["\"null\"", "\"None\"", "\"\"", "null"] {
        assert_reads(&[
            (
                &[&so(reason)],
                "So. | model_answer_cut: broke off in the middle of its answer",
            ),
            (
                &[&so(reason), ERROR],
                "So. | model_error: reported an error: late",
            ),
        ]);
    }
}

#[test]
fn a_last_chunk_that_says_again_what_is_shown_says_it_once() {
    let delta = |text: &str, end: bool| {
        let reason = if end { "\"stop\"" } else { "null" };
        format!(r#"{{"choices":[{{"delta":{{"content":"{text}"}},"finish_reason":{reason}}}]}}"#)
    };
    let long = "The answer is forty-two, as ever.";
    for (texts, told) in [
        (
            vec!["It is", " 4.", "It is 4."],
            "It is 4. |  |  | stop".to_owned(),
        ),
        // What is as short, and came as one delta, may well be said twice.
        (
            vec!["very, very ", "very, very "],
            "very, very very, very  |  |  | stop".to_owned(),
        ),
        (
            vec!["very, very, very", "very, very, very"],
            "very, very, very |  |  | stop".to_owned(),
        ),
        (
            vec!["<think>hm</think>", "very, very very", "very, very very"],
            "very, very veryvery, very very | hm |  | stop".to_owned(),
        ),
        (vec![long, long], format!("{long} |  |  | stop")),
        (
            vec!["<think>hm</think>", "very, very, very", "very, very, very"],
            "very, very, very | hm |  | stop".to_owned(),
        ),
        (
            vec!["<think>hm</think>", long, long],
            format!("{long} | hm |  | stop"),
        ),
        (
            vec![long, "<|im_end|>", long],
            format!("{long} |  |  | stop"),
        ),
    ] {
        let last = texts.len() - 1;
        let frames: Vec<_> = texts
            .iter()
            .enumerate()
            .map(|(at, text)| delta(text, at == last))
            .collect();
        let frames: Vec<_> = frames.iter().map(|frame| &**frame).collect();
        assert_reads(&[(&frames, &told)]);
    }
    // Blanks are no beginning of a text.
    assert_reads(&[(
        &[
            r#"{"choices":[{"delta":{"content":"\n"}}]}"#,
            r#"{"choices":[{"message":{"content":"So."},"finish_reason":"stop"}]}"#,
        ],
        "\nSo. |  |  | stop",
    )]);
    assert_reads(&[(
        &[
            r#"{"choices":[{"delta":{"content":"a\ud83d"}}]}"#,
            r#"{"choices":[{"message":{"content":"a😀b"},"finish_reason":"stop"}]}"#,
        ],
        "a😀b |  |  | stop",
    )]);
}

#[test]
fn a_call_in_deltas_of_which_each_says_all_again_is_made_once() {
    let call = r#"<tool_call>{\"name\":\"search\",\"arguments\":{\"query\":\"a\"}}</tool_call>"#;
    let texts = ["", "\\n", "\\nSo."]
        .map(|behind| format!(r#"{{"choices":[{{"delta":{{"content":"{call}{behind}"}}}}]}}"#));
    let [first, second, third] = &texts;
    assert_reads(&[(
        &[first, second, third, STOP],
        "So. |  | search{\"query\":\"a\"} | stop",
    )]);
}

#[test]
fn a_text_a_thought_and_a_call_may_each_be_of_256_kib_and_all_together_of_a_mib() {
    let delta = |delta: serde_json::Value| json!({"choices": [{"delta": delta}]}).to_string();
    let text = |bytes: usize| delta(json!({"content": "x".repeat(bytes)}));
    let thought = |bytes: usize| delta(json!({"reasoning_content": "x".repeat(bytes)}));
    let call = |index: u32, bytes: usize| {
        let arguments = json!({"query": "x".repeat(bytes - r#"{"query":""}"#.len())}).to_string();
        let function = json!({"name": "search", "arguments": arguments});
        delta(
            json!({"tool_calls": [{"index": index, "id": format!("c{index}"), "function": function}]}),
        )
    };
    let most = run::MAX_TEXT_BYTES;
    // A call's name counts as well.
    let longest = most - "search".len();
    let beside = |bytes: usize| vec![text(most), thought(most), call(0, longest), call(1, bytes)];
    for (frames, is_taken) in [
        (vec![text(most)], true),
        (vec![text(most), text(1)], false),
        (vec![text(1), thought(most)], true),
        (vec![thought(most), thought(1)], false),
        (vec![call(0, longest)], true),
        (vec![call(0, longest + 1)], false),
        (beside(longest), true),
        ([beside(longest), vec![call(2, 100)]].concat(), false),
    ] {
        let mut decoder = Decoder::new(offered());
        for frame in &frames {
            decoder.feed(format!("data: {frame}\n\n").as_bytes());
        }
        decoder.feed(&super::stream(&[STOP, DONE]));
        let fault = loop {
            match decoder.next_piece() {
                Ok(Some(_)) => {}
                Ok(None) => break None,
                Err(fault) => break Some(fault),
            }
        };
        let lengths: Vec<_> = frames.iter().map(String::len).collect();
        let expected = (!is_taken).then_some(AskError::TooLong);
        assert_eq!(fault, expected, "{lengths:?}");
    }
}
