//! What the arguments of a structured call come to when the reply has ended.

use serde_json::Value;

use crate::dialect::repair;

/// Arguments as they are given to the caller.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// JSON text of an object where it can be had, else the text as the model wrote it, for the caller to refuse.
    Given(String),
    /// The reply ended inside them.
    Cut,
}

/// Mends arguments; brackets are closed only where the model `stopped` of itself.
pub(crate) fn settle(arguments: String, stopped: bool) -> Settled {
    let text = arguments.trim_ascii();
    if text.is_empty() {
        return given_or_cut("{}".to_owned(), stopped);
    }
    match serde_json::from_str(text) {
        Ok(Value::Null) => Settled::Given("{}".to_owned()),
        Ok(Value::String(inner)) => match object(&inner, stopped) {
            Some(object) => Settled::Given(object),
            None => Settled::Given(arguments),
        },
        Ok(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Settled::Given(arguments)
        }
        Err(_) => match object(text, stopped) {
            Some(object) => Settled::Given(object),
            None => given_or_cut(arguments, stopped),
        },
    }
}

fn given_or_cut(arguments: String, stopped: bool) -> Settled {
    if stopped {
        Settled::Given(arguments)
    } else {
        Settled::Cut
    }
}

fn object(text: &str, stopped: bool) -> Option<String> {
    let value = repair::parse(text)?;
    let usable = value.value.is_object() && (stopped || !value.closed);
    usable.then(|| value.value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_mended_as_far_as_the_end_of_the_reply_allows() {
        let given = |text: &str| Settled::Given(text.to_owned());
        let cases = [
            ("", given("{}"), Settled::Cut),
            (" null ", given("{}"), given("{}")),
            ("{\"a\": 1.0}", given("{\"a\": 1.0}"), given("{\"a\": 1.0}")),
            ("\"{\\\"a\\\":1}\"", given("{\"a\":1}"), given("{\"a\":1}")),
            ("{'a': True,}", given("{\"a\":true}"), given("{\"a\":true}")),
            ("{\"a\": [1", given("{\"a\":[1]}"), Settled::Cut),
            ("{\"a\": ", given("{\"a\": "), Settled::Cut),
            ("[1]", given("[1]"), given("[1]")),
        ];
        for (text, stopped, cut) in cases {
            assert_eq!(settle(text.to_owned(), true), stopped, "{text}");
            assert_eq!(settle(text.to_owned(), false), cut, "{text}");
        }
    }
}
