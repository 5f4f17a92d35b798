//! Calls in pieces.

use super::{DONE, STOP, assert_reads};
use model::Decoder;
use serde_json::{Value, json};

const TOLD: &str = " |  | search{\"query\":\"a\"} | tool_calls";

/// A stream in which each chunk has one part of a call.
fn parts(parts: &[Value]) -> Vec<String> {
    let part = |part: &Value| json!({"choices": [{"delta": {"tool_calls": [part]}}]}).to_string();
    let end = json!({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}).to_string();
    parts.iter().map(part).chain([end]).collect()
}

fn assert_parts(cases: &[(&[Value], &str)]) {
    for (values, told) in cases {
        let frames = parts(values);
        let frames: Vec<_> = frames.iter().map(|frame| &**frame).collect();
        assert_reads(&[(&frames, told)]);
    }
}

fn part(
    index: impl Into<Value>,
    id: impl Into<Value>,
    name: impl Into<Value>,
    arguments: impl Into<Value>,
) -> Value {
    let function = json!({"name": name.into(), "arguments": arguments.into()});
    json!({"index": index.into(), "id": id.into(), "type": "function", "function": function})
}

const NO: Value = Value::Null;
const HEAD: &str = "{\"query\":";
const TAIL: &str = "\"a\"}";
const WHOLE: &str = "{\"query\":\"a\"}";

#[test]
fn name_and_arguments_may_stand_without_their_wrapper_and_each_in_a_part_of_its_own() {
    let name = json!({"index": 0, "id": "a", "name": "search"});
    let asks = |arguments: &str| json!({"index": 0, "arguments": arguments});
    let empty = json!({"index": 0, "name": "", "arguments": ""});
    assert_parts(&[
        (&[name.clone(), asks(WHOLE)], TOLD),
        (&[name.clone(), asks(HEAD), asks(TAIL)], TOLD),
        (&[empty.clone(), name, empty, asks(WHOLE)], TOLD),
    ]);
}

#[test]
fn a_name_comes_in_one_piece_in_several_or_again_and_again() {
    let interpreter = " |  | code_interpreter{} | tool_calls";
    assert_parts(&[
        (
            &[part(0, "a", "code_", NO), part(0, NO, "interpreter", "{}")],
            interpreter,
        ),
        (
            &[
                part(0, "a", "code_", NO),
                part(0, "a", "interp", ""),
                part(0, "a", "reter", "{}"),
            ],
            interpreter,
        ),
        (
            &[part(0, "a", "search", HEAD), part(0, "a", "search", TAIL)],
            TOLD,
        ),
        (
            &[
                part(0, "a", "search", ""),
                part(0, NO, "", HEAD),
                part(0, NO, NO, TAIL),
            ],
            TOLD,
        ),
        (
            &[
                part(0, "a", NO, HEAD),
                part(0, NO, "", TAIL),
                part(0, NO, "search", NO),
            ],
            TOLD,
        ),
        (&[part(0, "a", "", ""), part(0, "a", "search", WHOLE)], TOLD),
        (&[part(0, "a", "search<|channel|>commentary", WHOLE)], TOLD),
        (&[part(0, "a", "search[ARGS]", WHOLE)], TOLD),
        (&[part(0, "a", "functions.search:0", WHOLE)], TOLD),
        (&[part(0, "a", "web-search", WHOLE)], TOLD),
        (&[part(0, "a", "execute_python", "{}")], interpreter),
        (
            &[part(0, "a", "get_weather", "{}")],
            " |  | get_weather{} | tool_calls",
        ),
        // In pieces, and then again as a whole, or its last piece.
        (
            &[
                part(0, NO, "code_", NO),
                part(0, NO, "interpreter", "{}"),
                part(0, NO, "code_interpreter", "{}"),
            ],
            interpreter,
        ),
        (
            &[
                part(0, NO, "code_", NO),
                part(0, NO, "interpreter", "{}"),
                part(0, NO, "interpreter", "{}"),
            ],
            interpreter,
        ),
    ]);
}

#[test]
fn index_and_id_may_drift_within_a_call() {
    assert_parts(&[
        (
            &[
                part(0, "a", "search", ""),
                part(1, NO, NO, HEAD),
                part(2, NO, NO, TAIL),
            ],
            TOLD,
        ),
        (
            &[part(0, "a", "search", HEAD), part(0, "b", NO, TAIL)],
            TOLD,
        ),
        (
            &[
                part(0, "a", "search", ""),
                part(0, "b", "search", HEAD),
                part(0, "c", "search", TAIL),
            ],
            TOLD,
        ),
        (
            &[part(NO, "a", "search", HEAD), part(NO, "b", NO, TAIL)],
            TOLD,
        ),
        (
            &[part(NO, NO, "search", HEAD), part(NO, NO, NO, TAIL)],
            TOLD,
        ),
        (&[part("0", 7, "search", HEAD), part(0, "", "", TAIL)], TOLD),
        (
            &[part(0, "a", "search", WHOLE), part(1, "a", "search", WHOLE)],
            TOLD,
        ),
    ]);
}

#[test]
fn arguments_that_come_whole_with_each_piece_are_taken_once() {
    let pieces = ["{", "{\"query\"", "{\"query\":\"a", WHOLE];
    let named = pieces.map(|piece| part(0, "a", "search", piece));
    let mut bare = pieces.map(|piece| part(0, NO, NO, piece));
    bare[0] = part(0, "a", "search", pieces[0]);
    assert_parts(&[(&named, TOLD), (&bare, TOLD)]);
}

#[test]
fn arguments_that_are_said_again_are_not_kept_again() {
    let long = json!({"query": "x".repeat(5000)}).to_string();
    let again = std::iter::repeat_n(part(0, NO, NO, &*long), 100);
    let said: Vec<_> = std::iter::once(part(0, "a", "search", &*long))
        .chain(again)
        .collect();
    let frames = parts(&said);
    let frames: Vec<_> = frames.iter().map(|frame| &**frame).collect();
    let outcome = super::read(Decoder::new(super::offered()), [&*super::stream(&frames)]);
    let expected = format!(" |  | search{long} | tool_calls");
    assert_eq!(super::told(&outcome), expected);
}

#[test]
fn what_can_begin_no_call_goes_on_with_the_last_one() {
    let interpreter = " |  | code_interpreter{\"code\":\"1\"} | tool_calls";
    let code = "{\"code\":\"1\"}";
    assert_parts(&[
        (
            &[part(0, "a", "search", HEAD), part(1, "a", "search", TAIL)],
            TOLD,
        ),
        (
            &[part(NO, "a", "search", HEAD), part(NO, "b", "search", TAIL)],
            TOLD,
        ),
        (
            &[part(0, "a", "code_", NO), part(0, "b", "interpreter", code)],
            interpreter,
        ),
        (
            &[
                part(0, "a", "code_", NO),
                part(1, "a", "interpreter", NO),
                part(2, "a", NO, code),
            ],
            interpreter,
        ),
        (
            &[
                part(0, "a", "search", ""),
                part(0, "b", "code_interpreter", code),
            ],
            " |  | search{} code_interpreter{\"code\":\"1\"} | tool_calls",
        ),
        // Names that nobody offers make no other one together.
        (
            &[
                part(0, "a", "get_weather", ""),
                part(0, "b", "get_time", "{}"),
            ],
            " |  | get_weather{} get_time{} | tool_calls",
        ),
    ]);
}

#[test]
fn an_empty_object_may_stand_before_behind_or_within() {
    assert_parts(&[
        (
            &[
                part(0, "a", "search", "{}"),
                part(0, NO, NO, "{"),
                part(0, NO, NO, "\"query\":\"a\"}"),
            ],
            TOLD,
        ),
        (
            &[
                part(0, "a", "search", "{}"),
                part(0, "a", "search", "{ "),
                part(0, "a", "search", "\"query\":\"a\"}"),
            ],
            " |  | search{ \"query\":\"a\"} | tool_calls",
        ),
        (&[part(0, "a", "search", format!("{{}}{WHOLE}"))], TOLD),
        (
            &[part(0, "a", "search", "{}"), part(0, NO, "search", WHOLE)],
            TOLD,
        ),
        (
            &[part(0, "a", "search", "{}"), part(1, "b", NO, WHOLE)],
            TOLD,
        ),
        (
            &[part(0, "a", "search", WHOLE), part(0, NO, NO, "{}")],
            TOLD,
        ),
    ]);
}

#[test]
fn a_last_chunk_that_asks_again_asks_once() {
    let other = "{\"query\":\"b\"}";
    let first = [
        json!({"choices": [{"delta": {"tool_calls": [part(0, "a", "search", WHOLE)]}}]}),
        json!({"choices": [{"delta": {"tool_calls": [part(1, "b", "search", other)]}}]}),
    ];
    let two = " |  | search{\"query\":\"a\"} search{\"query\":\"b\"} | tool_calls";
    for again in [
        [part(NO, NO, "search", WHOLE), part(NO, NO, "search", other)],
        [part(0, NO, "search", WHOLE), part(0, NO, "search", other)],
        [part(0, "c", "search", WHOLE), part(1, "d", "search", other)],
    ] {
        let last =
            json!({"choices": [{"delta": {"tool_calls": again}, "finish_reason": "tool_calls"}]});
        let frames = [first[0].to_string(), first[1].to_string(), last.to_string()];
        let frames = frames.each_ref().map(|frame| &**frame);
        assert_reads(&[(&frames, two)]);
    }
    let begun =
        json!({"choices": [{"delta": {"tool_calls": [part(0, "a", "search", "{\"query\":\"")]}}]});
    let whole = json!({"choices": [{"delta": {"tool_calls": [part(0, "a", "search", WHOLE)]}, "finish_reason": "tool_calls"}]});
    let function = json!({"name": "search", "arguments": WHOLE});
    let legacy = json!({"choices": [{"delta": {"function_call": function}}]});
    for frames in [[begun, whole.clone()], [legacy, whole]] {
        let frames = frames.each_ref().map(Value::to_string);
        let frames = frames.each_ref().map(|frame| &**frame);
        assert_reads(&[(&frames, TOLD)]);
    }
}

#[test]
fn a_part_that_holds_nothing_is_no_call_and_leaves_those_in_the_text() {
    let leaked = "<tool_call>{\"name\": \"search\", \"arguments\": {\"query\": \"a\"}}</tool_call>";
    for nothing in [
        json!({"function_call": {}}),
        json!({"function_call": {"name": null, "arguments": ""}}),
        json!({"tool_calls": [{}]}),
        json!({"tool_calls": [{"index": 0, "function": {}}]}),
        json!({"tool_calls": [{"function": null}]}),
        json!({"tool_calls": [{"index": 0, "id": "", "function": {"name": "", "arguments": ""}}]}),
    ] {
        let mut delta = nothing;
        delta["content"] = leaked.into();
        let frame = json!({"choices": [{"delta": delta, "finish_reason": "tool_calls"}]});
        assert_reads(&[(&[&frame.to_string()], TOLD)]);
    }
}

#[test]
fn calls_beside_each_other_stay_apart() {
    let other = "{\"query\":\"b\"}";
    let two = " |  | search{\"query\":\"a\"} search{\"query\":\"b\"} | tool_calls";
    assert_parts(&[
        (
            &[part(0, "a", "search", WHOLE), part(1, "b", "search", other)],
            two,
        ),
        (
            &[part(0, "a", "search", WHOLE), part(0, "b", "search", other)],
            two,
        ),
        (
            &[part(0, NO, "search", WHOLE), part(0, NO, "search", other)],
            two,
        ),
        (
            &[part(NO, NO, "search", WHOLE), part(NO, NO, "search", other)],
            two,
        ),
        (
            &[part(0, "0", "search", WHOLE), part(1, "0", "search", other)],
            two,
        ),
        (
            &[
                part(0, "a", "search", ""),
                part(0, "", NO, WHOLE),
                part(0, "b", "search", ""),
                part(0, "", NO, other),
            ],
            two,
        ),
        (
            &[part(0, "a", "search", "{\"query\":\"a\"}{\"query\":\"b\"}")],
            two,
        ),
        (
            &[
                part(0, "a", "search", WHOLE),
                part(0, "a", "code_interpreter", "{}"),
            ],
            " |  | search{\"query\":\"a\"} code_interpreter{} | tool_calls",
        ),
        (
            &[part(
                0,
                "a",
                "multi_tool_use.parallel",
                "{\"tool_uses\":[{\"recipient_name\":\"functions.search\",\"parameters\":{\"query\":\"a\"}},{\"recipient_name\":\"search\",\"parameters\":{\"query\":\"b\"}}]}",
            )],
            two,
        ),
        // Only what is named so wraps others.
        (
            &[part(0, "a", "get_weather", "{\"tool_uses\":[]}")],
            " |  | get_weather{\"tool_uses\":[]} | tool_calls",
        ),
    ]);
}

#[test]
fn calls_whose_parts_come_in_turn_stay_apart_in_any_choice() {
    let begun = "{\"code\":";
    let both = " |  | search{\"query\":\"a\"} code_interpreter{\"code\":\"1\"} | tool_calls";
    let code = "{\"code\":\"1\"}";
    let in_turn: [(&[Value], &str); 4] = [
        (
            &[
                part(0, "a", "search", HEAD),
                part(1, "b", "code_interpreter", begun),
                part(0, NO, NO, TAIL),
                part(1, NO, NO, "\"1\"}"),
            ],
            both,
        ),
        (
            &[
                part(0, "a", "search", HEAD),
                part(1, "b", "code_interpreter", NO),
                part(0, NO, NO, TAIL),
                part(1, NO, NO, code),
            ],
            both,
        ),
        (
            &[
                part(0, NO, "search", HEAD),
                part(1, NO, "code_interpreter", NO),
                part(0, NO, NO, TAIL),
                part(1, NO, NO, code),
            ],
            both,
        ),
        (
            &[
                part(0, NO, "search", ""),
                part(1, NO, "code_interpreter", ""),
                part(1, NO, NO, code),
                part(0, NO, NO, WHOLE),
            ],
            both,
        ),
    ];
    assert_parts(&in_turn);
    for (values, told) in in_turn {
        let part = |part: &Value| {
            json!({"choices": [{"index": 1, "delta": {"tool_calls": [part]}}]}).to_string()
        };
        let end = json!({"choices": [{"index": 1, "delta": {}, "finish_reason": "tool_calls"}]});
        let frames: Vec<_> = values.iter().map(part).chain([end.to_string()]).collect();
        let frames: Vec<_> = frames.iter().map(|frame| &**frame).collect();
        assert_reads(&[(&frames, told)]);
    }
}

#[test]
fn another_name_or_a_new_place_with_a_new_id_begins_another_call() {
    let both = " |  | search{\"query\":\"a\"} code_interpreter{\"code\":\"1\"} | tool_calls";
    let code = "{\"code\":\"1\"}";
    assert_parts(&[
        (
            &[
                part(0, NO, "search", WHOLE),
                part(0, NO, "code_interpreter", NO),
                part(0, NO, NO, code),
            ],
            both,
        ),
        (
            &[
                part(0, "a", "search", WHOLE),
                part(0, "b", "code_interpreter", NO),
                part(0, "b", NO, code),
            ],
            both,
        ),
        (
            &[
                part(0, "a", "search", ""),
                part(0, "a", "code_interpreter", code),
            ],
            " |  | search{} code_interpreter{\"code\":\"1\"} | tool_calls",
        ),
        (
            &[part(0, "a", "search", "{}"), part(0, "b", "search", WHOLE)],
            " |  | search{} search{\"query\":\"a\"} | tool_calls",
        ),
        (
            &[
                part(0, "a", "search", HEAD),
                part(1, "b", "code_interpreter", "print(1)"),
                part(0, NO, NO, TAIL),
            ],
            " |  | search{\"query\":\"a\"} code_interpreterprint(1) | tool_calls",
        ),
        (
            &[part(0, NO, "search", WHOLE), part(1, NO, "search", "x")],
            " |  | search{\"query\":\"a\"} searchx | tool_calls",
        ),
    ]);
}

#[test]
fn what_begins_an_object_may_be_a_part_of_one_or_the_whole_again() {
    assert_parts(&[
        // Within arguments that have begun.
        (
            &[part(0, "a", "search", HEAD), part(0, NO, NO, "{\"x\":1}}")],
            " |  | search{\"query\":{\"x\":1}} | tool_calls",
        ),
        (
            &[
                part(0, "a", "search", HEAD),
                part(0, NO, NO, "{\"x\":1}"),
                part(0, NO, NO, "}"),
            ],
            " |  | search{\"query\":{\"x\":1}} | tool_calls",
        ),
        (
            &[
                part(0, "a", "search", HEAD),
                part(0, NO, NO, HEAD),
                part(0, NO, NO, "\"a\"}}"),
            ],
            " |  | search{\"query\":{\"query\":\"a\"}} | tool_calls",
        ),
        // All of them, under an id that drifts.
        (
            &[
                part(0, "a", "search", "{\"qu"),
                part(0, "b", "search", WHOLE),
            ],
            TOLD,
        ),
        // Behind whole ones, without a name: those of another call to the same tool.
        (
            &[
                part(0, "a", "search", WHOLE),
                part(0, NO, NO, "{\"query\":\"b\"}"),
            ],
            " |  | search{\"query\":\"a\"} search{\"query\":\"b\"} | tool_calls",
        ),
        (
            &[part(0, NO, "search", HEAD), part(1, NO, "search", TAIL)],
            TOLD,
        ),
    ]);
}

#[test]
fn arguments_that_are_no_object_are_passed_on_and_a_mark_alone_is_no_call() {
    assert_parts(&[
        (
            &[part(0, "a", "search", json!([1]))],
            " |  | search[1] | tool_calls",
        ),
        (
            &[part(0, "a", "<|call|>", NO), part(1, "b", "search", WHOLE)],
            TOLD,
        ),
    ]);
}

#[test]
fn a_last_chunk_that_asks_for_more_is_not_taken_for_what_was_said() {
    let first = json!({"choices": [{"delta": {"tool_calls": [part(0, "a", "search", WHOLE)]}}]});
    let other = "{\"query\":\"b\"}";
    let more = [
        part(1, "b", "search", other),
        part(2, "c", "code_interpreter", WHOLE),
    ];
    let told = " |  | search{\"query\":\"a\"} search{\"query\":\"b\"} code_interpreter{\"query\":\"a\"} | tool_calls";
    for field in ["delta", "message"] {
        let mut choice = json!({"finish_reason": "tool_calls"});
        choice[field] = json!({"tool_calls": more});
        let last = json!({"choices": [choice]});
        assert_reads(&[(&[&first.to_string(), &last.to_string()], told)]);
    }
}

#[test]
fn a_call_in_the_older_field_beside_newer_ones_is_passed_over() {
    let older =
        json!({"choices": [{"delta": {"function_call": {"name": "search", "arguments": HEAD}}}]});
    let mut frames = parts(&[part(NO, NO, "search", HEAD), part(NO, NO, NO, TAIL)]);
    frames.insert(1, older.to_string());
    let frames: Vec<_> = frames.iter().map(|frame| &**frame).collect();
    assert_reads(&[(&frames, TOLD)]);
}

#[test]
fn what_a_call_takes_is_reckoned_by_its_name_and_arguments_as_they_are_kept() {
    let as_one = "search".len() + WHOLE.len();
    let in_two = |tail: &str| {
        let parts = vec![part(0, "a", "search", HEAD), part(0, NO, NO, tail)];
        (parts, "search".len() + HEAD.len() + tail.len())
    };
    let in_two = ["\"\"}", TAIL, "\"ab\"}", "\"abc\"}"].map(in_two);
    let whole = [
        vec![part(0, "a", "search", WHOLE)],
        vec![part(0, "a", "search", HEAD), part(0, "b", NO, TAIL)],
        vec![part(0, "a", "search", "{}"), part(0, "a", "search", WHOLE)],
        vec![part(0, "a", "search", ""), part(0, "a", "", WHOLE)],
    ]
    .map(|parts| (parts, as_one));
    for (said, bytes) in in_two.into_iter().chain(whole) {
        let frames = parts(&said);
        let frames: Vec<_> = frames.iter().map(|frame| &**frame).collect();
        let mut decoder = Decoder::new(super::offered());
        decoder.feed(&super::stream(&frames));
        let tokens = bytes.div_ceil(4) as u64;
        assert_eq!(decoder.usage(0).output_tokens, tokens, "{said:?}");
    }
}

#[test]
fn a_part_goes_on_with_its_call_repeats_or_replaces_it_or_begins_another() {
    const OTHER: &str = "{\"query\":\"b\"}";
    let two = format!(
        "{} search{OTHER} | tool_calls",
        TOLD.trim_end_matches(" | tool_calls")
    );
    let braced = |text: &str| format!(" |  | search{text} | tool_calls");
    assert_parts(&[
        // Arguments that are whole, and an empty object behind them.
        (
            &[part(0, "a", "search", WHOLE), part(0, NO, NO, "{}")],
            TOLD,
        ),
        (
            &[part(0, "a", "search", WHOLE), part(0, "a", "search", "{}")],
            TOLD,
        ),
        // Others under the same name are of another call.
        (
            &[part(0, "a", "search", WHOLE), part(0, "a", "search", OTHER)],
            &two,
        ),
        (
            &[part(0, "a", "search", WHOLE), part(0, NO, "search", OTHER)],
            &two,
        ),
        // All again where they had only begun.
        (
            &[part(0, "a", "search", HEAD), part(0, "a", "search", WHOLE)],
            TOLD,
        ),
        (
            &[part(0, "a", "search", HEAD), part(0, NO, NO, WHOLE)],
            TOLD,
        ),
        // An id that drifts within a text with brackets in it.
        (
            &[
                part(0, "a", "search", "{\"query\":\"{a}"),
                part(0, "b", "search", "{\"}"),
            ],
            &braced("{\"query\":\"{a}{\"}"),
        ),
        // A name and an id that drift before more of the arguments.
        (
            &[
                part(0, "a", "search", HEAD),
                part(0, "b", "functions.search", TAIL),
            ],
            &braced(WHOLE),
        ),
        // Blank arguments begin none: under an index of its own this is another call.
        (
            &[
                part(0, "a", "search", HEAD),
                part(1, NO, "answer", " "),
                part(0, NO, NO, TAIL),
                part(1, NO, NO, "{}"),
            ],
            " |  | search{\"query\":\"a\"} answer{} | tool_calls",
        ),
    ]);
}

#[test]
fn an_empty_object_before_the_arguments_is_none() {
    assert_parts(&[
        (
            &[
                part(0, "a", "search", "{}"),
                part(0, NO, NO, HEAD),
                part(0, NO, NO, TAIL),
            ],
            TOLD,
        ),
        (
            &[part(0, "a", "search", "{ }"), part(0, "a", "search", WHOLE)],
            TOLD,
        ),
        (
            &[part(0, "a", "search", json!({})), part(0, NO, NO, WHOLE)],
            TOLD,
        ),
        (
            &[part(0, "a", "search", json!([])), part(0, NO, NO, WHOLE)],
            TOLD,
        ),
        (
            &[
                part(0, "a", "search", json!({})),
                part(0, "a", "search", json!({"query": "a"})),
            ],
            TOLD,
        ),
    ]);
}

#[test]
fn what_stands_behind_complete_arguments_is_passed_over() {
    for behind in [
        "}",
        "</tool_call>",
        "</s",
        "<|tool_call_end|>",
        "\n\nI wait.",
        "{\"query\": \"a\"}",
        " ",
        ",",
        "\n```",
    ] {
        assert_parts(&[
            (
                &[part(0, "a", "search", WHOLE), part(0, NO, NO, behind)],
                TOLD,
            ),
            (
                &[part(0, "a", "search", format!("{WHOLE}{behind}"))],
                if behind == " " {
                    " |  | search{\"query\":\"a\"} | tool_calls"
                } else {
                    TOLD
                },
            ),
        ]);
    }
    assert_parts(&[(
        &[part(0, "a", "search", WHOLE), part(0, "a", "search", WHOLE)],
        TOLD,
    )]);
}

#[test]
fn a_call_of_another_choice_belongs_to_the_reply_and_its_text_does_not() {
    let call =
        r#"{"index":0,"id":"a","function":{"name":"search","arguments":"{\"query\":\"a\"}"}}"#;
    let beside = format!(
        r#"{{"choices":[{{"index":0,"delta":{{"content":"I look."}}}},{{"index":1,"delta":{{"tool_calls":[{call}]}},"finish_reason":"tool_calls"}}]}}"#
    );
    let later = format!(
        r#"{{"choices":[{{"index":1,"delta":{{"content":"no","tool_calls":[{call}]}}}}]}}"#
    );
    let whole = format!(
        r#"{{"choices":[{{"index":0,"message":{{"content":"I look."}},"finish_reason":"stop"}},{{"index":1,"message":{{"tool_calls":[{call}]}},"finish_reason":"tool_calls"}}]}}"#
    );
    let told = "I look. |  | search{\"query\":\"a\"} | tool_calls";
    assert_reads(&[
        (&[&beside, DONE], told),
        (
            &[
                r#"{"choices":[{"delta":{"content":"I look."}}]}"#,
                &later,
                STOP,
            ],
            "I look. |  | search{\"query\":\"a\"} | stop",
        ),
        (&[&whole], told),
    ]);
}

#[test]
fn calls_in_odd_fields_are_calls() {
    assert_reads(&[
        (
            &[
                r#"{"choices":[{"delta":{"tool_calls":{"index":0,"id":"a","function":{"name":"search","arguments":"{\"query\":\"a\"}"}}},"finish_reason":"tool_calls"}]}"#,
            ],
            TOLD,
        ),
        (
            &[
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","name":"search","arguments":{"query":"a"}}]},"finish_reason":"tool_calls"}]}"#,
            ],
            TOLD,
        ),
        (
            &[
                r#"{"choices":[{"delta":{"function_call":{"name":"search","arguments":"{\"query\":\"a\"}"}},"finish_reason":"tool_calls"}]}"#,
            ],
            TOLD,
        ),
    ]);
}

#[test]
fn a_call_that_was_cut_is_not_run() {
    let cut = |reason: &str| {
        [
            json!({"choices": [{"delta": {"tool_calls": [part(0, "a", "search", "{\"query\":\"a\"")]}}]}).to_string(),
            json!({"choices": [{"delta": {}, "finish_reason": reason}]}).to_string(),
        ]
    };
    for reason in ["length", "max_tokens", "content_filter"] {
        let frames = cut(reason);
        let frames = frames.each_ref().map(|frame| &**frame);
        assert_reads(&[(&frames, &format!(" |  | search cut | {reason}"))]);
    }
    let frames = cut("tool_calls");
    let frames = frames.each_ref().map(|frame| &**frame);
    assert_reads(&[(&frames, TOLD)]);
}
