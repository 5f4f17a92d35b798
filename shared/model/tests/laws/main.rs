//! What holds for every text, every call and every cut.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; the lint's own exception ends at test functions"
)]

mod dialects;
#[path = "../kit/mod.rs"]
mod kit;
#[path = "../kit/text.rs"]
mod texts;

use dialects::{call, dialect};
use kit::{Outcome, offered, read};
use model::{AskError, Decoder, Offered};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use texts::{is_shown_as_it_is, thinks};

/// Pieces of text that look like the beginning of a call, and never are one: none names an offered tool.
const NEAR_MISSES: [&str; 57] = [
    "<",
    "<t",
    "<tool",
    "<tool_call",
    "<tool_calls ",
    "</tool_call>",
    "<|",
    "<|python_tag",
    "<|tool_call",
    "<function",
    "[",
    "[[",
    "[TOOL_CALLS",
    "]",
    "[sea",
    "[search ",
    "[search]",
    "(",
    "f",
    "fun",
    "functool",
    "functools ",
    "{",
    "}",
    "{\"name\": ",
    "{\"name\": \"x\", ",
    "{\"arguments\": {}",
    "`",
    "``",
    "```",
    "```json\n",
    "```json\n{",
    "<｜",
    "<｜tool▁",
    "<|channel|>",
    "<|channel|>final",
    "<|start|>assistant",
    "<|end|>",
    "call:",
    "search<arg_key>",
    "<arg_value>",
    "<invoke name=",
    "<invoke name=\"x",
    "<｜DSML｜",
    "<TOOLCALL",
    "]<]minimax[>[",
    "]<]minimax[>[<tool_cal",
    "[tool_use",
    "<atem:",
    "assistant",
    "commentary",
    "\n",
    "\"",
    "'",
    "é😀",
    "name",
    ": ",
];

fn piece_of_text() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(&NEAR_MISSES[..]).prop_map(str::to_owned),
        "[a-zA-Z ,.;:!?\n]{0,12}",
        "[\\PC]{0,4}",
    ]
}

/// Text in which there is no call and no thought.
fn text() -> impl Strategy<Value = String> {
    vec(piece_of_text(), 0..24)
        .prop_map(|pieces| pieces.concat())
        .prop_filter("no tag of a thought", |text| !thinks(text))
}

/// Cuts a text at these places, as far as they are between characters.
fn cut<'a>(text: &'a str, places: &[usize]) -> Vec<&'a str> {
    let mut places: Vec<_> = places.iter().map(|at| at % (text.len() + 1)).collect();
    places.extend([0, text.len()]);
    places.retain(|at| text.is_char_boundary(*at));
    places.sort_unstable();
    places
        .windows(2)
        .map(|ends| &text[ends[0]..ends[1]])
        .collect()
}

fn say(decoder: Decoder, pieces: &[&str]) -> Outcome {
    let said = pieces
        .iter()
        .map(|piece| json!({"choices": [{"delta": {"content": piece}}]}));
    let end = json!({"choices": [{"delta": {}, "finish_reason": "stop"}]});
    let frames: Vec<_> = said
        .chain([end])
        .map(|frame| format!("data: {frame}\n\n"))
        .collect();
    read(decoder, frames.iter().map(String::as_bytes))
}

fn calls_in(outcome: &Outcome) -> Vec<(String, Value)> {
    let calls = outcome.ended.as_ref().unwrap().calls.iter();
    calls
        .map(|call| {
            (
                call.name.clone(),
                serde_json::from_str(&call.arguments).unwrap(),
            )
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(384)
    })]

    #[test]
    fn text_without_a_call_comes_out_as_it_went_in(text in text(), places in vec(any::<usize>(), 0..8)) {
        let told = say(Decoder::new(offered()), &cut(&text, &places));
        prop_assert!(is_shown_as_it_is(&told.shown, &text), "{}", text);
        prop_assert_eq!(calls_in(&told), vec![]);
    }

    #[test]
    fn without_tools_any_text_comes_out_as_it_went_in(
        dialect in dialect(), calls in vec(call(), 1..3), text in text(), places in vec(any::<usize>(), 0..8),
    ) {
        let whole = format!("{text}{}{text}", dialect.write(&calls));
        let shown = say(Decoder::new(Offered::default()), &cut(&whole, &places)).shown;
        prop_assert!(is_shown_as_it_is(&shown, &whole), "{}", whole);
    }

    #[test]
    fn calls_come_out_as_they_went_in_and_nothing_of_them_is_shown(
        dialect in dialect(),
        calls in vec(call(), 1..4),
        (before, after) in ("[a-z .\n]{0,20}", "[a-z][a-z .\n]{0,20}"),
        places in vec(any::<usize>(), 0..8),
    ) {
        let written = dialect.write(&calls);
        let (before, after) = if dialect.bears_text() { (before + " ", after) } else { Default::default() };
        let whole = format!("{before}{written}{after}");
        let told = say(Decoder::new(offered()), &cut(&whole, &places));
        let expected: Vec<_> = calls
            .into_iter()
            .map(|call| (call.name.to_owned(), Value::Object(call.arguments)))
            .collect();
        prop_assert_eq!(calls_in(&told), expected, "{}", whole);
        prop_assert_eq!(told.shown, before + &after, "{}", whole);
    }

    #[test]
    fn any_bytes_end_in_a_message_or_an_error_the_same_however_they_are_cut(
        lines in vec(line(), 0..12), places in vec(any::<usize>(), 0..6),
    ) {
        let bytes = lines.concat();
        let mut places: Vec<_> = places.iter().map(|at| at % (bytes.len() + 1)).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        let pieces = places.windows(2).map(|ends| &bytes[ends[0]..ends[1]]);
        prop_assert_eq!(read(Decoder::new(offered()), pieces), read(Decoder::new(offered()), [bytes.as_slice()]));
    }
}

/// A line of a stream, more or less.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let frames = [
        "data: {\"choices\":[{\"delta\":{\"content\":\"<tool_call>{\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"hm</think>\"}}]}\r\n\r\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}}]}\n\n",
        "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"error\":null,\"choices\":[]}\n\n",
        "data: [DONE]\n\n",
        "{\"choices\":[{\"message\":{\"content\":\"",
        ":\n\n",
        "data: ",
        "\n",
        "\r",
    ];
    prop_oneof![
        4 => proptest::sample::select(frames.to_vec()).prop_map(|frame| frame.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..16),
    ]
}

#[test]
fn nothing_grows_without_end() {
    let endless: [(&str, &str, AskError); 8] = [
        (
            "data: {\"choices\":[{\"delta\":{\"content\":\"",
            "aaaaaaaaaaaaaaaa",
            AskError::TooLarge,
        ),
        (
            "",
            "data: {\"choices\":[{\"delta\":{\"content\":\"aaaaaaaaaaaaaaaa\"}}]}\n\n",
            AskError::TooLong,
        ),
        (
            "",
            "data: {\"choices\":[{\"delta\":{\"content\":\"<tool_call>{'\"}}]}\n\n",
            AskError::TooLong,
        ),
        (
            "",
            "data: {\"choices\":[{\"delta\":{\"content\":\"<think>\"}}]}\n\n",
            AskError::TooLong,
        ),
        (
            "",
            "data: {\"choices\":[{\"delta\":{\"reasoning\":\"aaaaaaaaaaaaaaaa\"}}]}\n\n",
            AskError::TooLong,
        ),
        (
            "",
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"aaaaaaaa\"}}]}}]}\n\n",
            AskError::TooLong,
        ),
        (
            "data: {\"choices\":[{\"delta\":{\"content\":\"<function=a>\"}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"content\":\"<parameter=b>\"}}]}\n\n",
            AskError::TooLong,
        ),
        ("{", "                                ", AskError::TooLarge),
    ];
    for (first, again, expected) in endless {
        let mut decoder = Decoder::new(offered());
        decoder.feed(first.as_bytes());
        let chunk = again.repeat(4096);
        let told = (0..2048).find_map(|_| {
            decoder.feed(chunk.as_bytes());
            loop {
                match decoder.next_piece() {
                    Ok(Some(_)) => {}
                    Ok(None) => return None,
                    Err(error) => return Some(error),
                }
            }
        });
        assert_eq!(told, Some(expected), "{again}");
    }
}
