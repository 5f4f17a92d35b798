//! What the harness says of a program. The program could have written it: nothing in it is believed beyond its form.

use std::io::Read;

use serde::Serialize;
use serde_json::Value;

/// Of a value's repr.
pub const MAX_VALUE_CHARS: usize = 4096;

const MAX_OMITTED: usize = 20;
const MAX_REASON_CHARS: usize = 200;

/// A value's characters may each take two escapes of six bytes.
const MAX_REPORT_BYTES: u64 = 64 << 10;

/// How a program ended, as far as it is known from inside.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub raised: Option<Raised>,
    /// The repr of the last expression, cut to [`MAX_VALUE_CHARS`] with a note.
    pub value: Option<String>,
    /// Figures that were not kept.
    pub omitted: Vec<Omitted>,
}

/// A file that the caller does not get, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Omitted {
    pub name: String,
    pub reason: String,
}

impl Omitted {
    pub fn new(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            reason: reason.into(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raised {
    Exception,
    Memory,
}

impl Report {
    /// Says nothing where the harness wrote nothing, or something stands there that it would not write.
    pub fn read(file: impl Read) -> Self {
        let mut text = Vec::new();
        if let Err(error) = file.take(MAX_REPORT_BYTES).read_to_end(&mut text) {
            tracing::warn!(%error, "a program's report cannot be read");
        }
        Self::parse(&text)
    }

    fn parse(text: &[u8]) -> Self {
        let report: Value = serde_json::from_slice(text).unwrap_or_default();
        let raised = match report["error"].as_str() {
            Some("exception") => Some(Raised::Exception),
            Some("memory") => Some(Raised::Memory),
            Some(_) | None => None,
        };
        let value = report["value"].as_str().map(|value| {
            let chars = report["value_chars"].as_u64().unwrap_or_default();
            let text: String = value.chars().take(MAX_VALUE_CHARS).collect();
            if chars > MAX_VALUE_CHARS as u64 {
                format!("{text}… [{chars} characters]")
            } else {
                text
            }
        });
        let omitted = report["omitted"].as_array().into_iter().flatten();
        let omitted = omitted.take(MAX_OMITTED).filter_map(|pair| {
            let text = |at: usize| pair[at].as_str().map(shortened);
            Some(Omitted::new(text(0)?, text(1)?))
        });
        Self {
            raised,
            value,
            omitted: omitted.collect(),
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_REASON_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_the_harness_would_say_is_heard() {
        let value = |text: &str| Report {
            raised: None,
            value: Some(text.to_owned()),
            ..Report::default()
        };
        let raised = |raised| Report {
            raised: Some(raised),
            ..Report::default()
        };
        let long = "x".repeat(MAX_VALUE_CHARS);
        let cases = [
            (
                json!({"error": null, "value": null, "value_chars": 0}),
                Report::default(),
            ),
            (
                json!({"error": null, "value": "42", "value_chars": 2}),
                value("42"),
            ),
            (json!({"error": "exception"}), raised(Raised::Exception)),
            (
                json!({"error": "memory", "value": 7}),
                raised(Raised::Memory),
            ),
            (json!({"error": "pardoned"}), Report::default()),
            (
                json!({"value": &long, "value_chars": 5000}),
                value(&format!("{long}… [5000 characters]")),
            ),
            (json!({"value": format!("{long}more")}), value(&long)),
            (
                json!({"omitted": [["figure-1.png", "r".repeat(300)], ["x"], 7]}),
                Report {
                    omitted: vec![Omitted::new("figure-1.png", "r".repeat(200))],
                    ..Report::default()
                },
            ),
            (json!([{"value": "42"}]), Report::default()),
            (json!("value"), Report::default()),
        ];
        for (report, expected) in cases {
            assert_eq!(Report::parse(report.to_string().as_bytes()), expected);
        }
        assert_eq!(Report::parse(b"{\"value\": \"4"), Report::default());
    }

    #[test]
    fn an_endless_report_says_nothing() {
        assert_eq!(Report::read(std::io::repeat(b'[')), Report::default());
    }
}
