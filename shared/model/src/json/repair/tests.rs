//! What is read, what is added to it, and what is refused.

use serde_json::json;

use super::*;

#[test]
fn json_is_read_as_small_models_write_it() {
    let cases = [
        (
            r#"{"a": [1, 2.5, null]}"#,
            json!({"a": [1, 2.5, null]}),
            false,
        ),
        (r#"{"a": 1,}"#, json!({"a": 1}), false),
        (
            "{'a': 'it\\'s', 'b': True, 'c': None,}",
            json!({"a": "it's", "b": true, "c": null}),
            false,
        ),
        ("{a: (1, 2)}", json!({"a": [1, 2]}), false),
        (
            "{\"code\": \"one\ntwo\"}",
            json!({"code": "one\ntwo"}),
            false,
        ),
        (
            r"{'a': '\u00e9\ud83d\ude00\q'}",
            json!({"a": "é😀\\q"}),
            false,
        ),
        (r#"{"a": {"b": [1"#, json!({"a": {"b": [1]}}), true),
        (r#"{"a": 1, "#, json!({"a": 1}), true),
    ];
    for (text, value, closed) in cases {
        assert_eq!(parse(text), Some(Repaired { value, closed }), "{text}");
    }
}

#[test]
fn what_would_have_to_be_guessed_is_not_read() {
    let texts = [
        "",
        "{\"a\": ",
        "{\"a\"",
        "{\"a\": \"b",
        "{\"a\" 1}",
        "{} {}",
        "[1 2]",
        "{\"a\": yes}",
    ];
    for text in texts {
        assert_eq!(parse(text), None, "{text}");
    }
    assert_eq!(parse(&"[".repeat(100_000)), None);
}

#[test]
fn calls_in_python_are_a_whole_list_and_nothing_else() {
    let call = ("f".to_owned(), serde_json::json!({"a": 1}));
    for (text, calls) in [
        ("[f(a=1)]", Some(vec![call.clone()])),
        ("[f(a=1), f(a=1,)] ", Some(vec![call.clone(), call])),
        ("[]", Some(Vec::new())),
        ("[f(a=1)] x", None),
        ("[f(a=1)", None),
        ("[f(a=1", None),
        ("f(a=1)]", None),
    ] {
        assert_eq!(python_calls(text), calls, "{text}");
    }
}

#[test]
fn values_are_nested_64_deep_and_no_deeper() {
    for (open, close) in [("[", "]"), ("(", ")"), ("{a: ", "}")] {
        for (levels, is_read) in [(63, true), (64, true), (65, false)] {
            let text = format!("{}'a'{}", open.repeat(levels), close.repeat(levels));
            assert_eq!(parse(&text).is_some(), is_read, "{open} {levels}");
        }
    }
}

#[test]
fn a_word_that_only_begins_as_a_number_is_none() {
    for text in ["{'a': 1abc}", "{'a': -1-}", "{'a': nano}", "{'a': info}"] {
        assert_eq!(parse(text), None, "{text}");
    }
    for text in ["{'a': NaN}", "{'a': -Infinity}", "{'a': 1e999}"] {
        let value = json!({"a": null});
        let closed = false;
        assert_eq!(parse(text), Some(Repaired { value, closed }), "{text}");
    }
}
