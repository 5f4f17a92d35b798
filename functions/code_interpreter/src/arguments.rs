//! What the model may ask of the interpreter.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use tool::Failure;

const MAX_CODE_BYTES: usize = 1 << 20;
const MAX_STDIN_BYTES: usize = 1 << 20;
const DEFAULT_TIMEOUT_SECONDS: f64 = 10.0;

/// A program that can be run.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    pub code: String,
    pub stdin: String,
    pub timeout: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawArguments {
    code: String,
    stdin: Option<String>,
    timeout: Option<f64>,
}

impl Arguments {
    /// Refuses with `invalid_arguments` and what to mend.
    pub fn parse(arguments: Map<String, Value>, max_seconds: u64) -> Result<Self, Failure> {
        let given: RawArguments = serde_json::from_value(Value::Object(arguments))
            .map_err(|reason| invalid(reason.to_string()))?;
        let stdin = given.stdin.unwrap_or_default();
        let sizes = [
            ("code", &given.code, MAX_CODE_BYTES),
            ("stdin", &stdin, MAX_STDIN_BYTES),
        ];
        for (name, text, max_bytes) in sizes {
            if text.len() > max_bytes {
                let bytes = text.len();
                return Err(invalid(format!(
                    "{name} must be at most {max_bytes} bytes, got {bytes}"
                )));
            }
        }
        let max = Duration::from_secs(max_seconds).as_secs_f64();
        let seconds = given.timeout.unwrap_or(DEFAULT_TIMEOUT_SECONDS.min(max));
        if !(1.0..=max).contains(&seconds) {
            return Err(invalid(format!(
                "timeout must be between 1 and {max} seconds, got {seconds}"
            )));
        }
        Ok(Self {
            code: given.code,
            stdin,
            timeout: Duration::from_secs_f64(seconds),
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
        let asked = |code: &str, stdin: &str, millis| {
            Ok(Arguments {
                code: code.to_owned(),
                stdin: stdin.to_owned(),
                timeout: Duration::from_millis(millis),
            })
        };
        let cases = [
            (json!({"code": "1"}), asked("1", "", 10_000)),
            (
                json!({"code": "1", "stdin": null, "timeout": null}),
                asked("1", "", 10_000),
            ),
            (
                json!({"code": "", "stdin": "x", "timeout": 30}),
                asked("", "x", 30_000),
            ),
            (json!({"code": "1", "timeout": 2.5}), asked("1", "", 2_500)),
            (json!({}), Err("missing field `code`")),
            (
                json!({"code": 7}),
                Err("invalid type: integer `7`, expected a string"),
            ),
            (
                json!({"code": "1", "timeout": 0}),
                Err("timeout must be between 1 and 30 seconds, got 0"),
            ),
            (
                json!({"code": "1", "timeout": 31}),
                Err("timeout must be between 1 and 30 seconds, got 31"),
            ),
            (
                json!({"code": "1", "timeout": "5"}),
                Err("invalid type: string \"5\", expected f64"),
            ),
            (
                json!({"code": "é".repeat(600_000)}),
                Err("code must be at most 1048576 bytes, got 1200000"),
            ),
            (
                json!({"code": "1", "language": "python"}),
                Err("unknown field `language`, expected one of `code`, `stdin`, `timeout`"),
            ),
        ];
        for (arguments, expected) in cases {
            let given = arguments.as_object().unwrap().clone();
            let expected = expected.map_err(invalid);
            assert_eq!(Arguments::parse(given, 30), expected);
        }
    }
}
