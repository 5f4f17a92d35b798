//! Names in other spellings, and values of other types than were asked for.

use serde_json::json;

use crate::{refused, used};

#[test]
fn a_name_in_another_spelling_is_the_argument_that_alone_fits() {
    for name in [
        "Num_Results",
        "num-results",
        "numResults",
        "NUMRESULTS",
        "num results",
    ] {
        let arguments = json!({"query": "x", name: "3"});
        assert_eq!(
            used("search", &arguments.to_string()),
            json!({"query": "x", "num_results": 3}),
            "{name}"
        );
    }
    assert_eq!(used("search", r#"{"Query": "x"}"#), json!({"query": "x"}));
    let guest = json!({"city": "Bern", "nights": 1, "guest": {"name": "Eva", "homeTown": "Thun"}});
    let expected =
        json!({"city": "Bern", "nights": 1, "guest": {"name": "Eva", "home_town": "Thun"}});
    assert_eq!(used("book", &guest.to_string()), expected);
    for arguments in [
        json!({"query": "x", "numResults": 3, "NumResults": 4}),
        json!({"query": "x", "num_results": 3, "numResults": 4}),
        json!({"q": "x"}),
    ] {
        refused("search", &arguments.to_string());
    }
}

#[test]
fn a_value_of_another_type_is_changed_where_one_reading_is_certain() {
    let cases = [
        ("nights", json!("3"), json!(3)),
        ("nights", json!(" 3 "), json!(3)),
        ("nights", json!(3.0), json!(3)),
        ("nights", json!("3.0"), json!(3)),
        ("price", json!("12.50"), json!(12.5)),
        ("price", json!("1e3"), json!(1000.0)),
        ("price", json!(3.0), json!(3.0)),
        ("quiet", json!("true"), json!(true)),
        ("quiet", json!("False"), json!(false)),
        ("class", json!("high"), json!("High")),
        ("floor", json!("-1"), json!(-1)),
        ("tags", json!("near"), json!(["near"])),
        (
            "tags",
            json!(r#"["near", "cheap"]"#),
            json!(["near", "cheap"]),
        ),
        ("days", json!(4), json!([4])),
        ("days", json!(["4", 5.0]), json!([4, 5])),
        (
            "guest",
            json!(r#"{"name": "Eva", "age": "7"}"#),
            json!({"name": "Eva", "age": 7}),
        ),
        (
            "guest",
            json!(r#"{"Name": "Eva", "age": null}"#),
            json!({"name": "Eva"}),
        ),
        ("rooms", json!({"name": "Eva"}), json!([{"name": "Eva"}])),
    ];
    for (name, written, expected) in cases {
        let mut arguments = json!({"city": "Bern", "nights": 1});
        arguments[name] = written;
        assert_eq!(
            used("book", &arguments.to_string())[name],
            expected,
            "{arguments}"
        );
    }
    let cases = [
        ("nights", json!("three"), "an integer, found `\"three\"`"),
        ("nights", json!(3.5), "an integer, found `3.5`"),
        ("nights", json!("99999999999999999999"), "an integer"),
        ("nights", json!("12"), "at most 9, found `12`"),
        ("nights", json!(""), "an integer"),
        ("nights", json!([3]), "an integer, found `[3]`"),
        ("price", json!("12,50"), "a number"),
        ("price", json!("007"), "a number"),
        ("quiet", json!("yes"), "a boolean"),
        ("quiet", json!(1), "a boolean, found `1`"),
        ("city", json!(7), "a string, found `7`"),
        (
            "class",
            json!("middle"),
            "one of Low, High, found `\"middle\"`",
        ),
        (
            "floor",
            json!("ground"),
            "an integer or null, found `\"ground\"`",
        ),
        ("tags", json!("[near"), "an array"),
        ("days", json!("soon"), "an array"),
        ("guest", json!("Eva"), "an object"),
    ];
    for (name, written, expected) in cases {
        let mut arguments = json!({"city": "Bern", "nights": 1});
        arguments[name] = written;
        let (_, message) = refused("book", &arguments.to_string());
        let begins = format!("{name}: expected ");
        assert!(
            message.starts_with(&begins) && message.contains(expected),
            "{arguments}: {message}"
        );
    }
}

#[test]
fn line_breaks_and_tabs_in_strings_are_read_and_between_them_mean_nothing() {
    for (written, code) in [
        ("{\r\n\t\"code\":\t\"a\nb\"\r\n}", "a\nb"),
        ("{\r\n\t\"code\": \"a\r\n\tb\"}", "a\r\n\tb"),
        ("{\"code\": \"say \\\"a\n\\\"\"\r}", "say \"a\n\""),
    ] {
        assert_eq!(used("code_interpreter", written), json!({"code": code}));
    }
}
