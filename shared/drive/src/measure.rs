//! What runs take, logged for the operator: a line for each decision, call, round, run and takeover.
//!
//! The numbers of these lines are metrics, and the end of a number's name is its unit: `_ms`, `_usd`, `_percent`, else a count. They are logged
//! for events that this driver has stored, so that each is logged once, whoever drives a run. No word of a person, a model or a
//! tool is logged.

use std::time::{Duration, Instant};

use model::AskError;
use run::{CallId, Command, Cost, Event, ModelId, Outcome, Owner, Run, Status, ToolResult, Update};
use tracing::Span;

use crate::clock::millis;

/// Longest code of a failure that is logged, in bytes.
const LONGEST_CODE: usize = 40;
/// What the log's formatter knows these lines by.
const METRICS: &str = "metrics";

/// What the log's filter knows the words of servers by: it leaves them out unless they are named.
const SAID: &str = "said";

/// What stands around every line that is about a run.
pub(crate) fn run_span(run_id: run::RunId) -> Span {
    tracing::info_span!("run", %run_id)
}

/// What stands around every line that is about a call.
pub(crate) fn call_span(call_id: CallId) -> Span {
    tracing::info_span!("call", round = call_id.round(), %call_id)
}

/// Measures one run as long as one driver has it.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// When the round began, where it began under this driver.
    round_began: Option<Instant>,
}

impl Meter {
    /// Logs events that are shown because they have been stored; `run` has folded them.
    pub(crate) fn read(&mut self, run: &Run, commands: &[Command]) {
        for command in commands {
            if let Command::Emit(Update::Stored { event, .. }) = command {
                self.stored(run, event);
            }
        }
    }

    /// The first round begins with the run.
    pub(crate) fn begin(&mut self) {
        self.round_began = Some(Instant::now());
    }

    fn stored(&mut self, run: &Run, event: &Event) {
        match event {
            Event::RoundStart { .. } => {
                self.end_round();
                self.begin();
            }
            Event::RoundDecided { round, .. } => tell_decision(run, *round),
            Event::ToolResult(result) => tell_result(run, result),
            Event::Resumed { lost, reason, .. } => tracing::info!(
                target: METRICS,
                reason,
                takeovers = 1_u64,
                lost_drivers = u64::from(*lost),
                "the run has been taken over"
            ),
            Event::Complete {
                status,
                duration_ms,
                ..
            } => {
                self.end_round();
                tell_end(run, *status, *duration_ms);
            }
            Event::Start(_)
            | Event::OrchestratorThinking { .. }
            | Event::ToolCall(_)
            | Event::Delta(_)
            | Event::Retry { .. }
            | Event::FinalAnswer { .. }
            | Event::Error(_)
            | Event::Suspended { .. }
            | Event::CancelRequested { .. } => {}
        }
    }

    fn end_round(&mut self) {
        if let Some(began) = self.round_began.take() {
            let round_ms = millis(began.elapsed());
            tracing::info!(target: METRICS, rounds = 1_u64, round_ms, "a round has ended");
        }
    }
}

fn tell_decision(run: &Run, round: u32) {
    let Some(decision) = run.round(round).and_then(|round| round.decision.as_ref()) else {
        return;
    };
    let spent = decision.spent;
    call_span(CallId::Orchestrator { round }).in_scope(|| {
        tracing::info!(
            target: METRICS,
            model = %decision.model,
            finish_reason = known_reason(&decision.finish_reason),
            decisions = 1_u64,
            decision_ms = spent.duration_ms,
            input_tokens = spent.usage.map(|usage| usage.input_tokens),
            output_tokens = spent.usage.map(|usage| usage.output_tokens),
            cached_input_tokens = spent.usage.map(|usage| usage.cached_input_tokens),
            cost_usd = spent.cost.map(Cost::usd),
            "the orchestrator has decided"
        );
    });
}

fn tell_result(run: &Run, result: &ToolResult) {
    let Some(state) = run.call(result.call_id).filter(|state| state.was_called()) else {
        return;
    };
    let Some(round) = run.round(result.call_id.round()) else {
        return;
    };
    let spent = round.spent(state);
    let error = state.outcome.as_ref().and_then(Outcome::error);
    let code = error.map(|error| known_code(error.code));
    let within = state.spec.origin.within();
    call_span(result.call_id).in_scope(|| match within {
        None => tracing::info!(
            target: METRICS,
            tool = %state.spec.tool,
            model = state.model().map(tracing::field::display),
            code,
            calls = 1_u64,
            failed_calls = u64::from(!state.succeeded()),
            call_ms = spent.duration_ms,
            input_tokens = spent.usage.map(|usage| usage.input_tokens),
            output_tokens = spent.usage.map(|usage| usage.output_tokens),
            cached_input_tokens = spent.usage.map(|usage| usage.cached_input_tokens),
            cost_usd = spent.cost.map(Cost::usd),
            "a call has ended"
        ),
        // Its call is counted where that ends.
        Some(within) => tracing::info!(
            target: METRICS,
            %within,
            tool = %state.spec.tool,
            model = state.model().map(tracing::field::display),
            code,
            steps = 1_u64,
            failed_steps = u64::from(!state.succeeded()),
            step_ms = spent.duration_ms,
            input_tokens = spent.usage.map(|usage| usage.input_tokens),
            output_tokens = spent.usage.map(|usage| usage.output_tokens),
            cached_input_tokens = spent.usage.map(|usage| usage.cached_input_tokens),
            cost_usd = spent.cost.map(Cost::usd),
            "a step of a call has ended"
        ),
    });
}

/// The reasons for which a reply ended, in small letters: OpenAI's, and those that gateways pass on.
const REASONS: [&str; 20] = [
    "stop",
    "length",
    "tool_calls",
    "tool_call",
    "function_call",
    "content_filter",
    "eos",
    "eos_token",
    "stop_sequence",
    "end_turn",
    "tool_use",
    "complete",
    "end",
    "max_tokens",
    "model_length",
    "abort",
    "error",
    "safety",
    "recitation",
    "refusal",
];
const OTHER: &str = "other";

/// A server may put any text in place of a reason. It stays in the run's log; the operator's has one of these words.
fn known_reason(reason: &str) -> &'static str {
    let known = |known: &&&str| known.eq_ignore_ascii_case(reason);
    match reason {
        "" => "",
        _ => REASONS.iter().find(known).copied().unwrap_or(OTHER),
    }
}

/// The code of a failure, which a tool may have chosen: a word of `snake_case`, else no code.
fn known_code(code: &str) -> &str {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let is_word = (1..=LONGEST_CODE).contains(&code.len()) && code.bytes().all(is_part);
    if is_word { code } else { OTHER }
}

fn tell_end(run: &Run, status: Status, duration_ms: u64) {
    let summary = run.summary();
    tracing::info!(
        target: METRICS,
        status = status.as_str(),
        code = run.failure.as_ref().map(|failure| failure.code.as_str()),
        runs = 1_u64,
        failed_runs = u64::from(matches!(status, Status::Failed | Status::OutOfRounds)),
        run_ms = duration_ms,
        run_tokens = summary.usage.total(),
        run_usd = summary.cost.usd(),
        "the run has ended"
    );
}

/// Logs how much of an account's dollars of today is spent or set aside as a run of it starts: the share after it has set its own aside.
///
/// The account is no dimension: a metric for each would cost more than its key's runs.
pub(crate) fn told_of_day_share(account: &Owner, committed: Cost, limit: Cost) {
    tracing::info!(
        target: METRICS,
        account = %account.as_str(),
        day_share_percent = percent(committed, limit),
        "a run has taken its part of its key's dollars of today"
    );
}

/// Rounded up, so that whatever is above a threshold is told as being so.
fn percent(part: Cost, whole: Cost) -> u64 {
    let (part, whole) = (u128::from(part.nano_usd), u128::from(whole.nano_usd));
    u64::try_from((100 * part).div_ceil(whole.max(1))).unwrap_or(u64::MAX)
}

/// Logs how long a model took to begin.
pub(crate) fn began_to_answer(model: &ModelId, after: Duration) {
    let first_token_ms = millis(after);
    tracing::info!(target: METRICS, %model, first_token_ms, "a model has begun to answer");
}

/// Logs that a model is asked in the place of one that could not answer.
pub(crate) fn asked_in_place(of: Option<&ModelId>, model: &ModelId) {
    tracing::info!(
        target: METRICS,
        %model,
        in_place_of = of.map(tracing::field::display),
        fallbacks = 1_u64,
        "another model is asked in the place of one that could not answer"
    );
}

/// Logs that a model's decision was neither text nor call, and is asked for once more.
pub(crate) fn said_nothing(model: &ModelId) {
    tracing::info!(target: METRICS, %model, empty_replies = 1_u64, "a model said nothing, and is asked once more");
}

/// Logs that a server has counted more tokens of a reply than it was allowed: they are paid for all the same.
pub(crate) fn wrote_beyond_limit(model: &ModelId, tokens: u64) {
    tracing::warn!(target: METRICS, %model, tokens_beyond_limit = tokens, "a model's server does not keep to the limit of a reply");
}

/// Logs how many frames of a reply were skipped, if any: those that could not be read, and errors of a complete reply.
pub(crate) fn passed_over(model: &ModelId, frames: u64) {
    if frames > 0 {
        tracing::warn!(target: METRICS, %model, passed_over_frames = frames, "frames of a model's reply were passed over");
    }
}

/// Logs why a model could not be asked. The server's message may repeat what it was sent, so it is logged only where that is asked for.
pub(crate) fn could_not_be_asked(model: &ModelId, error: &AskError) {
    tracing::info!(
        target: METRICS,
        %model,
        code = error.code(),
        error = error.outline(),
        next = ?error.next(),
        failed_requests = 1_u64,
        "a model could not be asked"
    );
    tracing::info!(target: SAID, %model, %error, "what the model's server said");
}

#[cfg(test)]
mod tests;
