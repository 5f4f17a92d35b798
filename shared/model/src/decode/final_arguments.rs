//! What the arguments of a structured call come to when the reply has ended.

use serde_json::{Map, Value};

use crate::json::repair::{self, Repaired};

/// Most objects that are taken from the arguments of one call.
const MAX_OBJECTS: usize = 16;
/// What some servers leave in front of the arguments.
const FENCE: &str = "```";

/// Arguments as they are given to the caller.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FinalArguments {
    /// For each call the JSON text of an object where it can be had, else the text as the model wrote it, for the caller to
    /// refuse. More than one where a server has put those of several calls into one.
    pub(crate) given: Vec<String>,
    /// The reply ended inside them.
    pub(crate) cut: bool,
}

/// Mends arguments; brackets are closed only where the model `stopped` of itself.
pub(crate) fn finalize(arguments: String, stopped: bool) -> FinalArguments {
    let text = unfenced(arguments.trim_ascii());
    if text.is_empty() {
        return given_or_cut("{}".to_owned(), stopped);
    }
    match serde_json::from_str(text) {
        Ok(Value::Null) => given("{}".to_owned()),
        Ok(Value::String(inner)) => match object(&inner, stopped) {
            Some(object) => given(object),
            None => given(arguments),
        },
        Ok(Value::Object(_)) => given(text.to_owned()),
        Ok(Value::Bool(_) | Value::Number(_) | Value::Array(_)) => given(arguments),
        Err(_) => match objects(text, stopped) {
            Some(objects) => FinalArguments {
                given: objects,
                cut: false,
            },
            None => match said_last(text) {
                Some(whole) => given(whole.to_owned()),
                None => given_or_cut(arguments, stopped),
            },
        },
    }
}

fn given(arguments: String) -> FinalArguments {
    FinalArguments {
        given: vec![arguments],
        cut: false,
    }
}

fn given_or_cut(arguments: String, stopped: bool) -> FinalArguments {
    if stopped {
        given(arguments)
    } else {
        FinalArguments {
            given: Vec::new(),
            cut: true,
        }
    }
}

/// The object in a fence that opens the text, without the fence.
fn unfenced(text: &str) -> &str {
    let fenced = text.strip_prefix(FENCE).and_then(|text| {
        let (_, body) = text.split_once('\n')?;
        Some(body.trim_ascii())
    });
    fenced.filter(|body| body.starts_with('{')).unwrap_or(text)
}

fn object(text: &str, stopped: bool) -> Option<String> {
    let value = repair::parse(text)?;
    let usable = value.value.is_object() && (stopped || !value.closed);
    usable.then(|| value.value.to_string())
}

/// The objects that a text begins with, the same only once; what else stands behind them (words, a tag, one brace too many) is
/// passed over.
fn objects(text: &str, stopped: bool) -> Option<Vec<String>> {
    let mut objects: Vec<String> = Vec::new();
    let mut rest = text;
    while objects.len() < MAX_OBJECTS && rest.starts_with('{') {
        let Some((Repaired { value, closed }, after)) = repair::parse_first(rest) else {
            break;
        };
        if !value.is_object() || closed && !(stopped && objects.is_empty()) {
            break;
        }
        let object = value.to_string();
        if !objects.contains(&object) {
            objects.push(object);
        }
        rest = after.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',' || c == ';');
    }
    // An empty one stood for the arguments before they came.
    if objects.len() > 1 {
        objects.retain(|object| object != "{}");
    }
    (!objects.is_empty()).then_some(objects)
}

/// The last of several beginnings of one object, each of which says all before it again: some servers send the whole anew with
/// each piece.
fn said_last(text: &str) -> Option<&str> {
    let starts = text.match_indices('{').rev().take(MAX_OBJECTS);
    let mut wholes = starts.map(|(at, _)| text.split_at(at));
    let said = wholes.find(|(before, whole)| {
        let is_whole = serde_json::from_str::<Map<String, Value>>(whole).is_ok();
        is_whole && are_beginnings(before, whole)
    });
    said.map(|(_, whole)| whole)
}

/// Whether a text is made of beginnings of a whole.
fn are_beginnings(text: &str, whole: &str) -> bool {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let pairs = rest.iter().zip(whole.as_bytes());
        match pairs.take_while(|(byte, other)| byte == other).count() {
            0 => return false,
            same => rest = &rest[same..],
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, stopped: bool) -> Vec<String> {
        let FinalArguments { given, cut } = finalize(text.to_owned(), stopped);
        assert_eq!(cut, given.is_empty(), "{text}");
        given
    }

    #[test]
    fn arguments_are_mended_as_far_as_the_end_of_the_reply_allows() {
        let cases: [(&str, &[&str], &[&str]); 13] = [
            ("", &["{}"], &[]),
            (" null ", &["{}"], &["{}"]),
            ("{\"a\": 1.0}", &["{\"a\": 1.0}"], &["{\"a\": 1.0}"]),
            ("\"{\\\"a\\\":1}\"", &["{\"a\":1}"], &["{\"a\":1}"]),
            ("{'a': True,}", &["{\"a\":true}"], &["{\"a\":true}"]),
            ("{\"a\": [1", &["{\"a\":[1]}"], &[]),
            ("{\"a\": ", &["{\"a\": "], &[]),
            ("[1]", &["[1]"], &["[1]"]),
            ("print(1)", &["print(1)"], &[]),
            ("print {\"a\": 1}", &["print {\"a\": 1}"], &[]),
            ("\"[1]\"", &["\"[1]\""], &["\"[1]\""]),
            ("\"{\\\"a\\\":1\"", &["{\"a\":1}"], &["\"{\\\"a\\\":1\""]),
            ("{}}", &["{}"], &["{}"]),
        ];
        for (text, stopped, cut) in cases {
            assert_eq!(told(text, true), stopped, "{text}");
            assert_eq!(told(text, false), cut, "{text}");
        }
    }

    #[test]
    fn what_stands_behind_complete_arguments_is_passed_over() {
        let whole = "{\"a\":\"}\"}";
        for behind in [
            "}",
            "}}]",
            " \n</tool_call>",
            "<|tool_call_end|>",
            "\n\nNow I wait for the result.",
            whole,
            " {\"a\": \"}\"}",
            ",",
            "{\"a\": ",
            "\n```",
        ] {
            let text = format!("{whole}{behind}");
            for stopped in [true, false] {
                assert_eq!(told(&text, stopped), [whole], "{text}");
            }
        }
        assert_eq!(told(&format!("```json\n{whole}\n```"), true), [whole]);
        assert_eq!(
            told("{\"a\":1}{\"a\":2}\n{'a': 1}", true),
            ["{\"a\":1}", "{\"a\":2}"]
        );
        assert_eq!(told("{'a': 1} and", true), ["{\"a\":1}"]);
    }

    #[test]
    fn objects_one_behind_the_other_are_each_arguments_up_to_sixteen() {
        for between in ["", " ", "\n", ",", ", ", ";", " ;\n"] {
            let text = format!("{{\"a\":1}}{between}{{\"a\":2}}");
            assert_eq!(told(&text, true), ["{\"a\":1}", "{\"a\":2}"], "{text}");
        }
        let objects: Vec<_> = (0..17).map(|a| format!("{{\"a\":{a}}}")).collect();
        assert_eq!(told(&objects.concat(), true), objects[..16]);
    }

    #[test]
    fn what_is_said_anew_with_each_piece_is_taken_as_it_is_said_last() {
        let whole = "{\"a\":\"b\"}";
        for before in ["{", "{{\"a\"", "{\"{\"a\":\"{\"a\":\"b\""] {
            let text = format!("{before}{whole}");
            assert_eq!(told(&text, true), [whole], "{text}");
        }
        for before in ["[", "{\"b\"", "x{"] {
            let text = format!("{before}{whole}");
            assert_eq!(told(&text, true), [&*text], "{text}");
        }
    }
}
