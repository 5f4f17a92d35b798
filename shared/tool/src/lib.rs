//! The contract between the orchestrator and a tool function, in any language: one JSON request, one JSON response.
//!
//! Refuses to know what a tool does; results are whatever JSON object the tool returns.

mod artifact_limits;
mod name;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use run::{CallId, MAX_JSON_LEVELS, RunId, ToolName, is_within_levels};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

pub use artifact_limits::{MAX_ARTIFACT_BYTES, MAX_ARTIFACTS};
pub use name::{MAX_NAME_BYTES, is_plain_name, is_unseen};

/// What a tool function is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub call_id: CallId,
    /// The same for every attempt at one call: `run/round/index`.
    pub idempotency_key: String,
    pub tool: ToolName,
    /// Already checked against the tool's JSON Schema.
    pub arguments: Map<String, Value>,
    /// When the caller stops waiting, in milliseconds since 1970.
    pub deadline_ms: u64,
    pub run_id: RunId,
    pub round: u32,
    #[serde(default)]
    pub files: Vec<File>,
}

/// What a tool function answers: `{"ok": true, …}` or `{"ok": false, …}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    Ok {
        result: Map<String, Value>,
        artifacts: Vec<File>,
    },
    Failed(Failure),
}

/// Why a tool could not do what it was asked. Written for the model that called it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// One word of `snake_case`: `timeout`, `unreachable`, `invalid_arguments`.
    pub code: String,
    pub message: String,
    /// Whether the same call may succeed later.
    pub retryable: bool,
}

impl Failure {
    pub fn new(code: &str, message: impl Into<String>, retryable: bool) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            retryable,
        }
    }
}

/// A file that goes into a tool or comes out of it; its bytes travel as base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub name: String,
    pub media_type: String,
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub data: Vec<u8>,
}

fn to_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    STANDARD.decode(text).map_err(serde::de::Error::custom)
}

/// The response as it stands on the wire; `ok` decides which of the others must be there.
#[derive(Serialize, Deserialize)]
struct Wire {
    ok: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    result: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    artifacts: Vec<File>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wire = match self.clone() {
            Self::Ok { result, artifacts } => Wire {
                ok: true,
                result: Some(result),
                artifacts,
                error: None,
            },
            Self::Failed(failure) => Wire {
                ok: false,
                result: None,
                artifacts: Vec::new(),
                error: Some(failure),
            },
        };
        wire.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Response {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let wire = Wire::deserialize(deserializer)?;
        if wire.ok {
            let result = wire
                .result
                .ok_or_else(|| D::Error::custom("`ok` is true, but `result` is missing"))?;
            // A level less, for the object itself.
            let is_flat = result
                .values()
                .all(|value| is_within_levels(value, MAX_JSON_LEVELS - 1));
            if !is_flat {
                let fault = format!("`result` is nested deeper than {MAX_JSON_LEVELS} levels");
                return Err(D::Error::custom(fault));
            }
            Ok(Self::Ok {
                result,
                artifacts: wire.artifacts,
            })
        } else {
            let failure = wire
                .error
                .ok_or_else(|| D::Error::custom("`ok` is false, but `error` is missing"))?;
            Ok(Self::Failed(failure))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_responses_read_back_as_they_were_written() {
        let texts = [
            json!({"ok": true, "result": {"n": 1}, "artifacts": [{"name": "a.png", "media_type": "image/png", "data": "AAE="}]}),
            json!({"ok": true, "result": {}}),
            json!({"ok": false, "error": {"code": "timeout", "message": "m", "retryable": true}}),
        ];
        for text in texts {
            let response: Response = serde_json::from_value(text.clone()).unwrap();
            assert_eq!(serde_json::to_value(&response).unwrap(), text);
        }
    }

    #[test]
    fn a_result_that_no_log_could_be_read_with_is_refused() {
        for (levels, is_read) in [
            (MAX_JSON_LEVELS, true),
            (MAX_JSON_LEVELS + 1, false),
            (120, false),
        ] {
            let nested = levels - 1;
            let value = format!("{}{}", "[".repeat(nested), "]".repeat(nested));
            let text = format!(r#"{{"ok": true, "result": {{"a": {value}}}}}"#);
            let read = serde_json::from_str::<Response>(&text);
            assert_eq!(read.is_ok(), is_read, "{levels}");
            if let Err(error) = read {
                assert!(error.to_string().contains("64 levels"), "{error}");
            }
        }
    }

    #[test]
    fn a_response_without_its_half_is_refused_by_name() {
        for (text, missing) in [
            (json!({"ok": true}), "result"),
            (json!({"ok": false}), "error"),
        ] {
            let error = serde_json::from_value::<Response>(text).unwrap_err();
            assert!(error.to_string().contains(missing), "{error}");
        }
    }
}
