//! Keeps a tool's result within its cap, the catalogue's `max_result_bytes`: long texts lose their middle, and say how much.

use run::{ArtifactEntry, ToolObject, json_bytes};
use serde_json::{Map, Value};

/// No text is cut below this, in bytes.
const SHORTEST_CUT: usize = 256;
/// Room for the note that stands in place of what was cut, in bytes.
const NOTE_BYTES: usize = 64;

/// How often a result is cut before it is given up as too large.
const ATTEMPTS: u32 = 8;

/// The result cannot be made to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge {
    /// Its true size as JSON.
    pub(crate) bytes: usize,
}

/// A result with the list of its files, shortened so that both fit into `limit` bytes of JSON. The list is never cut.
pub(crate) fn fit_with(
    result: Map<String, Value>,
    listed: Vec<ArtifactEntry>,
    limit: usize,
) -> Result<ToolObject, TooLarge> {
    let whole = ToolObject::new(result, listed);
    let listed = size(&whole.to_map()) - size(whole.fields());
    let (fields, artifacts) = whole.into_parts();
    match fit(fields, limit.saturating_sub(listed)) {
        Ok(fields) => Ok(ToolObject::new(fields, artifacts)),
        Err(TooLarge { bytes }) => Err(TooLarge {
            bytes: bytes + listed,
        }),
    }
}

/// Shortens the longest texts of a result, all to one length, so that it fits into `limit` bytes of JSON.
fn fit(mut result: Map<String, Value>, limit: usize) -> Result<Map<String, Value>, TooLarge> {
    let bytes = size(&result);
    let mut now = bytes;
    let mut target = limit;
    // Escapes may stand closer in what is kept than in what is cut; then a little more has to go.
    for _ in 0..ATTEMPTS {
        if now <= limit {
            return Ok(result);
        }
        let most = longest_that_fits(&mut result, now, target).ok_or(TooLarge { bytes })?;
        result
            .values_mut()
            .for_each(|value| each_text(value, &mut |text| cut(text, most)));
        now = size(&result);
        target = target / 4 * 3;
    }
    Err(TooLarge { bytes })
}

/// The length in JSON to which texts have to be cut so that the result, of `bytes` now, takes `limit`.
fn longest_that_fits(result: &mut Map<String, Value>, bytes: usize, limit: usize) -> Option<usize> {
    let mut lengths = Vec::new();
    result
        .values_mut()
        .for_each(|value| each_text(value, &mut |text| lengths.push(escaped_len(text))));
    let around = bytes.saturating_sub(lengths.iter().sum());
    let size_at = |most: usize| {
        let cut = |length: &usize| (*length).min(most + NOTE_BYTES);
        around + lengths.iter().map(cut).sum::<usize>()
    };
    if size_at(SHORTEST_CUT) > limit {
        return None;
    }
    let (mut fits, mut too_long) = (SHORTEST_CUT, bytes);
    while too_long - fits > 1 {
        let middle = fits.midpoint(too_long);
        if size_at(middle) <= limit {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    Some(fits)
}

fn size(result: &Map<String, Value>) -> usize {
    serde_json::to_string(result).map_or(usize::MAX, |json| json.len())
}

fn each_text(value: &mut Value, visit: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(values) => values.iter_mut().for_each(|value| each_text(value, visit)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|value| each_text(value, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Takes the middle out of a text that takes more than `most` bytes of JSON and a note.
fn cut(text: &mut String, most: usize) {
    let escaped = escaped_len(text);
    if escaped <= most + NOTE_BYTES {
        return;
    }
    let keep = text.len() * most / escaped;
    let head = text.floor_char_boundary(keep / 2);
    let tail = text.ceil_char_boundary(text.len() - keep / 2);
    let note = format!("\n[… {} bytes left out …]\n", tail - head);
    text.replace_range(head..tail, &note);
}

/// Length of a text as JSON, without its quotes.
fn escaped_len(text: &str) -> usize {
    text.chars().map(json_bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// Any result of texts that are long or short, of one character or of many, beside what is no text.
    fn any_result() -> impl Strategy<Value = Map<String, Value>> {
        let piece = prop::sample::select(vec!["x", "\"", "\n", "\u{1}", "é", "七", "🦀", "a b "]);
        let text = (prop::collection::vec(piece, 1..4), 0..900_usize)
            .prop_map(|(pieces, times)| Value::from(pieces.concat().repeat(times)));
        let leaf = prop_oneof![
            4 => text,
            1 => prop::sample::select(vec![json!(null), json!(true), json!(-1.5), json!(9_007_199_254_740_993_u64)]),
        ];
        let value = leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("[a-c\"]{1,2}", inner, 0..4)
                    .prop_map(|fields| fields.into_iter().collect::<Value>()),
            ]
        });
        prop::collection::vec(("[a-e]{1,3}", value), 0..5).prop_map(Map::from_iter)
    }

    /// Whether a value is another with the middle of some texts left out, and nothing else changed.
    fn is_cut_of(cut: &Value, whole: &Value) -> bool {
        match (cut, whole) {
            (Value::String(cut), Value::String(whole)) => {
                let parts = cut
                    .split_once("\n[… ")
                    .zip(cut.rsplit_once(" bytes left out …]\n"));
                let is_cut = |((head, _), (_, tail)): ((&str, &str), (&str, &str))| {
                    let left_out = whole.len() - head.len() - tail.len();
                    whole.starts_with(head)
                        && whole.ends_with(tail)
                        && *cut == format!("{head}\n[… {left_out} bytes left out …]\n{tail}")
                };
                cut == whole || parts.is_some_and(is_cut)
            }
            (Value::Array(cut), Value::Array(whole)) => {
                cut.len() == whole.len()
                    && cut
                        .iter()
                        .zip(whole)
                        .all(|(cut, whole)| is_cut_of(cut, whole))
            }
            (Value::Object(cut), Value::Object(whole)) => {
                cut.keys().eq(whole.keys())
                    && cut
                        .values()
                        .zip(whole.values())
                        .all(|(cut, whole)| is_cut_of(cut, whole))
            }
            (cut, whole) => cut == whole,
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_fits_and_is_the_same_result_with_the_middle_of_texts_left_out(
            result in any_result(),
            limit in 2..6000_usize,
        ) {
            let bytes = size(&result);
            match fit(result.clone(), limit) {
                Ok(kept) => {
                    prop_assert!(size(&kept) <= limit);
                    prop_assert!(is_cut_of(&Value::Object(kept.clone()), &Value::Object(result.clone())));
                    prop_assert!(bytes > limit || kept == result, "what fits is left alone");
                    prop_assert_eq!(fit(kept.clone(), limit), Ok(kept), "once is enough");
                }
                Err(TooLarge { bytes: told }) => {
                    prop_assert_eq!(told, bytes);
                    prop_assert!(bytes > limit);
                }
            }
        }
    }

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
    fn many_texts_are_cut_to_one_length_in_one_go() {
        let result = object(json!({"lines": vec!["\"quoted\" ".repeat(200); 3000]}));
        assert!(size(&result) > 6_000_000);
        let fitted = fit(result, 1_200_000).unwrap();
        assert!(size(&fitted) <= 1_200_000);
        let lines = fitted["lines"].as_array().unwrap();
        assert!(lines.iter().all(|line| line == &lines[0]));
    }

    #[test]
    fn what_no_cut_makes_fit_is_refused_with_its_true_size() {
        let result = object(json!({"numbers": vec![7; 1000]}));
        let bytes = size(&result);
        assert_eq!(fit(result, 100), Err(TooLarge { bytes }));
    }

    #[test]
    fn as_much_is_kept_as_fits() {
        let result = |bytes: usize| object(json!({"a": "x".repeat(bytes)}));
        let fitted = fit(result(10_000), 4000).unwrap();
        assert!((4000 - NOTE_BYTES..=4000).contains(&size(&fitted)));
        // The shortest that a text is cut to, with its note and what stands around it.
        let least = SHORTEST_CUT + NOTE_BYTES + size(&result(0));
        assert!(fit(result(1000), least).is_ok());
        assert_eq!(
            fit(result(1000), least - 1),
            Err(TooLarge {
                bytes: size(&result(1000))
            })
        );
    }

    #[test]
    fn a_text_whose_escapes_stand_at_its_ends_is_cut_once_more() {
        let ends = "\u{1}".repeat(2000);
        let result = object(json!({"a": format!("{ends}{}{ends}", "x".repeat(40_000))}));
        let fitted = fit(result, 20_000).unwrap();
        assert!((8_000..=20_000).contains(&size(&fitted)));
    }

    #[test]
    fn the_list_of_files_is_kept_whole_and_counts() {
        let entry = ArtifactEntry {
            name: "a.csv".to_owned(),
            media_type: "text/csv".to_owned(),
            bytes: 3,
            version: Some("r1.1-1".to_owned()),
            error: None,
        };
        let result = |bytes: usize| object(json!({"a": "x".repeat(bytes)}));
        let listed = vec![entry; 20];
        let fitted = fit_with(result(10_000), listed.clone(), 4000).unwrap();
        assert_eq!(fitted.artifacts(), listed);
        assert!((4000 - NOTE_BYTES..=4000).contains(&size(&fitted.to_map())));
        let bytes = size(&ToolObject::new(result(10_000), listed.clone()).to_map());
        assert_eq!(
            fit_with(result(10_000), listed, 1000),
            Err(TooLarge { bytes })
        );
    }

    #[test]
    fn effort_of_no_result_is_more_than_its_length() {
        type Make = fn(usize) -> Value;
        let cases: [(&str, Make); 8] = [
            ("one text", |n| json!({"a": "x".repeat(n)})),
            (
                "one text of escapes",
                |n| json!({"a": "\u{1}".repeat(n / 6)}),
            ),
            (
                "one text of wide characters",
                |n| json!({"a": "七".repeat(n / 3)}),
            ),
            ("empty texts", |n| json!({"a": vec![""; n / 3]})),
            (
                "texts that are cut",
                |n| json!({"a": vec!["x".repeat(2000); n / 2000]}),
            ),
            ("numbers", |n| json!({"a": vec![7; n / 2]})),
            ("objects", |n| json!({"a": vec![json!({"b": "c"}); n / 10]})),
            ("lists in lists", |n| {
                let deep = (0..100).fold(json!(["x".repeat(n / 100)]), |inner, _| {
                    json!([inner, "y".repeat(n / 101)])
                });
                json!({"a": deep})
            }),
        ];
        for (name, result) in cases {
            let text = |bytes: usize| result(bytes).to_string();
            effort::assert_linear(name, text, |text| {
                let result = serde_json::from_str(text).unwrap();
                fit(result, 128 * 1024)
            });
        }
    }
}
