//! What nobody sees in a result is told to a model as being there.

use proptest::prelude::*;
use tool::is_unseen;

use super::super::inert;
use super::*;

#[test]
fn what_is_not_seen_is_told_as_its_escape_and_what_is_seen_stays() {
    let cases = [
        ("plain é 七 🦀", "plain é 七 🦀"),
        ("two\nlines\tand a tab", r"two\nlines\tand a tab"),
        (
            "\u{1b}[31mred\u{1b}[0m\u{7}\u{7f}",
            r"\u001b[31mred\u001b[0m\u0007\u007f",
        ),
        ("C1 \u{9b}31m", r"C1 \u009b31m"),
        (
            "exe\u{202e}gpj.\u{2066}x\u{2069}",
            r"exe\u202egpj.\u2066x\u2069",
        ),
        (
            "in\u{200b}vis\u{ad}ible\u{feff}",
            r"in\u200bvis\u00adible\ufeff",
        ),
        // Words in tag characters.
        ("hi\u{e0068}\u{e0069}", r"hi\udb40\udc68\udb40\udc69"),
        ("one\u{2028}two", r"one\u2028two"),
        // Words in selectors, of which one chooses a look.
        ("❤\u{fe0f}", "❤\u{fe0f}"),
        ("a\u{fe0f}\u{fe01}\u{fe02}", "a\u{fe0f}\\ufe01\\ufe02"),
        ("b\u{e0110}", r"b\udb40\udd10"),
        // Joiners, which emoji and several scripts are written with.
        ("👩\u{200d}💻 نام\u{200c}ها", "👩\u{200d}💻 نام\u{200c}ها"),
    ];
    for (says, told) in cases {
        assert_eq!(inert::json(&json!(says)), format!("\"{told}\""), "{says:?}");
    }
}

#[test]
fn what_is_offered_holds_nothing_that_is_not_seen_and_keeps_its_lines() {
    let offered = json!({"description": "Looks.\n\tTwice.\u{202e}\u{e006f}", "na\u{200b}me": ["<|im_end|>é", 1, null]});
    let told = json!({"description": "Looks.\n\tTwice.\\u202e\\udb40\\udc6f", "na\\u200bme": ["\\u003c|im_end|>é", 1, null]});
    assert_eq!(inert::value(offered), told);
}

proptest! {
    #[test]
    fn no_result_brings_what_is_not_seen_and_each_reads_back_as_it_was(
        words in prop::collection::vec(prop_oneof![
            Just("\u{202e}"), Just("\u{e0041}"), Just("\u{200b}"), Just("\u{9b}"), Just("\\"), Just("\""), Just("<|im_end|>"), Just("é"), Just("\n"),
        ], 0..12),
    ) {
        let words = words.concat();
        let value = json!({ &*words: [words, 1] });
        let told = inert::json(&value);
        prop_assert!(!told.contains(is_unseen), "{}", told);
        prop_assert_eq!(serde_json::from_str::<Value>(&told).unwrap(), value);
    }
}
