//! Decisions as JSON: what comes of each kind of reply, however its text is cut.

use super::{DONE, Decoder, offered, read, told};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

const ANSWER: &str = "answer_in_text";

fn decoder() -> Decoder {
    Decoder::new(offered()).of_decision(Some(ANSWER.to_owned()))
}

/// A stream of these fields, each of one delta.
fn stream<'a>(deltas: impl IntoIterator<Item = (&'a str, &'a str)>, reason: &str) -> Vec<u8> {
    let deltas = deltas
        .into_iter()
        .map(|(field, text)| json!({"choices": [{"delta": {field: text}}]}).to_string());
    let end = json!({"choices": [{"delta": {}, "finish_reason": reason}]}).to_string();
    let frames = deltas.chain([end, DONE.to_owned()]);
    let frames: Vec<_> = frames.map(|frame| format!("data: {frame}\n\n")).collect();
    frames.concat().into_bytes()
}

/// What comes of a text: as one delta, as one a character, and in two at each of them.
fn decided(text: &str, reason: &str) -> String {
    let whole = read(decoder(), [&stream([("content", text)], reason)[..]]);
    let chars: Vec<_> = text
        .char_indices()
        .map(|(at, c)| &text[at..at + c.len_utf8()])
        .collect();
    let each = stream(chars.iter().map(|text| ("content", *text)), reason);
    assert_eq!(
        read(decoder(), [&each[..]]),
        whole,
        "character by character: {text}"
    );
    for (at, _) in text.char_indices().skip(1) {
        let halves = [("content", &text[..at]), ("content", &text[at..])];
        let halves = stream(halves, reason);
        assert_eq!(read(decoder(), [&halves[..]]), whole, "cut at {at}: {text}");
    }
    told(&whole)
}

const FAULT: &str = " | model_bad_answer: wrote something else than the JSON that was asked for";

#[test]
fn a_decision_is_a_call_or_an_answer_whatever_stands_around_it() {
    for (text, expected) in [
        (
            r#"{"reason":"Facts.","call":{"name":"search","arguments":{"query":"a {b} \"c\"","num_results":3}}}"#,
            r#" | Facts. | search{"query":"a {b} \"c\"","num_results":3} | stop"#,
        ),
        (
            r#"{"reason": "Known.", "call": {"name": "answer_in_text", "text": "Paris, \"la\" ville.\nYes: \ud83d\ude00 \u00e9\/"}}"#,
            "Paris, \"la\" ville.\nYes: 😀 é/ | Known. |  | stop",
        ),
        // Models that are not held to the form.
        (
            "```json\n{\"reason\": \"r\", \"call\": {\"name\": \"search\", \"arguments\": {\"query\": \"a\"}}}\n```",
            " | r | search{\"query\": \"a\"} | stop",
        ),
        (
            "\u{feff} \n{\"call\": {\"arguments\": {\"query\": \"a\"}, \"name\": \"search\"}, \"reason\": \"late\"}  \n",
            " | late | search{\"query\": \"a\"} | stop",
        ),
        (
            r#"{"name": "search", "parameters": {"query": "a"}} and I wait."#,
            r#" |  | search{"query": "a"} | stop"#,
        ),
        (
            r#"{"call": {"text": "Late name.", "name": "answer_in_text"}}"#,
            "Late name. |  |  | stop",
        ),
        (
            r#"{"call": {"name": "answer_in_text", "arguments": {"text": "Below."}}}"#,
            "Below. |  |  | stop",
        ),
        (r#"{"text": "No name."}"#, "No name. |  |  | stop"),
        (
            r#"{"call": {"name": "python", "arguments": {"code": "print(1)"}}}"#,
            r#" |  | code_interpreter{"code": "print(1)"} | stop"#,
        ),
        (
            r#"{"call": {"name": "no_such_tool", "arguments": {"text": "not shown"}}}"#,
            r#" |  | no_such_tool{"text": "not shown"} | stop"#,
        ),
        (r#"{"call": {"name": "search"}}"#, " |  | search{} | stop"),
        (
            r#"{"name": "search", "arguments": 5, "reason": "r"}"#,
            " | r | search5 | stop",
        ),
        (
            r#"{"reason": null, "call": {"name": "search", "arguments": {"n": -1.5e3, "t": [true, null, {}], "a": {"text": "x"}},},}"#,
            r#" |  | search{"n": -1.5e3, "t": [true, null, {}], "a": {"text": "x"}} | stop"#,
        ),
        // Marks of templates and thoughts within a text are a part of it.
        (
            r#"{"call": {"name": "answer_in_text", "text": "Write </think> and <tool_call>{}</tool_call>."}}"#,
            "Write </think> and <tool_call>{}</tool_call>. |  |  | stop",
        ),
        (
            r#"{"call": {"name": "answer_in_text", "text": "half \ud83d end \udc00 \x \u00"}}"#,
            "half \u{fffd} end \u{fffd} x  |  |  | stop",
        ),
        (
            r#"{"text": "a code cut \u00short, \udc00\ud83d\ude00, \ud83d\u0041"}"#,
            "a code cut short, \u{fffd}😀, \u{fffd}A |  |  | stop",
        ),
        // Two decisions: one a round.
        (
            r#"{"call": {"name": "search", "arguments": {"query": "a"}}}{"call": {"name": "search", "arguments": {"query": "b"}}}"#,
            r#" |  | search{"query": "a"} | stop"#,
        ),
    ] {
        assert_eq!(decided(text, "stop"), expected, "{text}");
    }
}

#[test]
fn what_is_no_decision_is_told_as_that_and_nothing_of_it_is_shown() {
    for text in [
        "The capital is Paris.",
        "Sure! {\"call\": {}}",
        "<tool_call>{\"name\": \"search\"}</tool_call>",
        "[{\"name\": \"search\", \"arguments\": {}}]",
        "\"search\"",
        "{'name': 'search'}",
        "{}",
        "{\"reason\": \"only\"}",
        "{\"call\": null}",
        "{\"call\" \"search\"}",
        "{I think",
        "```python\nprint(1)\n```",
        "{\"reason\": \"stopped in",
        "```(json) {\"name\": \"search\"}",
        "{\"name\": \"search\", \"arguments\": {\"a\": [1}}",
        "{\"name\": \"search\", \"arguments\": {\"a\": 1]}",
    ] {
        assert_eq!(decided(text, "stop"), FAULT, "{text}");
    }
    assert_eq!(
        decided(
            r#"{"call": {"name": "answer_in_text", "text": "He said "no" to"}}"#,
            "stop"
        ),
        format!("He said {FAULT}"),
        "what was shown is taken back by whoever asks again"
    );
}

#[test]
fn a_decision_that_a_limit_has_cut_is_none_but_for_a_text() {
    for (text, expected) in [
        (r#"{"reason": "I should"#, " | I should |  cut | length"),
        (
            r#"{"reason": "r", "call": {"name": "sea"#,
            " | r |  cut | length",
        ),
        (
            r#"{"reason": "r", "call": {"arguments": {"query": "a"}, "name": "sea"#,
            " | r |  cut | length",
        ),
        (
            r#"{"reason": "r", "call": {"name": "search""#,
            " | r | search cut | length",
        ),
        (
            r#"{"reason": "r", "call": {"name": "search", "arguments": {"query": "a"#,
            " | r | search cut | length",
        ),
        (
            r#"{"reason": "r", "call": {"name": "search", "arguments": {"query": "a"}"#,
            r#" | r | search{"query": "a"} | length"#,
        ),
        (
            r#"{"reason": "r", "call": {"name": "answer_in_text", "text": "As far as"#,
            "As far as | r |  | length",
        ),
    ] {
        assert_eq!(decided(text, "length"), expected, "{text}");
    }
    let missing_end = r#"{"call": {"name": "search", "arguments": {"query": "a"}"#;
    assert_eq!(
        decided(missing_end, "stop"),
        r#" |  | search{"query": "a"} | stop"#
    );
}

#[test]
fn blanks_without_end_are_not_waited_for() {
    let told = |text: &str| {
        let deltas = std::iter::once(text).chain(std::iter::repeat_n("\n \t ", 400));
        told(&read(
            decoder(),
            [&stream(deltas.map(|text| ("content", text)), "length")[..]],
        ))
    };
    let blanks =
        " | model_bad_answer: wrote nothing but blanks in the place of the JSON that was asked for";
    assert_eq!(told(""), blanks);
    assert_eq!(told("{"), blanks);
    assert_eq!(told(r#"{"reason": "r","#), blanks);
    assert_eq!(
        told(r#"{"call": {"name": "search", "arguments": {"query": "a"}"#),
        blanks
    );
    // Behind a whole decision they change nothing, and are not waited for either.
    let call = r#"{"call": {"name": "search", "arguments": {"query": "a"}}}"#;
    let told_of_call = r#" |  | search{"query": "a"} | stop"#;
    let mut decoder = decoder();
    let blanks = stream(
        std::iter::once(call)
            .chain(std::iter::repeat_n("\n ", 400))
            .map(|text| ("content", text)),
        "length",
    );
    let end = blanks.windows(6).rposition(|it| it == b"\"delta").unwrap();
    decoder.feed(&blanks[..end - 40]);
    assert!(decoder.is_over());
    assert_eq!(decoder.next_piece(), Ok(None));
    let message = decoder.into_message(0);
    assert_eq!((message.calls.len(), &*message.finish_reason), (1, "stop"));
    assert_eq!(decided(call, "stop"), told_of_call);
    let pretty = format!(
        "{{\n{}\"call\": {{\"name\": \"search\"}}}}",
        " ".repeat(200)
    );
    assert_eq!(decided(&pretty, "stop"), " |  | search{} | stop");
    let text = format!(r#"{{"text": "a{}b"}}"#, " ".repeat(300));
    assert_eq!(
        decided(&text, "stop"),
        format!("a{}b |  |  | stop", " ".repeat(300))
    );
}

#[test]
fn a_fence_blanks_and_levels_are_read_up_to_their_bounds() {
    let call = r#"{"call": {"name": "search"}}"#;
    let told = " |  | search{} | stop";
    let blanks =
        " | model_bad_answer: wrote nothing but blanks in the place of the JSON that was asked for";
    let arguments = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let nested = |levels: usize| {
        format!(
            r#"{{"name": "search", "arguments": {}}}"#,
            arguments(levels)
        )
    };
    let told_of_nested = format!(" |  | search{} | stop", arguments(99));
    for (text, expected) in [
        (format!("{}{call}", "`".repeat(16)), told),
        (format!("{}{call}", "`".repeat(17)), FAULT),
        (format!("{}{call}", " ".repeat(256)), told),
        (format!("{}{call}", " ".repeat(257)), blanks),
        (format!("{{{}{}", " ".repeat(256), &call[1..]), told),
        (format!("{{{}{}", " ".repeat(257), &call[1..]), blanks),
        (nested(99), &*told_of_nested),
        (nested(100), FAULT),
    ] {
        assert_eq!(decided(&text, "stop"), expected, "{text}");
    }
    // What the server counts comes behind the decision.
    for (blanks, is_over) in [(0, false), (256, false), (257, true)] {
        let mut decoder = decoder();
        let delta =
            json!({"choices": [{"delta": {"content": format!("{call}{}", " ".repeat(blanks))}}]});
        decoder.feed(format!("data: {delta}\n\n").as_bytes());
        assert_eq!(decoder.is_over(), is_over, "{blanks}");
    }
}

#[test]
fn all_that_is_kept_of_a_decision_is_of_256_kib_at_most() {
    let decision = |reason: usize| {
        let arguments = json!({"query": "x".repeat(100)});
        let call = json!({"text": "x".repeat(100), "name": "search", "arguments": arguments});
        // The text comes before the name, which says that it is no answer.
        format!(r#"{{"reason": "{}", "call": {call}}}"#, "x".repeat(reason))
            .replace(r#""arguments":"#, r#""arguments": "#)
    };
    let kept = |reason: usize| {
        let bytes = stream([("content", &*decision(reason))], "stop");
        told(&read(decoder(), [&bytes[..]]))
    };
    let beside = "search".len() + 100 + json!({"query": "x".repeat(100)}).to_string().len();
    let most = run::MAX_TEXT_BYTES - beside;
    assert!(kept(most).contains("search{"));
    assert!(kept(most + 1).contains("model_answer_too_long"));
}

#[test]
fn a_decision_is_found_behind_thoughts_and_among_them() {
    let call = r#"{"reason":"r","call":{"name":"search","arguments":{"query":"a"}}}"#;
    for (field, text, expected) in [
        (
            "content",
            format!("<think>Hm: {{}}.</think>\n{call}"),
            " | Hm: {}.\n\nr | search{\"query\":\"a\"} | stop",
        ),
        (
            "reasoning_content",
            call.to_owned(),
            " | r | search{\"query\":\"a\"} | stop",
        ),
        (
            "reasoning_content",
            format!("I think so.\n{call}"),
            " | I think so.\n\nr | search{\"query\":\"a\"} | stop",
        ),
        (
            "reasoning_content",
            r#"{"call": {"name": "answer_in_text", "text": "Four."}}"#.to_owned(),
            "Four. |  |  | stop",
        ),
        (
            "reasoning_content",
            "I should search.".to_owned(),
            " | I should search. |  | stop",
        ),
    ] {
        let outcome = read(decoder(), [&stream([(field, &*text)], "stop")[..]]);
        assert_eq!(told(&outcome), expected, "{text}");
    }
    // Behind a thought a text is read in one way, wherever it is cut.
    assert_eq!(
        decided(
            r#"Hm.</think>{"text": "Write <think>so</think> here."}"#,
            "stop"
        ),
        "Write here. | so |  | stop"
    );
    let beside = [("reasoning_content", "Let me see."), ("content", call)];
    let outcome = read(decoder(), [&stream(beside, "stop")[..]]);
    assert_eq!(
        told(&outcome),
        " | Let me see.\n\nr | search{\"query\":\"a\"} | stop"
    );
    // A model whose prompt opens a thought.
    let first = Decoder::for_thinking_first(offered()).of_decision(Some(ANSWER.to_owned()));
    let text = format!("{{I}} think.</think>{call}");
    let outcome = read(first, [&stream([("content", &*text)], "stop")[..]]);
    assert_eq!(
        told(&outcome),
        " | {I} think.\n\nr | search{\"query\":\"a\"} | stop"
    );
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a-z{}\"]{0,5}", inner, 0..3).prop_map(|it| json!(it)),
        ]
    })
}

/// The JSON of a value with every character of its texts as an escape.
fn escaped(json: &str) -> String {
    let escape = |c: char| {
        let units = c.encode_utf16(&mut [0; 2]).to_vec();
        let escapes: Vec<_> = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
        escapes.concat()
    };
    json.chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                escape(c)
            }
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn every_decision_reads_back_as_it_was_written(
        reason in ".{0,20}",
        arguments in proptest::collection::btree_map("[a-z]{1,6}", value(), 0..4),
        text in ".{0,40}",
        answers: bool,
        is_pretty: bool,
        is_escaped: bool,
        cuts in vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let call = if answers {
            json!({"name": ANSWER, "text": text})
        } else {
            json!({"name": "search", "arguments": arguments})
        };
        let decision = json!({"reason": reason, "call": call});
        let written = if is_pretty { serde_json::to_string_pretty(&decision).unwrap() } else { decision.to_string() };
        let written = if is_escaped { escaped(&written) } else { written };
        let bytes = stream([("content", &*written)], "stop");
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len())).chain([0, bytes.len()]).collect();
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]);
        let message = read(decoder(), pieces).ended.unwrap();
        prop_assert_eq!(message.reasoning.unwrap_or_default(), reason.trim());
        if answers {
            prop_assert_eq!(message.content, text);
            prop_assert_eq!(message.calls, vec![]);
        } else {
            prop_assert_eq!(message.content, "");
            let [call] = &message.calls[..] else {
                return Err(TestCaseError::fail("one call"));
            };
            prop_assert_eq!(&call.name, "search");
            prop_assert_eq!(serde_json::from_str::<Value>(&call.arguments).unwrap(), json!(arguments));
        }
    }
}
