//! What JSON values take: levels and bytes.

use serde_json::Value;

/// Whether no more than so many arrays and objects stand in each other.
pub fn is_within_levels(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) if levels == 0 => false,
        Value::Array(values) => values.iter().all(|it| is_within_levels(it, levels - 1)),
        Value::Object(fields) => fields.values().all(|it| is_within_levels(it, levels - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// What a character takes in a JSON string, in bytes: some are escaped.
pub const fn json_bytes(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..' ' => 6,
        _ => character.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_character_takes_in_json_what_it_is_written_as() {
        for character in
            ('\0'..='\u{2ff}').chain(['\u{2028}', '\u{fffd}', '七', '🦀', '\u{10ffff}'])
        {
            let written = serde_json::to_string(&character).unwrap();
            assert_eq!(json_bytes(character), written.len() - 2, "{written}");
        }
    }

    #[test]
    fn levels_are_counted_by_what_stands_in_each_other() {
        for (value, levels) in [
            (json!(1), 0),
            (json!([]), 1),
            (json!([1, {"a": []}]), 3),
            (json!({"a": [], "b": {"c": 1}}), 2),
        ] {
            assert!(is_within_levels(&value, levels), "{value}");
            assert!(
                levels == 0 || !is_within_levels(&value, levels - 1),
                "{value}"
            );
        }
    }
}
