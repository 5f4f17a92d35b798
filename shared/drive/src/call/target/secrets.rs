//! What the operator's headers hold, taken out of all that is kept of a response: servers echo what they are sent, in errors above all.

use reqwest::Url;
use reqwest::header::HeaderMap;
use run::Outcome;
use serde_json::{Map, Value};
use tool::{File, Response};

/// What is shorter is no secret, and stands in many a text, in bytes.
const MIN_SECRET_BYTES: usize = 6;
const TAKEN_OUT: &str = "[redacted]";

/// The values of an operator's headers, what stands behind a scheme such as `Bearer` in them, and the values in the query of the address,
/// as they are written and as they are meant; the longest first.
#[derive(Clone)]
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    pub(super) fn of(headers: &HeaderMap, url: &Url) -> Self {
        let values = headers.values().filter_map(|value| value.to_str().ok());
        let parts = values.flat_map(|value| {
            let behind = value.split_once(' ').map(|(_, behind)| behind.trim());
            [Some(value), behind].into_iter().flatten()
        });
        let written = url.query().unwrap_or_default().split('&');
        let written = written.map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
        let meant = url.query_pairs().map(|(_, value)| value.into_owned());
        let all = parts.chain(written).map(str::to_owned).chain(meant);
        let mut secrets: Vec<_> = all
            .filter(|secret| secret.len() >= MIN_SECRET_BYTES)
            .collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }

    /// Takes them out of a text.
    pub(super) fn taken_out_of(&self, text: String) -> String {
        let mut text = text;
        for secret in &self.0 {
            if text.contains(&**secret) {
                text = text.replace(&**secret, TAKEN_OUT);
            }
        }
        text
    }

    /// Takes them out of what is told of a call that failed.
    pub(super) fn taken_out_of_outcome(&self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Failed {
                code,
                message,
                retryable,
            } => Outcome::Failed {
                code: self.taken_out_of(code),
                message: self.taken_out_of(message),
                retryable,
            },
            Outcome::Text { .. }
            | Outcome::Object(_)
            | Outcome::Composed { .. }
            | Outcome::Rejected { .. }
            | Outcome::NotRun { .. }
            | Outcome::OverBudget { .. }
            | Outcome::Cancelled { .. } => outcome,
        }
    }

    /// Takes them out of a response, its files included.
    pub(super) fn taken_out_of_response(&self, response: Response) -> Response {
        if self.0.is_empty() {
            return response;
        }
        match response {
            Response::Ok { result, artifacts } => Response::Ok {
                result: self.of_object(result),
                artifacts: artifacts
                    .into_iter()
                    .map(|file| self.of_file(file))
                    .collect(),
            },
            Response::Failed(mut failure) => {
                failure.code = self.taken_out_of(failure.code);
                failure.message = self.taken_out_of(failure.message);
                Response::Failed(failure)
            }
        }
    }

    fn of_object(&self, object: Map<String, Value>) -> Map<String, Value> {
        let members = object.into_iter();
        members
            .map(|(name, value)| (self.taken_out_of(name), self.of_value(value)))
            .collect()
    }

    /// No deeper than a response may be nested.
    fn of_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.taken_out_of(text)),
            Value::Array(items) => items.into_iter().map(|item| self.of_value(item)).collect(),
            Value::Object(object) => Value::Object(self.of_object(object)),
            Value::Null | Value::Bool(_) | Value::Number(_) => value,
        }
    }

    /// A file that is a text: what is compressed holds no secret that anybody reads there.
    fn of_file(&self, file: File) -> File {
        let data = match String::from_utf8(file.data) {
            Ok(text) => self.taken_out_of(text).into_bytes(),
            Err(bytes) => bytes.into_bytes(),
        };
        File {
            name: self.taken_out_of(file.name),
            media_type: self.taken_out_of(file.media_type),
            data,
        }
    }
}
