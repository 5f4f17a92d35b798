//! What clients are shown of a run: the JSON of events, of the summary and of the snapshot, by the names of the contract.
//!
//! Made from the stored event and the fold that already holds it, since text is stored once and shown wherever it belongs.

mod artifact;
mod composed;
mod event;
mod list;
mod projection;
mod snapshot;
mod stats;
mod summary;

use jiff::Timestamp;
use run::{CallState, Outcome, Round, Run};
use serde_json::{Value, json};

pub(crate) use artifact::encode;
pub use event::WireEvent;
pub use list::{ListedRun, RunList};
pub use projection::Projection;
pub use snapshot::Snapshot;
pub(crate) use stats::{PARALLEL, RUNS_PER_MINUTE, USD_PER_DAY};
pub use stats::{Stats, no_limits};
pub use summary::Summary;

fn status(run: &Run) -> &'static str {
    match run.ended() {
        Some(status) => status.as_str(),
        None if run.is_suspended() => "suspended",
        None => "running",
    }
}

/// The result of a call that has ended, as an object.
fn result_object(run: &Run, round: &Round, call: &CallState, outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Text {
            model_name,
            finish_reason,
        } => json!({
            "content": call.text.text,
            "model_name": model_name,
            "model_id": call.model(),
            "tokens_used": round.spent(call).usage.unwrap_or_default().total(),
            "finish_reason": finish_reason,
        }),
        Outcome::Object(object) => Value::Object(artifact::with_urls(run.start.run_id, object)),
        Outcome::Composed { .. } => composed::result(run, round, call),
        Outcome::Failed { .. }
        | Outcome::Rejected { .. }
        | Outcome::NotRun { .. }
        | Outcome::OverBudget { .. }
        | Outcome::Cancelled { .. } => json!({"error": outcome.error()}),
    }
}

/// A time as RFC 3339, in UTC, with all of its milliseconds: texts of one length sort as their times do.
pub fn rfc3339(at_ms: u64) -> String {
    let time = i64::try_from(at_ms).map(Timestamp::from_millisecond);
    let time = match time {
        Ok(Ok(time)) => time,
        Ok(Err(_)) | Err(_) => Timestamp::MAX,
    };
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn a_time_has_three_digits_of_its_second() {
        let cases = [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_764_000_000_000, "2025-11-24T16:00:00.000Z"),
            (1_764_000_000_100, "2025-11-24T16:00:00.100Z"),
            (1_764_000_000_120, "2025-11-24T16:00:00.120Z"),
            (1_764_000_000_123, "2025-11-24T16:00:00.123Z"),
            (u64::MAX, "9999-12-30T22:00:00.999Z"),
        ];
        for (at_ms, expected) in cases {
            assert_eq!(rfc3339(at_ms), expected);
        }
    }
}
