//! Keeps a tool's result within its bound: long texts lose their middle, and say how much.

use serde_json::{Map, Value};

/// A text shorter than this is not worth cutting, in bytes.
const SHORTEST_CUT: usize = 256;

/// The result cannot be made to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge {
    /// Its true size as JSON.
    pub(crate) bytes: usize,
}

/// Shortens the longest texts of a result until it fits into `limit` bytes of JSON.
pub(crate) fn fit(
    mut result: Map<String, Value>,
    limit: usize,
) -> Result<Map<String, Value>, TooLarge> {
    let bytes = size(&result);
    let mut now = bytes;
    while now > limit {
        let longest = result
            .values_mut()
            .filter_map(longest)
            .max_by_key(|text| text.len());
        match longest {
            Some(text) if text.len() > SHORTEST_CUT => cut(text),
            Some(_) | None => return Err(TooLarge { bytes }),
        }
        now = size(&result);
    }
    Ok(result)
}

fn size(result: &Map<String, Value>) -> usize {
    serde_json::to_string(result).map_or(usize::MAX, |json| json.len())
}

fn longest(value: &mut Value) -> Option<&mut String> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(values) => values
            .iter_mut()
            .filter_map(longest)
            .max_by_key(|text| text.len()),
        Value::Object(fields) => fields
            .values_mut()
            .filter_map(longest)
            .max_by_key(|text| text.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Halves a text around its middle.
fn cut(text: &mut String) {
    let keep = text.len() / 4;
    let head = text.floor_char_boundary(keep);
    let tail = text.ceil_char_boundary(text.len() - keep);
    let note = format!("\n[… {} bytes left out …]\n", tail - head);
    text.replace_range(head..tail, &note);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_result_within_its_bound_is_left_alone() {
        let result = object(json!({"a": "x", "b": [1, 2]}));
        assert_eq!(fit(result.clone(), 100), Ok(result));
    }

    #[test]
    fn the_longest_text_loses_its_middle_and_says_how_much() {
        let result = object(json!({"short": "keep", "deep": [{"long": "é".repeat(5000)}]}));
        let fitted = fit(result, 4000).unwrap();
        assert!(size(&fitted) <= 4000);
        assert_eq!(fitted["short"], "keep");
        let long = fitted["deep"][0]["long"].as_str().unwrap();
        assert!(long.starts_with('é') && long.ends_with('é') && long.contains("bytes left out"));
    }

    #[test]
    fn what_no_cut_makes_fit_is_refused_with_its_true_size() {
        let result = object(json!({"numbers": vec![7; 1000]}));
        let bytes = size(&result);
        assert_eq!(fit(result, 100), Err(TooLarge { bytes }));
    }
}
