//! What the model may ask of a search.

use serde::Deserialize;
use serde_json::{Map, Value};
use tool::Failure;

const MAX_QUERY_CHARS: usize = 500;
const DEFAULT_RESULTS: usize = 3;
pub const MAX_RESULTS: u8 = 5;

/// A search that can be made: its query is not blank, its number of results in range.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    pub query: String,
    pub num_results: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    query: String,
    /// A whole number may be written with a point, as JSON Schema has it.
    num_results: Option<f64>,
}

impl Arguments {
    /// Refuses with `invalid_arguments` and what to mend.
    pub fn parse(arguments: Map<String, Value>) -> Result<Self, Failure> {
        let given: Given = serde_json::from_value(Value::Object(arguments))
            .map_err(|reason| invalid(reason.to_string()))?;
        let query = given.query.trim();
        if query
            .chars()
            .all(|c| c.is_whitespace() || tool::is_unseen(c))
        {
            return Err(invalid("query must not be blank"));
        }
        let length = query.chars().count();
        if length > MAX_QUERY_CHARS {
            return Err(invalid(format!(
                "query must be at most {MAX_QUERY_CHARS} characters, got {length}"
            )));
        }
        let num_results = match given.num_results {
            None => DEFAULT_RESULTS,
            Some(number) => (1..=MAX_RESULTS)
                .find(|whole| f64::from(*whole).total_cmp(&number).is_eq())
                .map(usize::from)
                .ok_or_else(|| {
                    invalid(format!(
                        "num_results must be between 1 and {MAX_RESULTS}, got {number}"
                    ))
                })?,
        };
        Ok(Self {
            query: query.to_owned(),
            num_results,
        })
    }
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new("invalid_arguments", message, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn arguments_are_taken_as_meant_or_refused_with_what_to_mend() {
        let asked = |query: &str, num_results| {
            Ok(Arguments {
                query: query.to_owned(),
                num_results,
            })
        };
        let cases = [
            (json!({"query": "rust"}), asked("rust", 3)),
            (
                json!({"query": " rust ", "num_results": 5}),
                asked("rust", 5),
            ),
            (
                json!({"query": "rust", "num_results": null}),
                asked("rust", 3),
            ),
            (
                json!({"query": "rust", "num_results": 2.0}),
                asked("rust", 2),
            ),
            (
                json!({"query": "rust", "num_results": 2.5}),
                Err("num_results must be between 1 and 5, got 2.5"),
            ),
            (json!({}), Err("missing field `query`")),
            (
                json!({"query": 7}),
                Err("invalid type: integer `7`, expected a string"),
            ),
            (json!({"query": " \n"}), Err("query must not be blank")),
            (
                json!({"query": "é".repeat(501)}),
                Err("query must be at most 500 characters, got 501"),
            ),
            (
                json!({"query": "rust", "num_results": 0}),
                Err("num_results must be between 1 and 5, got 0"),
            ),
            (
                json!({"query": "rust", "num_results": -1}),
                Err("num_results must be between 1 and 5, got -1"),
            ),
            (
                json!({"query": "rust", "num_results": 6}),
                Err("num_results must be between 1 and 5, got 6"),
            ),
            (
                json!({"query": "rust", "num_results": "3"}),
                Err("invalid type: string \"3\", expected f64"),
            ),
            (
                json!({"query": "rust", "page": 2}),
                Err("unknown field `page`, expected `query` or `num_results`"),
            ),
        ];
        for (arguments, expected) in cases {
            let given = arguments.as_object().unwrap().clone();
            let expected = expected.map_err(invalid);
            assert_eq!(Arguments::parse(given), expected, "{arguments}");
        }
    }
}
