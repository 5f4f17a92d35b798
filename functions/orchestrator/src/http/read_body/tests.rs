use proptest::prelude::*;
use serde_json::Value;

use super::mend_halves;

fn mended(json: &str) -> String {
    let mut bytes = json.as_bytes().to_vec();
    mend_halves(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn each_half_of_a_character_is_read_as_a_mark_and_whole_ones_stay() {
    for (text, read) in [
        (r"\ud83d", "\u{fffd}"),
        (r"\uDE00", "\u{fffd}"),
        (r"a\uD83Db", "a\u{fffd}b"),
        (r"\ud83d\ude00", "😀"),
        (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
        (r"\ude00\ud83d", "\u{fffd}\u{fffd}"),
        (r"\ud83d\ude00\ude00", "😀\u{fffd}"),
        (r"\ud83d\n\ude00", "\u{fffd}\n\u{fffd}"),
        (r"\ud83d\u0041", "\u{fffd}A"),
        (r"\ud83d😀", "\u{fffd}😀"),
        // A backslash that is one, and what looks like an escape behind it.
        (r"\\ud83d", r"\ud83d"),
        (r"\\\ud83d", "\\\u{fffd}"),
        (r"\\\\ud83d\\ude00", r"\\ud83d\ude00"),
        (r"\ud7ff\ue000\uffff", "\u{d7ff}\u{e000}\u{ffff}"),
    ] {
        let json = format!("{{\"{text}\":[\"{text}\"]}}");
        let value: Value = serde_json::from_str(&mended(&json)).unwrap();
        assert_eq!(value[read][0], read, "{json}");
    }
}

#[test]
fn what_is_no_json_stays_none() {
    for text in [
        r"\ud83d",
        r#"{"a": \ud83d}"#,
        r#"{"a": "\ud83"#,
        r#"{"a": "\ud83"}"#,
        r#"{"a": "\u+d83"}"#,
        r#"{"a": "\ud83d"#,
        r#"{"a": "\ud83d\"#,
        r#"{"a": "\Ud83d"}"#,
        "\\",
        "",
    ] {
        let read = serde_json::from_str::<Value>(&mended(text));
        assert!(read.is_err(), "{text}");
    }
}

/// Any JSON.
fn value() -> impl Strategy<Value = Value> {
    // Also what looks like an escape where it is read.
    let text = || prop_oneof![any::<String>(), r#"[\\u"dD83e0😀]{0,12}"#];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..4).prop_map(|it| it.into_iter().collect()),
        ]
    })
}

fn escaped(unit: u16) -> String {
    format!("\\u{unit:04X}")
}

/// Any writing of a text: each unit of UTF-16 escaped, or the character as it is.
fn written(units: &[u16], are_escaped: bool) -> String {
    let mut json = String::from("\"");
    for unit in char::decode_utf16(units.iter().copied()) {
        match unit {
            Ok(c) if !are_escaped => {
                let text = Value::from(c.to_string()).to_string();
                json.push_str(&text[1..text.len() - 1]);
            }
            Ok(c) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    json.push_str(&escaped(*unit));
                }
            }
            Err(half) => json.push_str(&escaped(half.unpaired_surrogate())),
        }
    }
    json.push('"');
    json
}

proptest! {
    #[test]
    fn what_was_read_before_is_read_as_before(value in value(), is_pretty: bool) {
        let json = if is_pretty { format!("{value:#}") } else { value.to_string() };
        prop_assert_eq!(mended(&json), json);
    }

    /// As `TextDecoder` and every other reader of UTF-16 take them.
    #[test]
    fn any_text_of_utf_16_is_read_with_marks_for_its_halves(
        units in prop::collection::vec(prop_oneof![any::<u16>(), 0xd7f0_u16..0xe010, Just(0x5c)], 0..24),
        are_escaped: bool,
    ) {
        let read: String = serde_json::from_str(&mended(&written(&units, are_escaped))).unwrap();
        prop_assert_eq!(read, String::from_utf16_lossy(&units));
    }

    #[test]
    fn any_bytes_are_taken(mut bytes in prop::collection::vec(prop_oneof![Just(b'\\'), Just(b'u'), Just(b'd'), any::<u8>()], 0..40)) {
        let before = bytes.clone();
        mend_halves(&mut bytes);
        prop_assert_eq!(bytes.len(), before.len());
        // JSON that was read is not touched.
        if serde_json::from_slice::<Value>(&before).is_ok() {
            prop_assert_eq!(bytes, before);
        }
    }
}
