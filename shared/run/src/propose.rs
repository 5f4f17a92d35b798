//! What the loop wants to write next: a pure function of the fold and of the facts that are not stored.

use serde_json::{Map, Value};

use crate::decide::Live;
use crate::fold::utf16_len;
use crate::{
    CHUNK_BYTES, CallId, CallState, Cost, Delta, Event, MAX_CALLS_PER_ROUND, MAX_RECOVERIES,
    ModelId, Outcome, Phase, Problem, Role, Round, Run, Status, Thought, ToolCall, ToolName,
    ToolResult, Usage,
};

/// How a call came to its end.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrived {
    /// The orchestrator's reply, checked against the catalogue.
    Decided(Reply),
    /// The orchestrator could not be asked.
    Undecided(Problem),
    /// A tool's end.
    Result {
        outcome: Outcome,
        duration_ms: u64,
        usage: Option<Usage>,
        cost: Option<Cost>,
    },
}

/// What the orchestrator decided; its text has come as deltas.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    pub model: ModelId,
    pub finish_reason: String,
    pub usage: Usage,
    pub cost: Cost,
    pub duration_ms: u64,
    pub reasoning: Option<String>,
    pub calls: Vec<ProposedCall>,
}

/// A tool call that the orchestrator asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposedCall {
    pub tool: ToolName,
    pub arguments: Map<String, Value>,
    pub model: Option<ModelId>,
    pub verdict: Verdict,
}

/// Whether a call may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Work { repeatable: bool },
    Answer,
    Rejected { code: String, message: String },
}

/// All events that can be written now, in order; none when the run waits for something.
pub(crate) fn propose(run: &Run, live: &Live, now_ms: u64) -> Vec<Event> {
    let mut draft = Draft {
        run: run.clone(),
        live,
        now_ms,
        events: Vec::new(),
    };
    draft.take_over();
    draft.note_cancel();
    while draft.step() {}
    draft.events
}

/// The run as it will be once `events` are stored.
struct Draft<'a> {
    run: Run,
    live: &'a Live,
    now_ms: u64,
    events: Vec<Event>,
}

impl Draft<'_> {
    fn push(&mut self, event: Event) {
        self.run.apply(&event);
        self.events.push(event);
    }

    /// Another driver has left: what it had in flight is asked for again, or given up where that may not be.
    fn take_over(&mut self) {
        let Some((epoch, reason)) = self.live.takeover.clone() else {
            return;
        };
        let in_flight = if self.run.suspended {
            Vec::new()
        } else {
            in_flight(&self.run)
        };
        self.push(Event::Resumed { epoch, reason });
        for lost in in_flight {
            let event = match lost {
                Lost::Again { call_id, attempt } => Event::Retry {
                    call_id,
                    attempt: attempt + 1,
                    reason: "the driver of this run was lost".to_owned(),
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

    fn note_cancel(&mut self) {
        if let (Some(by), None) = (&self.live.cancel, &self.run.cancelled_by)
            && self.run.ended().is_none()
        {
            self.push(Event::CancelRequested { by: by.clone() });
        }
    }

    /// Takes the run one step on; false when it has to wait.
    fn step(&mut self) -> bool {
        match self.run.phase {
            Phase::Ended { .. } => false,
            Phase::Answered { .. } => self.complete(Status::Completed),
            Phase::Starting | Phase::Deciding | Phase::Acting if self.must_end() => self.end(),
            Phase::Starting | Phase::Deciding | Phase::Acting if self.run.suspended => false,
            Phase::Starting => self.suspend() || self.open_round(1),
            Phase::Deciding => self.decide_round(),
            Phase::Acting => self.act(),
        }
    }

    fn must_end(&self) -> bool {
        self.run.failure.is_some()
            || self.run.cancelled_by.is_some()
            || self.live.time_is_up
            || self.run.recoveries > MAX_RECOVERIES
    }

    /// Ends a run that has no answer, for the first of the reasons that holds.
    fn end(&mut self) -> bool {
        let status = if self.run.failure.is_some() {
            Status::Failed
        } else if self.run.cancelled_by.is_some() {
            Status::Cancelled
        } else if self.live.time_is_up {
            return self.fail(time_is_up(self.run.start.plan.time_limit_ms));
        } else {
            return self.fail(driver_lost_too_often());
        };
        self.close_open_calls(status);
        self.complete(status)
    }

    fn fail(&mut self, problem: Problem) -> bool {
        self.push(Event::Error {
            problem,
            fatal: true,
        });
        true
    }

    fn complete(&mut self, status: Status) -> bool {
        let duration_ms = self.now_ms.saturating_sub(self.run.start.created_at_ms);
        self.push(Event::Complete {
            status,
            duration_ms,
        });
        true
    }

    fn open_round(&mut self, round: u32) -> bool {
        self.push(Event::RoundStart { round });
        true
    }

    /// Leaves the run to another driver once nothing is in flight.
    fn suspend(&mut self) -> bool {
        let Some(reason) = &self.live.deadline else {
            return false;
        };
        if self.live.is_waiting() {
            return false;
        }
        self.push(Event::Suspended {
            reason: reason.clone(),
            resume_after_ms: 0,
        });
        true
    }

    fn decide_round(&mut self) -> bool {
        let Some(round) = self.run.current() else {
            return false;
        };
        let call_id = round.orchestrator_call();
        match self.live.inbox.get(&call_id) {
            Some(Arrived::Decided(reply)) => {
                self.flush(call_id);
                self.record(round_number(call_id), reply)
            }
            Some(Arrived::Undecided(problem)) => {
                self.flush(call_id);
                self.fail(problem.clone())
            }
            Some(Arrived::Result { .. }) | None => {
                if self.live.flush_due {
                    self.flush(call_id);
                }
                self.suspend()
            }
        }
    }

    /// Writes the decision of a round with all its calls.
    fn record(&mut self, round: u32, reply: &Reply) -> bool {
        let wrote = self
            .run
            .current()
            .is_some_and(|round| !round.text.text.is_empty());
        if reply.calls.is_empty() && !wrote {
            return self.fail(empty_reply(reply));
        }
        if let Some(reasoning) = &reply.reasoning {
            self.push(Event::OrchestratorThinking {
                round,
                thought: Thought::Inline(reasoning.clone()),
            });
        }
        if wrote && !reply.calls.is_empty() {
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
            usage: reply.usage,
            cost: reply.cost,
            duration_ms: reply.duration_ms,
        });
        for call in calls {
            self.open_call(call);
        }
        true
    }

    fn open_call(&mut self, call: ProposedCall) {
        let Some(call_id) = self.run.current().map(Round::next_call_id) else {
            return;
        };
        let (role, repeatable) = match call.verdict {
            Verdict::Work { repeatable } => (Role::Work, repeatable),
            Verdict::Answer => (Role::Answer, true),
            Verdict::Rejected { code, message } => (Role::Rejected { code, message }, true),
        };
        self.push(Event::ToolCall(ToolCall {
            call_id,
            tool: call.tool,
            arguments: call.arguments,
            model: call.model,
            role,
            repeatable,
        }));
    }

    fn act(&mut self) -> bool {
        if self.close_next_call() {
            return true;
        }
        let Some(round) = self.run.current() else {
            return false;
        };
        if let Some(answer) = round.calls.iter().find(|call| call.answered()) {
            let (call_id, model) = (answer.call.call_id, answer.call.model.clone());
            return self.answer(call_id, model);
        }
        if !round.is_whole() || round.open_calls().next().is_some() {
            self.flush_due_texts();
            return self.suspend();
        }
        self.close_round()
    }

    /// Writes the first result that is known and not stored.
    fn close_next_call(&mut self) -> bool {
        let known = self.run.current().and_then(|round| {
            round
                .open_calls()
                .find_map(|call| Some((call.call.call_id, self.known_result(call)?)))
        });
        let Some((call_id, result)) = known else {
            return false;
        };
        self.flush(call_id);
        self.push(Event::ToolResult(result));
        true
    }

    fn known_result(&self, call: &CallState) -> Option<ToolResult> {
        let call_id = call.call.call_id;
        if let Role::Rejected { code, message } = &call.call.role {
            return Some(failed(call_id, code, message));
        }
        match self.live.inbox.get(&call_id)? {
            Arrived::Result {
                outcome,
                duration_ms,
                usage,
                cost,
            } => Some(ToolResult {
                call_id,
                outcome: outcome.clone(),
                duration_ms: *duration_ms,
                usage: *usage,
                cost: *cost,
            }),
            Arrived::Decided(_) | Arrived::Undecided(_) => None,
        }
    }

    fn answer(&mut self, call_id: CallId, model: Option<ModelId>) -> bool {
        self.close_open_calls(Status::Completed);
        self.push(Event::FinalAnswer { call_id, model });
        true
    }

    /// All calls of the round have their results and none answered.
    fn close_round(&mut self) -> bool {
        let Some(round) = self.run.current() else {
            return false;
        };
        let Some(decision) = &round.decision else {
            return false;
        };
        if decision.calls == 0 && round.calls.is_empty() {
            let (call_id, model) = (round.orchestrator_call(), decision.model.clone());
            return self.answer(call_id, Some(model));
        }
        if !self.run.in_last_round() {
            let next = round.number + 1;
            return self.open_round(next);
        }
        let fallback_was_asked = round.calls.len() > decision.calls as usize;
        match self.run.start.plan.fallback.clone() {
            Some(fallback) if !fallback_was_asked => {
                self.open_call(ProposedCall {
                    tool: fallback.tool,
                    arguments: fallback.arguments,
                    model: Some(fallback.model),
                    verdict: Verdict::Answer,
                });
                true
            }
            Some(_) | None => self.complete(Status::OutOfRounds),
        }
    }

    /// Gives every open call its result, so that none is left dangling at the end of a run.
    fn close_open_calls(&mut self, status: Status) {
        if let Some(round) = self.run.current() {
            let call_id = round.orchestrator_call();
            self.flush(call_id);
        }
        while self.close_next_call() {}
        let open: Vec<_> = self
            .run
            .current()
            .map(|round| {
                let open = round.open_calls();
                open.map(|call| (call.call.call_id, round.waits(call)))
                    .collect()
            })
            .unwrap_or_default();
        for (call_id, waited) in open {
            self.flush(call_id);
            let result = match (status, waited) {
                (Status::Completed, _) => not_run(call_id, "An earlier answer ended the run."),
                (_, true) => not_run(call_id, "The run ended before this call began."),
                (Status::Cancelled, false) => self.cut(call_id, "The run was cancelled."),
                (Status::Failed | Status::OutOfRounds, false) => {
                    self.cut(call_id, "The run ended before this call did.")
                }
            };
            self.push(Event::ToolResult(result));
        }
    }

    fn cut(&self, call_id: CallId, message: &str) -> ToolResult {
        let begun = self.live.begun.get(&call_id);
        ToolResult {
            duration_ms: begun.map_or(0, |begun| self.now_ms.saturating_sub(begun.at_ms)),
            ..failed(call_id, "cancelled", message)
        }
    }

    fn flush_due_texts(&mut self) {
        if self.live.flush_due {
            let calls: Vec<_> = self.live.gathered.keys().copied().collect();
            for call_id in calls {
                self.flush(call_id);
            }
        }
    }

    /// Writes the text of a call that is not stored yet, in chunks.
    fn flush(&mut self, call_id: CallId) {
        let (Some(gathered), Some(stored)) =
            (self.live.gathered.get(&call_id), self.run.text(call_id))
        else {
            return;
        };
        if gathered.attempt != stored.attempt || gathered.offset != stored.utf16_len {
            return;
        }
        let attempt = gathered.attempt;
        let mut offset = gathered.offset;
        for content in chunks(&gathered.text) {
            let delta = Delta {
                call_id,
                attempt,
                offset,
                content: content.to_owned(),
            };
            offset += utf16_len(content);
            self.push(Event::Delta(delta));
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

/// At most [`MAX_CALLS_PER_ROUND`] calls; the first one too many is kept as a refusal that says so.
fn bounded(calls: &[ProposedCall]) -> Vec<ProposedCall> {
    let mut kept: Vec<_> = calls.iter().take(MAX_CALLS_PER_ROUND).cloned().collect();
    if let Some(extra) = calls.get(MAX_CALLS_PER_ROUND) {
        kept.push(ProposedCall {
            verdict: Verdict::Rejected {
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

/// Cuts a text into pieces of at most [`CHUNK_BYTES`], never inside a character.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (chunk, tail) = rest.split_at(rest.floor_char_boundary(CHUNK_BYTES));
        rest = tail;
        Some(chunk)
    })
}

const fn round_number(call: CallId) -> u32 {
    call.round()
}

fn failed(call_id: CallId, code: &str, message: &str) -> ToolResult {
    ToolResult {
        call_id,
        outcome: Outcome::Failed {
            code: code.to_owned(),
            message: message.to_owned(),
            retryable: false,
        },
        duration_ms: 0,
        usage: None,
        cost: None,
    }
}

fn not_run(call_id: CallId, reason: &str) -> ToolResult {
    ToolResult {
        call_id,
        outcome: Outcome::NotRun {
            reason: reason.to_owned(),
        },
        duration_ms: 0,
        usage: None,
        cost: None,
    }
}

fn empty_reply(reply: &Reply) -> Problem {
    Problem {
        code: "empty_reply".to_owned(),
        message: format!(
            "The orchestrator model `{}` returned neither text nor a tool call (finish reason `{}`).",
            reply.model, reply.finish_reason
        ),
        remedy: "Ask again; if it stays so, check that the server's chat template supports tools."
            .to_owned(),
    }
}

fn time_is_up(limit_ms: u64) -> Problem {
    Problem {
        code: "time_limit".to_owned(),
        message: format!("The run used up its {} seconds.", limit_ms / 1000),
        remedy: "Ask a smaller question, or allow fewer rounds.".to_owned(),
    }
}

fn driver_lost_too_often() -> Problem {
    Problem {
        code: "driver_lost".to_owned(),
        message: format!(
            "The process that worked on this run was lost {} times in a row.",
            MAX_RECOVERIES + 1
        ),
        remedy: "Look into the function's log for why it dies, then ask again.".to_owned(),
    }
}
