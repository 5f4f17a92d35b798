//! Every spelling of every tag.

use std::sync::Arc;

use serde_json::json;

use super::closers::CLOSERS;
use super::deepseek::{BEGINNINGS, SEPARATORS};
use super::opening::{Opening, Place};
use super::read::{Input, Read};
use super::recognize::{TAGS, opening};
use super::{Offered, StreamParser, glm, xml};
use crate::ending::Ending;
use crate::message::MAX_CALLS;

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
    let closed = |text: &str, read: fn(&Input<'_>, usize) -> Read| {
        let input = Input {
            text,
            offered: &offered,
            ending: Some(Ending::Stopped),
            is_first: true,
        };
        match read(&input, 0) {
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
        assert_eq!(closed(&text, glm::read), [told], "{text}");
    }
    let element = "<parameter=q>x";
    for (text, told) in [
        (format!("{element}</parameter></function>"), false),
        (format!("{element}</parameter>."), false),
        (format!("{element}</function>"), false),
        (element.to_owned(), true),
        (format!("{element}</tool_call>"), true),
        (format!("{element}</parameter>"), true),
        (format!("{element}{element}</parameter>."), false),
    ] {
        let text = format!("<function=f>{text}");
        assert_eq!(closed(&text, xml::read), [told], "{text}");
    }
}

#[test]
fn what_stands_before_arguments_is_bounded_and_read_the_same_in_pieces() {
    for (before, after, most) in [
        ("<|tool_call_begin|>", "<|tool_sep|>{\"q\": \"x\"}", 512),
        ("[TOOL_CALLS]", "[ARGS]{\"q\": \"x\"}", 256),
    ] {
        let beside = after.find('{').unwrap();
        for bytes in [most - 1, most, most + 1] {
            let name = "n".repeat(bytes - beside);
            let text = format!("{before}{name}{after}");
            let call = (name, r#"{"q":"x"}"#.to_owned());
            let expected = if bytes <= most {
                (String::new(), vec![call])
            } else {
                (text.clone(), Vec::new())
            };
            assert_eq!(read(&text), expected, "{bytes}");
        }
    }
}

#[test]
fn a_key_of_128_bytes_is_one_and_128_arguments_are_read() {
    let pair = |key: &str| format!("<arg_key>{key}</arg_key><arg_value>1</arg_value>");
    for (bytes, calls) in [(127, 1), (128, 1), (129, 0)] {
        let text = format!("<tool_call>f{}</tool_call>", pair(&"k".repeat(bytes)));
        assert_eq!(read(&text).1.len(), calls, "{bytes}");
    }
    for (given, taken) in [(127, 127), (128, 128), (129, 128)] {
        let pairs: String = (0..given).map(|at| pair(&format!("k{at}"))).collect();
        let (_, calls) = read_whole(&format!("<tool_call>f{pairs}</tool_call>"));
        let [(_, arguments)] = calls.as_slice() else {
            panic!("{calls:?}");
        };
        assert_eq!(arguments.matches(":1").count(), taken, "{given}");
    }
}

/// What is shown of a text that comes in one piece, and the calls in it.
fn read_whole(text: &str) -> (String, Vec<(String, String)>) {
    let tools = [json!({"type": "function", "function": {"name": "search"}})];
    let mut reader = StreamParser::new(Arc::new(Offered::of_functions(&tools)));
    let mut shown = String::new();
    reader.push(text, &mut shown);
    reader.finish(Ending::Stopped, &mut shown);
    let (calls, _) = reader.into_calls(Ending::Stopped);
    let calls = calls.into_iter().map(|call| (call.name, call.arguments));
    (shown, calls.collect())
}

#[test]
fn after_64_false_starts_or_two_mib_of_them_no_call_is_looked_for() {
    let call = format!("<tool_call>{CALL}</tool_call>");
    for (starts, calls) in [(63, 1), (64, 0), (65, 0)] {
        let text = format!("{}{call}", "<tool_call>? ".repeat(starts));
        assert_eq!(read(&text).1.len(), calls, "{starts}");
    }
    let most = 2 * 1024 * 1024;
    for (bytes, calls) in [(most - 1, 1), (most, 0)] {
        // One look at what begins no call takes all that has come.
        let begun = "<tool_call>? ";
        let blank = " ".repeat(bytes - begun.len() - call.len());
        let text = format!("{begun}{blank}{call}");
        assert_eq!(text.len(), bytes);
        assert_eq!(read_whole(&text).1.len(), calls, "{bytes}");
    }
}

#[test]
fn what_is_kept_is_counted_while_it_is_held_and_once_it_is_a_call() {
    let mut reader = StreamParser::new(Arc::new(Offered::default()));
    let mut shown = String::new();
    for (piece, bytes) in [
        ("So ", 0),
        ("<tool_call>", 11),
        (r#"{"name": "search", "arguments": {"q": "x"}"#, 53),
        ("}", 54),
        ("</tool_call>", "search".len() + r#"{"q":"x"}"#.len()),
    ] {
        reader.push(piece, &mut shown);
        assert_eq!(reader.bytes(), bytes, "{piece}");
    }
    assert_eq!(shown, "So ");
}

#[test]
fn blanks_are_waited_through_without_a_look_at_what_stands_before_them() {
    let tools = [json!({"type": "function", "function": {"name": "search"}})];
    let offered = Offered::of_functions(&tools);
    let place = Place {
        at_line_start: true,
        in_word: false,
        is_first: true,
    };
    for text in [
        "<tool_call>",
        "<tool_call>\n",
        "<tool_call>search\n",
        "<tool_call>search<arg_key>q</arg_key>",
        "<tool_call>search<arg_key>q</arg_key><arg_value>x</arg_value>",
        r#"<tool_call>{"name": "search", "arguments": {}}"#,
        "<function=search>",
        "<function=search>\n<parameter=q>x</parameter>",
        "<tool_call>\n<function=search>",
        "[TOOL_CALLS]",
        "<|tool_call|>[",
        "<|channel|>commentary to=functions.search<|message|>",
        r#"{"name": "search", "arguments": {}}"#,
        "```json\n{\"name\": \"search\", \"arguments\": {}}",
        r#"{"name": "web_search", "arguments": {}}</tool_call>"#,
        "[search(q='x'), web_search(q='y')]",
    ] {
        let Opening::Call(family, after) = opening(text, place, &offered) else {
            panic!("{text}");
        };
        let input = Input {
            text,
            offered: &offered,
            ending: None,
            is_first: true,
        };
        let Read::More(mut wait) = family.read(&input, after) else {
            panic!("{text}");
        };
        assert!(!wait.is_over(&format!("{text} \n")), "{text}");
        assert!(!wait.is_over(&format!("{text} \n\t ")), "{text}");
    }
}

#[test]
fn no_more_calls_than_a_message_may_hold_are_taken() {
    let invented = r#"{"name": "invented", "arguments": {}}"#;
    let objects = |call: &str, count: usize| vec![call; count].join("; ");
    for (text, shown, calls) in [
        (
            format!("<tool_call>{CALL}</tool_call>").repeat(MAX_CALLS + 1),
            String::new(),
            MAX_CALLS,
        ),
        (
            format!("<tool_call>{}", objects(invented, MAX_CALLS)),
            String::new(),
            MAX_CALLS,
        ),
        (
            format!("<tool_call>{}", objects(invented, MAX_CALLS + 1)),
            format!("; {invented}"),
            MAX_CALLS,
        ),
        (objects(CALL, MAX_CALLS), String::new(), MAX_CALLS),
        (
            objects(CALL, MAX_CALLS + 1),
            objects(CALL, MAX_CALLS + 1),
            0,
        ),
    ] {
        let (found, taken) = read_whole(&text);
        assert_eq!((found, taken.len()), (shown, calls), "{text}");
    }
}
