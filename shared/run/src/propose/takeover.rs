//! Going on where another driver left.

use super::Draft;
use super::acting::failed;
use crate::{CallId, Event, Phase, Role, Run, Takeover};

impl Draft<'_> {
    /// Another driver has left: what it had in flight is asked for again, or given up where that may not be.
    pub(super) fn take_over(&mut self) {
        let Some(Takeover {
            epoch,
            reason,
            lost,
        }) = self.live.takeover.clone()
        else {
            return;
        };
        let in_flight = if self.run.suspended {
            Vec::new()
        } else {
            in_flight(&self.run)
        };
        let is_cancelled = self.run.cancelled_by.is_some();
        self.push(Event::Resumed {
            epoch,
            reason: reason.clone(),
            lost,
        });
        for call in in_flight {
            let event = match call {
                // What a cancelled run has written is kept: nothing is asked for again.
                Lost::Again { .. } if is_cancelled => continue,
                Lost::Again { call_id, attempt } => Event::Retry {
                    call_id,
                    attempt: attempt + 1,
                    reason: reason.clone(),
                },
                Lost::Unknown { call_id } => Event::ToolResult(failed(
                    call_id,
                    "outcome_unknown",
                    "The call was under way when its driver was lost, and it may not be repeated: \
                     whether it took effect is unknown.",
                )),
            };
            self.push(event);
        }
    }
}

/// A call that was under way when its driver was lost.
enum Lost {
    Again { call_id: CallId, attempt: u32 },
    Unknown { call_id: CallId },
}

fn in_flight(run: &Run) -> Vec<Lost> {
    let Some(round) = run.current() else {
        return Vec::new();
    };
    let orchestrator = Lost::Again {
        call_id: round.orchestrator_call(),
        attempt: round.text.attempt,
    };
    match run.phase {
        Phase::Deciding => vec![orchestrator],
        Phase::Acting if !round.is_whole() && round.calls.is_empty() => vec![orchestrator],
        Phase::Acting => round
            .open_calls()
            .filter(|call| !matches!(call.call.role, Role::Rejected { .. }) && !round.waits(call))
            .map(|call| {
                let call_id = call.call.call_id;
                if call.call.repeatable {
                    let attempt = call.text.attempt;
                    Lost::Again { call_id, attempt }
                } else {
                    Lost::Unknown { call_id }
                }
            })
            .collect(),
        Phase::Starting | Phase::Answered { .. } | Phase::Ended { .. } => Vec::new(),
    }
}
