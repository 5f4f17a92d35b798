//! Events that invoke the driver.

use run::RunId;
use serde_json::Value;

/// What the driver is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Go on with one run.
    Continue(RunId),
    /// Find the runs whose driver was lost, and go on with them.
    Sweep,
}

/// An event that is neither a run to continue nor a schedule's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {{\"continue\": \"<run id>\"}}, {{\"sweep\": true}} or a scheduled event")]
pub struct UnknownEvent;

impl Job {
    /// Reads an event: `{"continue": "<run id>"}`, `{"sweep": true}`, or what EventBridge sends on a schedule.
    pub fn read(event: &Value) -> Result<Self, UnknownEvent> {
        if let Some(run_id) = event.get("continue") {
            let run_id = run_id.as_str().and_then(|text| text.parse().ok());
            return run_id.map(Self::Continue).ok_or(UnknownEvent);
        }
        let is_asked = event.get("sweep") == Some(&Value::Bool(true));
        let source = event.get("source").and_then(Value::as_str);
        let is_scheduled = matches!(source, Some("aws.events" | "aws.scheduler"));
        if is_asked || is_scheduled {
            return Ok(Self::Sweep);
        }
        Err(UnknownEvent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn runs_schedules_and_nothing_else_are_taken() {
        let id = RunId::from_parts(1_700_000_000_000, 7);
        let cases = [
            (json!({"continue": id.to_string()}), Ok(Job::Continue(id))),
            (json!({"sweep": true}), Ok(Job::Sweep)),
            (
                json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}),
                Ok(Job::Sweep),
            ),
            (json!({"source": "aws.scheduler"}), Ok(Job::Sweep)),
            (json!({"continue": "no id"}), Err(UnknownEvent)),
            (json!({"continue": 7, "sweep": true}), Err(UnknownEvent)),
            (json!({"source": "aws.s3"}), Err(UnknownEvent)),
            (json!(null), Err(UnknownEvent)),
        ];
        for (event, job) in cases {
            assert_eq!(Job::read(&event), job, "{event}");
        }
    }
}
