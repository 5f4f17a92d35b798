//! What the operator's headers hold, taken out of all that is kept of a response: servers echo what they are sent, in errors above all.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use reqwest::header::HeaderMap;
use run::Outcome;
use secret::{Redactor, SHORTEST};
use serde_json::{Map, Value};
use tool::{File, Response};

const TAKEN_OUT: &str = "[redacted]";

/// The values of an operator's headers, what stands behind a scheme such as `Bearer` in them, the password of one that is `Basic`, and the
/// values in the query of the address, as they are written and as they are meant.
#[derive(Clone)]
pub(super) struct Secrets(Redactor);

impl Secrets {
    pub(super) fn of(headers: &HeaderMap, url: &Url) -> Self {
        let values = headers.values().filter_map(|value| value.to_str().ok());
        let mut all: Vec<String> = Vec::new();
        for value in values {
            let behind = value.split_once(' ').map(|(_, behind)| behind.trim());
            all.extend(behind.and_then(password));
            all.extend(
                [Some(value), behind]
                    .into_iter()
                    .flatten()
                    .map(str::to_owned),
            );
        }
        let written = url.query().unwrap_or_default().split('&');
        let written = written.map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
        all.extend(written.map(str::to_owned));
        all.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
        all.retain(|secret| secret.len() >= SHORTEST);
        Self(Redactor::new(TAKEN_OUT, all.iter().map(|it| &**it)))
    }

    /// Takes them out of a text.
    fn taken_out_of(&self, text: String) -> String {
        self.0.taken_out_of(text)
    }

    /// Takes them out of what is told of a call that failed.
    pub(super) fn taken_out_of_outcome(&self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Failed {
                code,
                message,
                retryable,
            } => Outcome::Failed {
                code: self.0.taken_out_of_cut(code),
                message: self.0.taken_out_of_cut(message),
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

/// What stands behind the name in what `Basic` sends.
fn password(sent: &str) -> Option<String> {
    let pair = String::from_utf8(STANDARD.decode(sent).ok()?).ok()?;
    let (_, password) = pair.split_once(':')?;
    Some(password.to_owned())
}
