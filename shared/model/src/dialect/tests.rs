//! Every spelling of every tag.

use std::sync::Arc;

use serde_json::json;

use super::deepseek::{BEGINNINGS, SEPARATORS};
use super::family::{CLOSERS, TAGS};
use super::{Ending, Offered, Reader};

const CALL: &str = r#"{"name": "search", "arguments": {"q": "x"}}"#;

/// What is shown of a text, and the calls in it; by characters the same.
fn read(text: &str) -> (String, Vec<(String, String)>) {
    let tools = [json!({"type": "function", "function": {"name": "search"}})];
    let read = |pieces: &[&str]| {
        let mut reader = Reader::new(Arc::new(Offered::of_functions(&tools)));
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
