//! How kinds of arguments are told, and what stands for them in the example.

use super::*;

#[test]
fn each_kind_of_argument_is_told_in_words_and_has_an_example_that_fits() {
    for (kind, words, value) in [
        (json!({"type": "string"}), "text", json!("…")),
        (
            json!({"type": ["string", "null"]}),
            "text, or null",
            json!(null),
        ),
        (json!({"type": "integer"}), "a whole number", json!(1)),
        (
            json!({"type": "integer", "minimum": 2, "maximum": 9}),
            "a whole number from 2 to 9",
            json!(2),
        ),
        (
            json!({"type": "integer", "minimum": -3}),
            "a whole number of at least -3",
            json!(-3),
        ),
        (
            json!({"type": ["null", "integer"], "maximum": 9}),
            "a whole number of at most 9, or null",
            json!(null),
        ),
        (json!({"type": "number"}), "a number", json!(1)),
        (
            json!({"type": "number", "minimum": 0.5}),
            "a number of at least 0.5",
            json!(0.5),
        ),
        (json!({"type": "boolean"}), "true or false", json!(true)),
        (
            json!({"type": ["boolean", "null"]}),
            "true or false, or null",
            json!(null),
        ),
        (
            json!({"type": "string", "enum": ["a", "b"]}),
            "one of \"a\", \"b\"",
            json!("a"),
        ),
        (
            json!({"type": ["string", "null"], "enum": ["a", null]}),
            "one of \"a\", or null",
            json!(null),
        ),
        (json!({"enum": [3, 4]}), "one of 3, 4", json!(3)),
        (
            json!({"type": "array"}),
            "as in the JSON Schema {\"type\":\"array\"}",
            json!([]),
        ),
        (
            json!({"type": "object"}),
            "as in the JSON Schema {\"type\":\"object\"}",
            json!({}),
        ),
        (
            json!({"type": ["integer", "boolean"]}),
            "as in the JSON Schema {\"type\":[\"integer\",\"boolean\"]}",
            json!(1),
        ),
        (
            json!({"type": ["array", "boolean"]}),
            "as in the JSON Schema {\"type\":[\"array\",\"boolean\"]}",
            json!(true),
        ),
        (json!({}), "as in the JSON Schema {}", json!({})),
    ] {
        assert_eq!((&*told_kind(&kind), example(&kind)), (words, value));
    }
}
