//! Writing what the orchestrator decided.

use super::{Draft, problems};
use crate::{CallEnd, CallSpec, Event, MAX_CALLS_PER_ROUND, Reply, Role, Thought};

impl Draft<'_> {
    pub(super) fn decide_round(&mut self) -> bool {
        let Some(round) = self.run.current() else {
            return false;
        };
        let call_id = round.orchestrator_call();
        if self.run.lacks_money_for(&round.attempts) {
            return self.end_over_budget();
        }
        match self.live.end_of(call_id) {
            Some(CallEnd::Decided(reply)) => {
                self.flush(call_id);
                self.record(call_id.round(), reply)
            }
            Some(CallEnd::OrchestratorFailed { problem, attempt }) => {
                self.flush(call_id);
                self.fail_with(problem.clone(), Some(attempt.clone()))
            }
            Some(CallEnd::Tool { .. }) | None => {
                if self.live.flushes(self.now_ms) {
                    self.flush(call_id);
                }
                self.leave()
            }
        }
    }

    /// Writes the decision of a round with all its calls.
    fn record(&mut self, round: u32, reply: &Reply) -> bool {
        let wrote = self
            .run
            .current()
            .is_some_and(|round| !round.text.text.trim().is_empty());
        let is_answer = self.run.start.request.takes_text_as_answer();
        // A model that thought and then said nothing is likely to do so again. Where tools have results, the last resort answers
        // from them; where its text would be no answer, it says no less than with one.
        let has_last_resort = self.run.start.plan.fallback.is_some()
            && (self.run.in_last_round()
                || reply.reasoning.is_some()
                || self.run.has_results()
                || !is_answer);
        if let Some(reasoning) = &reply.reasoning {
            self.push(Event::OrchestratorThinking {
                round,
                thought: Thought::Inline(reasoning.clone()),
            });
        }
        if wrote && !(reply.calls.is_empty() && is_answer) {
            self.push(Event::OrchestratorThinking {
                round,
                thought: Thought::Streamed,
            });
        }
        let calls = bounded(&reply.calls);
        self.push(Event::RoundDecided {
            round,
            calls: u32::try_from(calls.len()).unwrap_or(u32::MAX),
            model: reply.model.clone(),
            finish_reason: reply.finish_reason.clone(),
            asked_by: reply.asked_by,
            duration_ms: reply.spent.duration_ms,
            usage: reply.spent.usage,
            cost: reply.spent.cost,
            prompt: reply.spent.prompt,
        });
        if calls.is_empty() && !wrote && !has_last_resort {
            return self.fail(problems::empty_reply(reply));
        }
        for call in calls {
            self.open_call(call);
        }
        true
    }
}

/// At most [`MAX_CALLS_PER_ROUND`] calls; the first one too many is kept as a refusal that says so.
fn bounded(calls: &[CallSpec]) -> Vec<CallSpec> {
    let mut kept: Vec<_> = calls.iter().take(MAX_CALLS_PER_ROUND).cloned().collect();
    if let Some(extra) = calls.get(MAX_CALLS_PER_ROUND) {
        kept.push(CallSpec {
            role: Role::Rejected {
                code: "too_many_calls".to_owned(),
                message: format!(
                    "A round may hold {MAX_CALLS_PER_ROUND} calls; this one and those after it were not made."
                ),
            },
            ..extra.clone()
        });
    }
    kept
}
