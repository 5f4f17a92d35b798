//! Calls that leak into text, in every dialect and as models get them wrong, cut at every character.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

mod kit;

use kit::{Outcome, offered, read};
use model::Decoder;
use serde_json::{Value, json};

/// A text, what of it is shown, and the calls in it.
type Case = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const TOKYO: (&str, &str) = ("get_weather", r#"{"city":"Tokyo"}"#);
const SEARCH: (&str, &str) = ("search", r#"{"q":"x"}"#);

const WELL_FORMED: &[Case] = &[
    // Hermes, Qwen
    (
        "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Tokyo\"}}\n</tool_call>",
        "",
        &[TOKYO],
    ),
    (
        "First.\n<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}\n</tool_call>\n<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Tokyo\"}}</tool_call>\nLast.",
        "First.\nLast.",
        &[SEARCH, TOKYO],
    ),
    (
        "<tool_call>{\"name\": \"invented\", \"arguments\": {}}</tool_call>",
        "",
        &[("invented", "{}")],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"</tool_call> {[ \\\" é\"}}</tool_call>",
        "",
        &[("search", "{\"q\":\"</tool_call> {[ \\\" é\"}")],
    ),
    // Llama 3
    (
        "{\"name\": \"search\", \"parameters\": {\"q\": \"x\"}}; {\"name\": \"get_weather\", \"parameters\": {\"city\": \"Tokyo\"}}",
        "",
        &[SEARCH, TOKYO],
    ),
    (
        "<|python_tag|>{\"type\": \"function\", \"name\": \"search\", \"parameters\": {\"q\": \"x\"}}<|eom_id|>",
        "",
        &[SEARCH],
    ),
    ("<function=search>{\"q\": \"x\"}</function>", "", &[SEARCH]),
    (
        " \n[{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}]\n",
        " \n",
        &[SEARCH],
    ),
    // pythonic
    (
        "[search(q='x'), get_weather(city=\"Tokyo\")]",
        "",
        &[SEARCH, TOKYO],
    ),
    (
        "So: [search(q='a, (b) ]', role=None, ok=True, of=['J', 1.5], in_={'a': -1})] done",
        "So: done",
        &[(
            "search",
            r#"{"q":"a, (b) ]","role":null,"ok":true,"of":["J",1.5],"in_":{"a":-1}}"#,
        )],
    ),
    // Phi-4-mini
    (
        "functools[{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Tokyo\"}}]",
        "",
        &[TOKYO],
    ),
    (
        "Well, functools[{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}, {\"name\": \"get_weather\", \"arguments\": {\"city\": \"Tokyo\"}}]<|/tool_call|>.",
        "Well, .",
        &[SEARCH, TOKYO],
    ),
    (
        "<|tool_call|>[{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}]<|/tool_call|>",
        "",
        &[SEARCH],
    ),
    // Mistral
    (
        "[TOOL_CALLS] [{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}]",
        "",
        &[SEARCH],
    ),
    (
        "Hm. [TOOL_CALLS]search[ARGS]{\"q\": \"x\"}[TOOL_CALLS]get_weather[CALL_ID]a1[ARGS]{\"city\": \"Tokyo\"}</s>",
        "Hm. ",
        &[SEARCH, TOKYO],
    ),
    ("[TOOL_CALLS]search{\"q\": \"x\"}", "", &[SEARCH]),
    // Qwen3-Coder
    (
        "<tool_call>\n<function=search>\n<parameter=q>\nx\n</parameter>\n<parameter=limit>\n7\n</parameter>\n</function>\n</tool_call>",
        "",
        &[("search", r#"{"q":"x","limit":7}"#)],
    ),
    (
        "Go.\n<function=search>\n<parameter=q>\n12\n</parameter>\n<parameter=code>\nif a < b:\n    print(\"<b>\")\n</parameter>\n</function>\nOn.",
        "Go.\nOn.",
        &[(
            "search",
            r#"{"q":"12","code":"if a < b:\n    print(\"<b>\")"}"#,
        )],
    ),
    // DeepSeek
    (
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{\"city\": \"Tokyo\"}<｜tool▁call▁end｜><｜tool▁call▁begin｜>search<｜tool▁sep｜>{\"q\": \"x\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        "",
        &[TOKYO, SEARCH],
    ),
    (
        "Ah.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>search\n```json\n{\"q\": \"x\"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        "Ah.",
        &[SEARCH],
    ),
    // fenced
    (
        "I call it:\n```json\n{\"name\": \"search\", \"parameters\": {\"q\": \"x\"}}\n```\nThen I answer.",
        "I call it:\nThen I answer.",
        &[SEARCH],
    ),
    (
        "```\n[{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}]\n```",
        "",
        &[SEARCH],
    ),
];

const MALFORMED: &[Case] = &[
    // The opening tag is missing or garbled.
    (
        "Let me see.\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}\n</tool_call>",
        "Let me see.\n",
        &[SEARCH],
    ),
    (
        "<|tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}<tool_call|>",
        "",
        &[SEARCH],
    ),
    (
        "<function=search>\n<parameter=q>\nx\n</parameter>\n</function>\n</tool_call>",
        "",
        &[SEARCH],
    ),
    (
        "<|tool_calls_begin|><|tool_call_begin|>search<|tool_sep|>{\"q\": \"x\"}<|tool_call_end|><|tool_calls_end|>",
        "",
        &[SEARCH],
    ),
    // The closing tag is missing.
    (
        "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}\n<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Tokyo\"}}",
        "",
        &[SEARCH, TOKYO],
    ),
    (
        "<tool_call>\n<function=search>\n<parameter=q>\nx\n</parameter>\n</tool_call>",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>\n<function=search>\n<parameter=q>\nx\n<parameter=limit>\n7\n</function>",
        "",
        &[("search", r#"{"q":"x","limit":7}"#)],
    ),
    ("<tool_call><function=search><parameter=q>x", "", &[SEARCH]),
    (
        "<tool_call>\n<function=search>\n</tool_call>",
        "",
        &[("search", "{}")],
    ),
    (
        "```json\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}",
        "",
        &[SEARCH],
    ),
    // A bracket is missing, or one too many.
    (
        "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}\n</tool_call>",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}}\n</tool_call>ok",
        "ok",
        &[SEARCH],
    ),
    (
        "{\"name\": \"search\", \"parameters\": {\"q\": \"x\"}",
        "",
        &[SEARCH],
    ),
    // Tags twice.
    (
        "<function=search>\n<parameter=q>\nx\n</parameter>\n</parameter>\n</function>\n</tool_call></tool_call>",
        "",
        &[SEARCH],
    ),
    // Arguments in a string, under another key, beside the name, or absent.
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": \"{\\\"q\\\": \\\"x\\\"}\"}</tool_call>",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"parameters\": {\"q\": \"x\"}}</tool_call>",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"q\": \"x\"}</tool_call>",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>{\"name\": \"search\"}</tool_call>",
        "",
        &[("search", "{}")],
    ),
    (
        "<tool_call>{\"type\": \"function\", \"function\": {\"name\": \"search\", \"arguments\": null}}</tool_call>",
        "",
        &[("search", "{}")],
    ),
    // Python in place of JSON.
    (
        "<tool_call>{'name': 'search', 'arguments': {'q': 'it\\'s', 'a': True, 'b': None,},}</tool_call>",
        "",
        &[("search", r#"{"q":"it's","a":true,"b":null}"#)],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"two\nlines\",}}</tool_call>",
        "",
        &[("search", r#"{"q":"two\nlines"}"#)],
    ),
    // What cannot be read is for the caller to refuse.
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": x y}}</tool_call>",
        "",
        &[(
            "search",
            "{\"name\": \"search\", \"arguments\": {\"q\": x y}}",
        )],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"x}}</tool_call>",
        "",
        &[(
            "search",
            "{\"name\": \"search\", \"arguments\": {\"q\": \"x}}",
        )],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": {\"type\": \"string\"}}}</tool_call>",
        "",
        &[("search", r#"{"q":{"type":"string"}}"#)],
    ),
];

const TEXT: &[&str] = &[
    "Plain text, with [a link](https://example.org) and f(x) < g[x] of functools.",
    "{\"name\": \"Alice\", \"age\": 3}",
    "{\"name\": \"invented\", \"arguments\": {}}",
    "{\"title\": \"T\"}",
    "[{\"name\": \"invented\", \"parameters\": {}}]",
    "[invented(q='x')]",
    "[search(q='x'), invented(q='x')]",
    "[search(1 + 2)]",
    "[searching(q='x')]",
    "```json\n{\"name\": \"invented\", \"parameters\": {}}\n```",
    "```json\n{\"rows\": [1, 2]}\n```",
    "```python\nsearch(q='x')\n```",
    "```json\n{\"name\": \"search\", \"parameters\": {}} and more\n```",
    "A call is {\"name\": \"search\", \"arguments\": {}}.",
    "Thus:\n{\"name\": \"search\", \"arguments\": {}}\nis what I would send.",
    "{\"name\": \"search\", \"arguments\": {}}\nis what I would send.",
    "{\"name\": \"search\", \"results\": 3}",
    "Use <tool_call> for calls, or <function=…> or [TOOL_CALLS] and functools[0].",
    "<tool_call></tool_call>",
    "<tool_call>{\"a\": 1}</tool_call>",
    "[TOOL_CALLS] are what { Mistral } writes",
    "<｜tool▁calls▁begin｜> is {what} DeepSeek writes",
    "a <tool_cal",
    "a [TOOL_C",
    "a ```js",
    "functool",
    "[sear",
    "{\"name\": \"se",
];

fn frame(delta: &Value, finish_reason: Option<&str>) -> String {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": finish_reason});
    format!("data: {}\n\n", json!({"choices": [choice]}))
}

/// Reads a text that comes in pieces, and then the reason to finish, if any.
fn say(pieces: &[&str], finish_reason: Option<&str>) -> Outcome {
    let said = pieces
        .iter()
        .map(|piece| frame(&json!({"content": piece}), None));
    let end = finish_reason.map(|reason| frame(&json!({}), Some(reason)));
    let bytes: String = said.chain(end).collect();
    read(Decoder::new(offered()), [bytes.as_bytes()])
}

fn characters(text: &str) -> Vec<&str> {
    let mut rest = text;
    std::iter::from_fn(|| {
        let (head, tail) = rest.split_at(rest.chars().next()?.len_utf8());
        rest = tail;
        Some(head)
    })
    .collect()
}

/// What is shown of a text and the calls in it, the same however it is cut.
fn read_cut(text: &str, finish_reason: &str) -> (String, Vec<(String, String)>, usize) {
    let whole = say(&[text], Some(finish_reason));
    let single = say(&characters(text), Some(finish_reason));
    assert_eq!(single.ended, whole.ended, "{text}, by characters");
    for (at, _) in text.char_indices() {
        let (head, tail) = text.split_at(at);
        let cut = say(&[head, tail], Some(finish_reason));
        assert_eq!(cut.ended, whole.ended, "{text}, cut at {at}");
    }
    let message = whole.ended.unwrap();
    let calls = message.calls.into_iter();
    let calls = calls.map(|call| (call.name, call.arguments)).collect();
    (message.content, calls, message.cut_calls.len())
}

fn assert_read(cases: &[Case]) {
    for (text, shown, calls) in cases {
        let calls: Vec<_> = calls
            .iter()
            .map(|(name, arguments)| ((*name).to_owned(), (*arguments).to_owned()))
            .collect();
        let found = read_cut(text, "stop");
        assert_eq!(found, ((*shown).to_owned(), calls, 0), "{text}");
    }
}

#[test]
fn calls_of_every_dialect_are_taken_out_of_the_text() {
    assert_read(WELL_FORMED);
}

#[test]
fn calls_are_read_as_models_get_them_wrong() {
    assert_read(MALFORMED);
}

#[test]
fn text_that_only_looks_like_a_call_stays_text() {
    for text in TEXT {
        let found = read_cut(text, "stop");
        assert_eq!(found, ((*text).to_owned(), vec![], 0), "{text}");
    }
}

#[test]
fn without_offered_tools_everything_is_text() {
    for (text, _, _) in WELL_FORMED.iter().chain(MALFORMED) {
        let frames = frame(&json!({"content": text}), Some("stop"));
        let read = read(Decoder::new(model::Offered::default()), [frames.as_bytes()]);
        assert_eq!(read.shown, *text);
    }
}

#[test]
fn a_call_that_the_limit_has_cut_is_neither_run_nor_shown() {
    for (text, shown, calls) in WELL_FORMED {
        let ends = text.char_indices().map(|(at, _)| at);
        for at in ends {
            let found = say(&[&text[..at]], Some("length")).ended.unwrap();
            let names = found.calls.iter().map(|call| &*call.name);
            assert!(
                names.eq(calls.iter().map(|call| call.0).take(found.calls.len())),
                "{text}, ended at {at}"
            );
            for (call, (_, arguments)) in found.calls.iter().zip(*calls) {
                assert_eq!(call.arguments, *arguments, "{text}, ended at {at}");
            }
            assert!(
                shown.starts_with(&*found.content) || !found.content.contains("\"q\""),
                "{text}, ended at {at}: {}",
                found.content
            );
        }
    }
}

#[test]
fn brackets_are_closed_only_where_the_model_stopped_of_itself() {
    let texts = [
        "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}",
        "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}\n</tool_call>",
        "{\"name\": \"search\", \"parameters\": {\"q\": \"x\"}",
        "<tool_call><function=search><parameter=q>x",
        "[search(q='x'",
    ];
    for text in texts {
        assert_eq!(
            read_cut(text, "length"),
            (String::new(), vec![], 1),
            "{text}"
        );
    }
}

#[test]
fn text_is_held_back_only_while_it_may_become_a_call() {
    let cases = [
        ("Hello", "Hello"),
        ("a <", "a "),
        ("a < b", "a < b"),
        ("a <tool_", "a "),
        ("a <tools", "a <tools"),
        ("see [", "see "),
        ("see [se", "see "),
        ("see [seat", "see [seat"),
        ("see [search](", "see [search]("),
        ("of", "of"),
        ("a f", "a "),
        ("a fu", "a "),
        ("a fun", "a "),
        ("a fun ", "a fun "),
        ("```", ""),
        ("```py", "```py"),
        ("```json\n{\"na", ""),
        ("```json\n{\"rows", "```json\n{\"rows"),
        ("{\"name\": \"", ""),
        ("{\"name\": \"A", "{\"name\": \"A"),
        ("{ \"x", "{ \"x"),
        ("so {\"name\": \"search\"", "so {\"name\": \"search\""),
        ("<tool_call>\nwhat", "<tool_call>\nwhat"),
        (
            "<tool_call>{\"name\": \"search\", \"arguments\": {}}</tool_call> Then",
            "Then",
        ),
    ];
    for (text, shown) in cases {
        let frames = frame(&json!({"content": text}), None);
        let mut decoder = Decoder::new(offered());
        decoder.feed(frames.as_bytes());
        let piece = decoder.next_piece().unwrap();
        let expected = (!shown.is_empty()).then(|| model::Piece::Content(shown.to_owned()));
        assert_eq!(piece, expected, "{text}");
    }
}

#[test]
fn calls_in_their_own_field_end_the_search_for_others() {
    let call = json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "search", "arguments": "{}"}}]});
    let leak = "<tool_call>{\"name\": \"get_weather\", \"arguments\": {}}</tool_call>";
    let frames = [
        frame(&json!({"content": leak}), None),
        frame(&json!({"content": "and <tool"}), None),
        frame(&call, None),
        frame(&json!({"content": "[search()]"}), Some("tool_calls")),
    ];
    let read = read(Decoder::new(offered()), [frames.concat().as_bytes()]);
    let message = read.ended.unwrap();
    assert_eq!(message.content, "and <tool[search()]");
    let names: Vec<_> = message.calls.iter().map(|call| &*call.name).collect();
    assert_eq!(names, ["search"]);
}

#[test]
fn a_call_inside_a_thought_is_none_and_one_behind_it_is() {
    let call = "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}</tool_call>";
    let text = format!("<think>I could {call}</think>\n{call}");
    let (shown, calls, _) = read_cut(&text, "stop");
    assert_eq!((shown.as_str(), calls.len()), ("", 1));
    let late = format!("I could {call}</think>\n{call}");
    assert_eq!(read_cut(&late, "stop").1.len(), 1);
}

#[test]
fn a_whole_call_before_an_end_without_a_reason_is_given_and_half_a_one_is_not() {
    let whole = "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}</tool_call>";
    assert_eq!(say(&[whole], None).ended.unwrap().calls.len(), 1);
    let half = "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}</tool_call>";
    assert_eq!(say(&[half], None).ended, Err(model::AskError::Cut));
    assert_eq!(
        say(&["<tool_call>{\"na"], None).ended,
        Err(model::AskError::Cut)
    );
}
