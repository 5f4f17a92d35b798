//! JSON as it comes.

use super::{DONE, SO, STOP, assert_bodies, assert_reads, offered, stream};
use model::Decoder;

#[test]
fn a_key_that_comes_twice_counts_as_it_comes_last() {
    assert_reads(&[
        (
            &[
                r#"{"choices":[],"choices":[{"delta":{"content":"no"},"delta":{"content":"no","content":"So."}}]}"#,
                STOP,
            ],
            "So. |  |  | stop",
        ),
        (
            &[
                r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"index":0,"id":"a","function":{"name":"x","name":"search","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#,
            ],
            " |  | search{} | tool_calls",
        ),
    ]);
}

#[test]
fn numbers_that_nobody_needs_may_be_none() {
    for odd in [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "undefined",
        "None",
        "True",
    ] {
        let frame = format!(
            r#"{{"created":{odd},"choices":[{{"delta":{{"content":"So."}},"logprobs":{{"top":[{odd}]}}}}]}}"#
        );
        assert_reads(&[(&[&frame, STOP], "So. |  |  | stop")]);
    }
    assert_reads(&[(
        &[
            "{'choices': [{'delta': {'content': 'So.'}, 'finish_reason': None}],}",
            STOP,
        ],
        "So. |  |  | stop",
    )]);
}

#[test]
fn what_is_empty_where_null_is_meant_is_nothing() {
    for nothing in ["null", "{}", "[]", "\"\"", "false", "0"] {
        let fields = [
            format!(
                r#"{{"choices":[{{"delta":{{"content":"So.","tool_calls":{nothing},"function_call":{nothing}}}}}],"error":{},"usage":{nothing}}}"#,
                nothing.replace('0', "null")
            ),
            format!(
                r#"{{"choices":[{{"delta":{{"reasoning_content":{}}},"message":{nothing},"finish_reason":{}}}]}}"#,
                nothing.replace('0', "null"),
                nothing.replace('0', "null")
            ),
            format!(r#"{{"choices":{nothing}}}"#),
            format!(r#"{{"choices":[{{"delta":{nothing}}}]}}"#),
            format!(r#"{{"choices":[{nothing}]}}"#),
            format!(
                r#"{{"choices":[{{"delta":{{"tool_calls":[{nothing},{{"function":{nothing}}}]}}}}]}}"#
            ),
            STOP.to_owned(),
        ];
        let frames = fields.each_ref().map(|frame| &**frame);
        assert_reads(&[(&frames, "So. |  |  | stop")]);
    }
}

#[test]
fn halves_of_a_character_are_one_where_they_meet() {
    let delta = |text: &str| format!(r#"{{"choices":[{{"delta":{{"content":"{text}"}}}}]}}"#);
    let cases: [(&[&str], &str); 7] = [
        (&[r"a\ud83d", r"\ude00b"], "a😀b"),
        (&[r"a\ud83d", "", r"\ude00b"], "a😀b"),
        (&[r"a\ud83d\ude00b"], "a😀b"),
        (&[r"a\ud83d", "b"], "a\u{fffd}b"),
        (&[r"a\ude00b"], "a\u{fffd}b"),
        (&[r"a\ud83d"], "a\u{fffd}"),
        (&[r"\ud83d", r"\ud83d", r"\ude00"], "\u{fffd}😀"),
    ];
    for (texts, whole) in cases {
        let mut frames: Vec<_> = texts.iter().map(|text| delta(text)).collect();
        frames.push(STOP.to_owned());
        let frames: Vec<_> = frames.iter().map(|frame| &**frame).collect();
        assert_reads(&[(&frames, &format!("{whole} |  |  | stop"))]);
    }
    assert_reads(&[
        (
            &[
                r#"{"choices":[{"delta":{"reasoning_content":"\ud83d","content":"a"}}]}"#,
                r#"{"choices":[{"delta":{"content":"b","reasoning_content":"\ude00"},"finish_reason":"stop"}]}"#,
            ],
            "ab | 😀 |  | stop",
        ),
        (
            &[
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"search","arguments":"{\"query\":\"\ud83d"}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\ude00\"}"}}]},"finish_reason":"tool_calls"}]}"#,
            ],
            " |  | search{\"query\":\"😀\"} | tool_calls",
        ),
    ]);
}

#[test]
fn bytes_of_one_character_may_come_in_two_chunks_and_bytes_of_none_are_shown_as_one() {
    let chunk = |bytes: &[u8]| {
        let (head, tail): (&[u8], &[u8]) = (
            b"data: {\"choices\":[{\"delta\":{\"content\":\"",
            b"\"}}]}\n\n",
        );
        [head, bytes, tail].concat()
    };
    let stop = stream(&[STOP]);
    for (parts, whole) in [
        (vec![&b"a\xf0\x9f"[..], b"\x98\x80b"], "a😀b"),
        (vec![b"\xf0", b"\x9f", b"\x98", b"\x80"], "😀"),
        (vec![b"a\xc3", b"b"], "a\u{fffd}b"),
        (vec![b"a\xff\xfeb"], "a\u{fffd}\u{fffd}b"),
        (vec!["é\u{100000}".as_bytes()], "é\u{100000}"),
    ] {
        let mut body: Vec<u8> = parts.into_iter().flat_map(chunk).collect();
        body.extend_from_slice(&stop);
        assert_bodies(&[(&body, &format!("{whole} |  |  | stop"))]);
    }
}

#[test]
fn pieces_of_text_that_happen_to_be_json_are_text_as_it_was_written() {
    let delta = |content: &str| format!(r#"{{"choices":[{{"delta":{{"content":{content}}}}}]}}"#);
    let frames = [
        "\"It is \"",
        "6",
        "0.005",
        "1.10",
        "-3",
        "true",
        "\" \"",
        "1e2",
        "\"\\u0000\"",
    ]
    .map(delta);
    let mut frames: Vec<_> = frames.iter().map(|frame| &**frame).collect();
    frames.push(STOP);
    assert_reads(&[
        (&frames, "It is 60.0051.10-3true 1e2\u{0} |  |  | stop"),
        (
            &[
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"search","arguments":"{\"num_results\":"}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":5}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]},"finish_reason":"tool_calls"}]}"#,
            ],
            " |  | search{\"num_results\":5} | tool_calls",
        ),
    ]);
}

#[test]
fn text_in_parts_is_text_and_its_thoughts_are_thoughts() {
    assert_reads(&[
        (
            &[
                r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}]}}]}"#,
                r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":"."},{"type":"text","text":"So"},"."]},"finish_reason":"stop"}]}"#,
            ],
            "So. | Hm. |  | stop",
        ),
        (
            &[
                r#"{"choices":[{"message":{"content":[{"type":"reasoning","text":"Hm."},{"type":"output_text","text":"So."},{"type":"reference","reference_ids":[0]}]},"finish_reason":"stop"}]}"#,
            ],
            "So. | Hm. |  | stop",
        ),
        (
            &[
                r#"{"choices":[{"delta":{"content":{"type":"text","text":"So."}},"finish_reason":"stop"}]}"#,
            ],
            "So. |  |  | stop",
        ),
    ]);
}

#[test]
fn a_frame_that_cannot_be_read_costs_itself_alone_and_is_counted() {
    for broken in [
        "{\"choices\":[{\"delta\":{\"content\":\"no",
        "{]",
        "[{\"a\":}]",
        "{\"choices\":[]}}",
        "<html>503</html>",
    ] {
        let frames = [SO, broken, STOP, DONE];
        assert_reads(&[(&frames, "So. |  |  | stop")]);
        let mut decoder = Decoder::new(offered());
        decoder.feed(&stream(&frames));
        assert_eq!(decoder.passed_over(), 1, "{broken}");
        let bad = " | model_bad_answer: answered with something that is no chat completion";
        assert_reads(&[(&[broken], bad)]);
    }
    assert_bodies(&[
        (
            b"<html>\n<title>503</title>\n</html>",
            " | model_bad_answer: answered with something that is no chat completion",
        ),
        (
            b"Bad Gateway",
            " | model_bad_answer: answered with something that is no chat completion",
        ),
    ]);
}

#[test]
fn what_is_mended_in_a_frame_changes_nothing_else_in_it() {
    let call = |arguments: &str, odd: &str| {
        format!(
            r#"{{"choices":[{{"message":{{"tool_calls":[{{"function":{{"name":"search","arguments":{arguments}}}}}]}},"finish_reason":"tool_calls"}}],"x":{odd}}}"#
        )
    };
    assert_reads(&[
        (
            &[&call(r#"{"lat":48.85}"#, "NaN")],
            " |  | search{\"lat\":48.85} | tool_calls",
        ),
        (
            &[&call(r#"{"query":"a\ud83db"}"#, "1")],
            " |  | search{\"query\":\"a\u{fffd}b\"} | tool_calls",
        ),
    ]);
    assert_bodies(&[(
        b"data: {\"error\":{\"message\":\"caf\xe9 broken\"}}\n\n",
        " | model_error: reported an error: caf\u{fffd} broken",
    )]);
}

#[test]
fn characters_for_private_use_are_no_halves_where_a_frame_is_mended() {
    // The two that stand for the halves of one while it is.
    let text = "a\u{10003d}\u{100600}b";
    for (mended, shown) in [(false, text), (true, "a\u{fffd}\u{fffd}b")] {
        let number = if mended { "NaN" } else { "1" };
        let frame = format!(r#"{{"x":{number},"choices":[{{"delta":{{"content":"{text}"}}}}]}}"#);
        assert_reads(&[(&[&frame, STOP], &format!("{shown} |  |  | stop"))]);
    }
}
