//! Who drives a run, and whether it may go on: what the log tells of drivers that were lost, left or were told to stop.

use run::MAX_RECOVERIES;
use serde_json::Value;

use super::number;

/// Why a run goes on whose driver did not leave it in good order.
const LOST: &str = "the driver of this run was lost";
/// Events that begin something or take the run on: none follows a wish to cancel.
const GOING_ON: [&str; 5] = [
    "round_start",
    "orchestrator_thinking",
    "round_decided",
    "tool_call",
    "final_answer",
];
/// Events that only a driver writes which works on the run: none follows a suspension.
const WORKING: [&str; 2] = ["delta", "retry"];

#[derive(Debug, Default)]
pub(super) struct Lifecycle {
    /// Of the last takeover; the first driver's is 1.
    epoch: u64,
    pub(super) resumed: u64,
    /// Drivers that were lost since the last finished round.
    recoveries: u32,
    is_suspended: bool,
    pub(super) is_cancelled: bool,
}

impl Lifecycle {
    pub(super) fn ingest(&mut self, event: &str, data: &Value) {
        let goes_on = GOING_ON.contains(&event);
        assert!(
            !(self.is_cancelled && goes_on),
            "a cancelled run goes on: {data}"
        );
        let works = goes_on || WORKING.contains(&event) || data["ok"] == true;
        assert!(
            !(self.is_suspended && works),
            "a suspended run goes on: {data}"
        );
        match event {
            "round_start" => self.recoveries = 0,
            "suspended" => {
                assert!(!self.is_suspended, "suspended twice: {data}");
                self.is_suspended = true;
            }
            "resumed" => self.resume(data),
            "cancel_requested" => {
                assert!(!self.is_cancelled, "cancelled twice: {data}");
                assert!(data["by"].is_string(), "{data}");
                self.is_cancelled = true;
            }
            _ => {}
        }
    }

    fn resume(&mut self, data: &Value) {
        let epoch = number(&data["epoch"]);
        assert!(
            epoch > self.epoch.max(1),
            "an epoch that does not rise: {data}"
        );
        self.epoch = epoch;
        self.resumed += 1;
        self.is_suspended = false;
        if data["reason"] == LOST {
            self.recoveries += 1;
        }
        // The one that is too many ends the run.
        assert!(self.recoveries <= MAX_RECOVERIES + 1, "{data}");
    }
}
