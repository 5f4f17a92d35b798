//! Every spelling of every tag.

use std::sync::Arc;

use serde_json::json;

use super::closers::CLOSERS;
use super::deepseek::{BEGINNINGS, SEPARATORS};
use super::read::{Input, Read};
use super::recognize::TAGS;
use super::{Offered, StreamParser, glm};
use crate::ending::Ending;

const CALL: &str = r#"{"name": "search", "arguments": {"q": "x"}}"#;

/// What is shown of a text, and the calls in it; by characters the same.
fn read(text: &str) -> (String, Vec<(String, String)>) {
    let tools = [json!({"type": "function", "function": {"name": "search"}})];
    let read = |pieces: &[&str]| {
        let mut reader = StreamParser::new(Arc::new(Offered::of_functions(&tools)));
        let mut shown = String::new();
        for piece in pieces {
            reader.push(piece, &mut shown);
        }
        reader.finish(Ending::Stopped, &mut shown);
        let (calls, cut) = reader.into_calls(Ending::Stopped);
        assert_eq!(cut, [] as [&str; 0], "{text}");
        let calls = calls.into_iter();
        (
            shown,
            calls.map(|call| (call.name, call.arguments)).collect(),
        )
    };
    let characters: Vec<_> = text.split("").collect();
    let whole = read(&[text]);
    assert_eq!(read(&characters), whole, "{text}");
    whole
}

fn searched(shown: &str) -> (String, Vec<(String, String)>) {
    let call = ("search".to_owned(), r#"{"q":"x"}"#.to_owned());
    (shown.to_owned(), vec![call])
}

#[test]
fn a_call_is_read_behind_every_tag() {
    for tag in TAGS {
        assert_eq!(read(&format!("So {tag}\n{CALL}")), searched("So "), "{tag}");
    }
}

#[test]
fn a_call_is_read_in_every_spelling_of_deepseeks_tags() {
    for beginning in BEGINNINGS {
        for separator in SEPARATORS {
            let text = format!("So {beginning}search{separator}{{\"q\": \"x\"}}");
            assert_eq!(read(&text), searched("So "), "{text}");
        }
    }
}

#[test]
fn whatever_closes_a_call_belongs_to_it() {
    for closer in CLOSERS {
        let text = format!("<tool_call>{CALL}\n{closer}\nWell.");
        assert_eq!(read(&text), searched("Well."), "{closer}");
    }
}

/// How calls are written whose names have no end but a sign behind them.
const NAMED: [(&str, &str); 3] = [
    (
        "<function=",
        ">\n<parameter=q>\nx\n</parameter>\n</function>",
    ),
    (
        "<tool_call>",
        "\n<arg_key>q</arg_key>\n<arg_value>x</arg_value>\n</tool_call>",
    ),
    ("<|tool_call>call:", "{q:<|\"|>x<|\"|>}<tool_call|>"),
];

#[test]
fn a_name_of_128_bytes_is_one_and_a_longer_one_is_text() {
    for (before, after) in NAMED {
        for bytes in [1, 127, 128] {
            let name = "n".repeat(bytes);
            let call = (name.clone(), r#"{"q":"x"}"#.to_owned());
            let text = format!("{before}{name}{after}");
            assert_eq!(read(&text), (String::new(), vec![call]), "{text}");
        }
        let text = format!("{before}{}{after}", "n".repeat(129));
        assert_eq!(read(&text), (text.clone(), Vec::new()), "{text}");
    }
}

#[test]
fn what_was_added_at_the_end_of_a_call_is_told() {
    let offered = Offered::default();
    let closed = |text: &str| {
        let input = Input {
            text,
            offered: &offered,
            ending: Some(Ending::Stopped),
            is_first: true,
        };
        match glm::read(&input, 0) {
            Read::Calls(calls, _) => calls.iter().map(|call| call.closed).collect(),
            Read::Text | Read::More(_) | Read::Cut(_) => Vec::new(),
        }
    };
    let pair = "<arg_key>q</arg_key><arg_value>x";
    for (text, told) in [
        (format!("f{pair}</arg_value></tool_call>"), false),
        (format!("f{pair}</arg_value>"), false),
        (format!("f{pair}"), true),
        (format!("f{pair}</arg_value>{pair}"), true),
    ] {
        assert_eq!(closed(&text), [told], "{text}");
    }
}
