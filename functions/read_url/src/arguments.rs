//! What the model may ask of a page.

use serde::Deserialize;
use serde_json::{Map, Value};
use tool::Failure;

/// A page that is to be read.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    pub url: String,
}

impl Arguments {
    /// Refuses with `invalid_arguments` and what to mend.
    pub fn parse(arguments: Map<String, Value>) -> Result<Self, Failure> {
        serde_json::from_value(Value::Object(arguments))
            .map_err(|reason| Failure::new("invalid_arguments", reason.to_string(), false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn arguments_are_taken_or_refused_with_what_to_mend() {
        let cases = [
            (
                json!({"url": "https://example.org/"}),
                Ok("https://example.org/"),
            ),
            (json!({}), Err("missing field `url`")),
            (
                json!({"url": 7}),
                Err("invalid type: integer `7`, expected a string"),
            ),
            (
                json!({"url": "a", "depth": 2}),
                Err("unknown field `depth`, expected `url`"),
            ),
        ];
        for (given, expected) in cases {
            let parsed = Arguments::parse(given.as_object().unwrap().clone());
            let parsed = parsed
                .map(|arguments| arguments.url)
                .map_err(|failure| failure.message);
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(parsed, expected, "{given}");
        }
    }
}
