//! Events as they go out.

use run::{
    AskedBy, CallId, CallState, Cost, Delta, Event, ModelId, Outcome, Problem, Round, Run, RunId,
    Source, Thought, ToolName, Usage,
};
use serde::Serialize;
use serde_json::{Map, Value};
use strum::{IntoStaticStr, VariantNames};

use super::summary::Summary;
use super::{result_object, rfc3339};

/// An event as it goes out. The names of its variants are the names of the wire.
#[derive(Debug, Serialize, IntoStaticStr, VariantNames)]
#[serde(tag = "event", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WireEvent<'a> {
    Start {
        run_id: RunId,
        query: &'a str,
        max_rounds: u32,
        created_at: String,
    },
    RoundStart {
        round: u32,
    },
    OrchestratorThinking {
        round: u32,
        content: &'a str,
    },
    RoundDecided {
        round: u32,
        model: &'a ModelId,
        finish_reason: &'a str,
        #[serde(skip_serializing_if = "AskedBy::is_native")]
        asked_by: AskedBy,
        usage: Usage,
        cost_usd: f64,
        duration_ms: u64,
    },
    ToolCall {
        round: u32,
        call_id: CallId,
        tool: &'a ToolName,
        arguments: &'a Map<String, Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        model: Option<&'a ModelId>,
        /// The call that this one is an inner step of.
        #[serde(skip_serializing_if = "Option::is_none")]
        within: Option<CallId>,
    },
    Delta {
        call_id: CallId,
        attempt: u32,
        offset: u64,
        content: &'a str,
    },
    Retry {
        call_id: CallId,
        attempt: u32,
        reason: &'a str,
        model: Option<&'a ModelId>,
        usage: Option<Usage>,
        cost_usd: Option<f64>,
    },
    ToolResult {
        round: u32,
        call_id: CallId,
        tool: &'a ToolName,
        /// False: the tool was never called.
        called: bool,
        ok: bool,
        result: Value,
        duration_ms: u64,
        usage: Option<Usage>,
        cost_usd: Option<f64>,
    },
    FinalAnswer {
        /// `None` where it is only the best text that there was when the run's money was used up.
        call_id: Option<CallId>,
        content: &'a str,
        model: Option<&'a ModelId>,
        sources: Vec<Source>,
        /// The answer as a value, where a schema was given and it fits.
        #[serde(skip_serializing_if = "Option::is_none")]
        json: Option<Map<String, Value>>,
    },
    Error {
        error: &'a Problem,
        fatal: bool,
    },
    Suspended {
        reason: &'a str,
        resume_after_ms: u64,
    },
    Resumed {
        epoch: u64,
        reason: &'a str,
    },
    CancelRequested {
        by: &'a str,
    },
    Complete {
        summary: Summary<'a>,
    },
    Ping,
}

impl<'a> WireEvent<'a> {
    /// An event as it goes out, from the fold that has applied it; `None` only for a log that contradicts itself.
    // Long: it is one arm for each event and nothing else.
    pub(crate) fn of(run: &'a Run, event: &'a Event) -> Option<Self> {
        Some(match event {
            Event::Start(start) => Self::Start {
                run_id: start.run_id,
                query: &start.request.query,
                max_rounds: start.request.max_rounds,
                created_at: rfc3339(start.created_at_ms),
            },
            Event::RoundStart { round, .. } => Self::RoundStart { round: *round },
            Event::OrchestratorThinking { round, thought } => Self::OrchestratorThinking {
                round: *round,
                content: match thought {
                    Thought::Inline(text) => text,
                    Thought::Streamed => {
                        let call = CallId::Orchestrator { round: *round };
                        run.text(call).map_or("", |streamed| &streamed.text)
                    }
                },
            },
            Event::RoundDecided {
                round,
                model,
                finish_reason,
                asked_by,
                ..
            } => {
                let spent = run.round(*round)?.attempts.total();
                Self::RoundDecided {
                    round: *round,
                    model,
                    finish_reason,
                    asked_by: *asked_by,
                    usage: spent.usage.unwrap_or_default(),
                    cost_usd: spent.cost.unwrap_or_default().usd(),
                    duration_ms: spent.duration_ms,
                }
            }
            Event::ToolCall(call) => Self::ToolCall {
                round: call.call_id.round(),
                call_id: call.call_id,
                tool: &call.spec.tool,
                arguments: &call.spec.arguments,
                model: call.spec.model.as_ref(),
                within: call.spec.origin.within(),
            },
            Event::Delta(delta) => Self::delta(delta),
            Event::Retry {
                call_id,
                attempt,
                reason,
                model,
                ended,
                ..
            } => Self::Retry {
                call_id: *call_id,
                attempt: *attempt,
                reason,
                model: model.as_ref(),
                usage: ended.spent.usage,
                cost_usd: ended.spent.cost.map(Cost::usd),
            },
            Event::ToolResult(result) => {
                let round = run.round(result.call_id.round())?;
                let call = round.call(result.call_id)?;
                Self::result(run, round, call, call.outcome.as_ref()?)
            }
            Event::FinalAnswer {
                call_id,
                model,
                is_partial,
            } => Self::FinalAnswer {
                call_id: (!is_partial).then_some(*call_id),
                content: run.answer().unwrap_or_default(),
                model: model.as_ref(),
                sources: run.sources(),
                json: run.answer_object().map(|(_, object)| object),
            },
            Event::Error(error) => Self::Error {
                error: &error.problem,
                fatal: error.fatal,
            },
            Event::Suspended {
                reason,
                resume_after_ms,
            } => Self::Suspended {
                reason,
                resume_after_ms: *resume_after_ms,
            },
            Event::Resumed { epoch, reason, .. } => Self::Resumed {
                epoch: epoch.0,
                reason,
            },
            Event::CancelRequested { by } => Self::CancelRequested { by },
            Event::Complete { duration_ms, .. } => Self::Complete {
                summary: Summary::of(run, *duration_ms),
            },
        })
    }

    /// The value of the field `event`.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    fn delta(delta: &'a Delta) -> Self {
        Self::Delta {
            call_id: delta.call_id,
            attempt: delta.attempt,
            offset: delta.offset,
            content: &delta.content,
        }
    }

    fn result(run: &Run, round: &Round, call: &'a CallState, outcome: &'a Outcome) -> Self {
        let spent = round.spent(call);
        Self::ToolResult {
            round: call.call_id.round(),
            call_id: call.call_id,
            tool: &call.spec.tool,
            called: call.was_called(),
            ok: outcome.is_ok(),
            result: result_object(run, round, call, outcome),
            duration_ms: spent.duration_ms,
            usage: spent.usage,
            cost_usd: spent.cost.map(Cost::usd),
        }
    }
}
