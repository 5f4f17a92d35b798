//! Answers by a schema: what the caller wants, and what a model wrote that does not fit.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What an answer has to be like that is JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerSchema {
    /// A JSON Schema, checked when the run was started; its root is an object.
    pub schema: Value,
    /// Whether servers that know a stricter way to keep to a schema are to use it: they refuse some schemas then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strict: bool,
}

/// An answer that does not fit its schema, and is asked for once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvalidAnswer {
    /// Its beginning, in at most [`MAX_INVALID_ANSWER_BYTES`](crate::MAX_INVALID_ANSWER_BYTES).
    pub text: String,
    /// What does not fit, in words.
    pub faults: String,
}

/// The object that a model wrote as its answer, as it stands in the text. Models set it into a fence, or write a sentence before it.
pub fn answer_json(text: &str) -> Option<(&str, Map<String, Value>)> {
    let text = text.trim();
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => return Some((text, object)),
        // An object that stands within another value is a part of what was written.
        Ok(_) => return None,
        Err(_) => {}
    }
    let (first, last) = (text.find('{')?, text.rfind('}')?);
    let json = text.get(first..=last)?;
    Some((json, serde_json::from_str(json).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_found_where_models_put_it() {
        let object = r#"{"a": {"b": "}"}}"#;
        for text in [
            object.to_owned(),
            format!("\n {object}\n"),
            format!("```json\n{object}\n```"),
            format!("Here it is:\n\n```\n{object}\n```\nAsk for more."),
            format!("The answer is {object}."),
        ] {
            let (found, value) = answer_json(&text).unwrap();
            assert_eq!(found, object, "{text}");
            assert_eq!(
                Value::Object(value),
                serde_json::from_str::<Value>(object).unwrap()
            );
        }
    }

    #[test]
    fn what_is_no_single_whole_object_is_none() {
        for text in [
            "",
            "Yes.",
            "[1, 2]",
            "7",
            r#""{}""#,
            r#"[{"a": 1}]"#,
            r#"{"a": 1"#,
            r#"{"a": 1,}"#,
            r#"{"a": 1} and {"b": 2}"#,
            r#"{"a": NaN}"#,
            "}{",
        ] {
            assert_eq!(answer_json(text), None, "{text}");
        }
    }
}
