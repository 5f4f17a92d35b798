//! What clients are shown of a run: the JSON of events, of the summary and of the snapshot, by the names of the contract.
//!
//! Made from the stored event and the fold that already holds it, since text is stored once and shown wherever it belongs.

mod artifact;
mod event;
mod list;
mod snapshot;
mod summary;
mod view;

use jiff::Timestamp;
use run::{CallState, Outcome, Run, RunId, ToolResult};
use serde_json::{Value, json};

pub(crate) use artifact::encode;
pub use event::WireEvent;
pub use list::{ListedRun, RunList};
pub use snapshot::Snapshot;
pub use summary::Summary;
pub use view::View;

fn status(run: &Run) -> &'static str {
    match run.ended() {
        Some(status) => status.as_str(),
        None if run.suspended => "suspended",
        None => "running",
    }
}

fn result_object(run_id: RunId, call: &CallState, result: &ToolResult) -> Value {
    match &result.outcome {
        Outcome::Text {
            model_name,
            finish_reason,
        } => json!({
            "content": call.text.text,
            "model_name": model_name,
            "model_id": call.call.model,
            "tokens_used": result.usage.unwrap_or_default().total(),
            "finish_reason": finish_reason,
        }),
        Outcome::Object(object) => Value::Object(artifact::with_urls(run_id, object)),
        Outcome::Failed {
            code,
            message,
            retryable,
        } => json!({"error": {"code": code, "message": message, "retryable": retryable}}),
        Outcome::NotRun { reason } => {
            json!({"error": {"code": "cancelled", "message": reason, "retryable": false}})
        }
    }
}

/// A time as RFC 3339, in UTC.
fn rfc3339(at_ms: u64) -> String {
    let time = i64::try_from(at_ms).map(Timestamp::from_millisecond);
    match time {
        Ok(Ok(time)) => time.to_string(),
        Ok(Err(_)) | Err(_) => Timestamp::MAX.to_string(),
    }
}
