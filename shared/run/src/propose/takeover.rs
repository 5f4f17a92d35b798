//! Taking over from another driver.

use super::Draft;
use crate::{Call, CallId, Event, ModelId, Outcome, Phase, Run, Step, Takeover, ToolResult};

impl Draft<'_> {
    /// Continues after another driver: its calls in flight are made again, or given up where they may not be repeated.
    pub(super) fn take_over(&mut self) {
        let Some(Takeover {
            epoch,
            reason,
            lost,
            orchestrator,
            fallback,
        }) = self.live.takeover.clone()
        else {
            return;
        };
        // A driver that suspends a run leaves nothing in flight.
        let in_flight = in_flight(&self.run, &orchestrator, &fallback);
        let is_cancelled = self.run.cancelled_by.is_some();
        self.push(Event::Resumed {
            epoch,
            reason: reason.clone(),
            lost,
        });
        for call in in_flight {
            let event = match call {
                // The text of a cancelled run is kept: no call is made again.
                Lost::Again { .. } if is_cancelled => continue,
                Lost::Again {
                    call_id,
                    attempt,
                    model,
                } => {
                    let attempt = attempt + 1;
                    let ended = self.run.lost_attempt(call_id);
                    let reserved = self.set_aside(Call { call_id, attempt }).unwrap_or(None);
                    Event::Retry {
                        call_id,
                        attempt,
                        reason: reason.clone(),
                        model,
                        ended,
                        reserved,
                    }
                }
                Lost::Unknown { call_id } => {
                    let outcome = Outcome::Failed {
                        code: "outcome_unknown".to_owned(),
                        message:
                            "The call was under way when its driver was lost, and it may not be \
                             repeated: whether it took effect is unknown."
                                .to_owned(),
                        retryable: false,
                    };
                    Event::ToolResult(ToolResult {
                        call_id,
                        outcome,
                        spent: self.run.lost_attempt(call_id).spent,
                    })
                }
            };
            self.push(event);
        }
    }
}

/// A call that was under way when its driver was lost.
enum Lost {
    Again {
        call_id: CallId,
        attempt: u32,
        /// Who is asked now, where it is a model.
        model: Option<ModelId>,
    },
    Unknown {
        call_id: CallId,
    },
}

fn in_flight(run: &Run, orchestrator: &ModelId, fallback: &[ModelId]) -> Vec<Lost> {
    let Some(round) = run.current() else {
        return Vec::new();
    };
    // Where the log says that one was asked in the place of another, that other has failed in this round.
    let asked = round.attempts.model();
    let in_its_place = asked.filter(|asked| fallback.contains(asked));
    let decision = || Lost::Again {
        call_id: round.orchestrator_call(),
        attempt: round.text.attempt,
        model: Some(in_its_place.unwrap_or(orchestrator).clone()),
    };
    match run.phase {
        Phase::Working(Step::Deciding) => vec![decision()],
        Phase::Working(Step::Acting) if !round.is_whole() && round.calls.is_empty() => {
            vec![decision()]
        }
        Phase::Working(Step::Acting) => round
            .open_calls()
            .filter(|call| call.spec.is_made() && !round.waits(call))
            .map(|call| {
                let call_id = call.call_id;
                if call.spec.repeatable {
                    Lost::Again {
                        call_id,
                        attempt: call.text.attempt,
                        model: call.model().cloned(),
                    }
                } else {
                    Lost::Unknown { call_id }
                }
            })
            .collect(),
        Phase::Working(Step::Starting)
        | Phase::Suspended(_)
        | Phase::Answered { .. }
        | Phase::Ended { .. } => Vec::new(),
    }
}
