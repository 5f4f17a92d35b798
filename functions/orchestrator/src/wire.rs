//! What clients are shown of a run: the JSON of events, of the summary and of the snapshot, by the names of the contract.
//!
//! Made from the stored event and the fold that already holds it, since text is stored once and shown wherever it belongs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use run::{
    CallId, CallState, Delta, Event, ModelId, Outcome, Phase, Problem, Request, Run, RunId, Seq,
    Source, Tally, Thought, ToolFilter, ToolName, ToolResult, Usage,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// An event as it goes out.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum WireEvent<'a> {
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
    },
    ToolResult {
        round: u32,
        call_id: CallId,
        tool: &'a ToolName,
        ok: bool,
        result: Value,
        duration_ms: u64,
        usage: Option<Usage>,
        cost_usd: Option<f64>,
    },
    FinalAnswer {
        call_id: CallId,
        content: &'a str,
        model: Option<&'a ModelId>,
        sources: Vec<Source>,
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

/// Totals of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Summary<'a> {
    status: &'static str,
    total_rounds: usize,
    tools_used: Vec<ToolName>,
    final_answer: Option<&'a str>,
    duration_ms: u64,
    usage: Usage,
    cost_usd: f64,
    by_model: BTreeMap<ModelId, WireTally>,
    by_tool: BTreeMap<ToolName, WireTally>,
    resumed: u32,
}

#[derive(Debug, Serialize)]
struct WireTally {
    calls: u64,
    usage: Usage,
    cost_usd: f64,
    duration_ms: u64,
}

/// A run as it stands.
#[derive(Debug, Serialize)]
pub(crate) struct Snapshot<'a> {
    run_id: RunId,
    status: &'static str,
    created_at: String,
    request: Value,
    rounds: Vec<WireRound<'a>>,
    answer: Option<&'a str>,
    sources: Vec<Source>,
    summary: Summary<'a>,
    last_seq: Seq,
}

#[derive(Debug, Serialize)]
struct WireRound<'a> {
    round: u32,
    calls: Vec<WireCall<'a>>,
}

#[derive(Debug, Serialize)]
struct WireCall<'a> {
    call_id: CallId,
    tool: &'a ToolName,
    arguments: &'a Map<String, Value>,
    ok: Option<bool>,
    result: Option<Value>,
    duration_ms: Option<u64>,
    cost_usd: Option<f64>,
}

impl<'a> WireEvent<'a> {
    /// Shows an event by the fold that has taken it in; `None` only for a log that contradicts itself.
    pub(crate) fn of(run: &'a Run, event: &'a Event) -> Option<Self> {
        Some(match event {
            Event::Start(start) => Self::Start {
                run_id: start.run_id,
                query: &start.request.query,
                max_rounds: start.request.max_rounds,
                created_at: rfc3339(start.created_at_ms),
            },
            Event::RoundStart { round } => Self::RoundStart { round: *round },
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
                usage,
                cost,
                duration_ms,
                ..
            } => Self::RoundDecided {
                round: *round,
                model,
                finish_reason,
                usage: *usage,
                cost_usd: cost.usd(),
                duration_ms: *duration_ms,
            },
            Event::ToolCall(call) => Self::ToolCall {
                round: call.call_id.round(),
                call_id: call.call_id,
                tool: &call.tool,
                arguments: &call.arguments,
                model: call.model.as_ref(),
            },
            Event::Delta(delta) => Self::delta(delta),
            Event::Retry {
                call_id,
                attempt,
                reason,
            } => Self::Retry {
                call_id: *call_id,
                attempt: *attempt,
                reason,
            },
            Event::ToolResult(result) => Self::result(run.call(result.call_id)?, result),
            Event::FinalAnswer { call_id, model } => Self::FinalAnswer {
                call_id: *call_id,
                content: run.text(*call_id).map_or("", |streamed| &streamed.text),
                model: model.as_ref(),
                sources: run.sources(),
            },
            Event::Error { problem, fatal } => Self::Error {
                error: problem,
                fatal: *fatal,
            },
            Event::Suspended {
                reason,
                resume_after_ms,
            } => Self::Suspended {
                reason,
                resume_after_ms: *resume_after_ms,
            },
            Event::Resumed { epoch, reason } => Self::Resumed {
                epoch: epoch.0,
                reason,
            },
            Event::CancelRequested { by } => Self::CancelRequested { by },
            Event::Complete { duration_ms, .. } => Self::Complete {
                summary: Summary::of(run, *duration_ms),
            },
        })
    }

    fn delta(delta: &'a Delta) -> Self {
        Self::Delta {
            call_id: delta.call_id,
            attempt: delta.attempt,
            offset: delta.offset,
            content: &delta.content,
        }
    }

    fn result(call: &'a CallState, result: &ToolResult) -> Self {
        Self::ToolResult {
            round: result.call_id.round(),
            call_id: result.call_id,
            tool: &call.call.tool,
            ok: result.is_ok(),
            result: result_object(call, result),
            duration_ms: result.duration_ms,
            usage: result.usage,
            cost_usd: result.cost.map(run::Cost::usd),
        }
    }
}

impl<'a> Summary<'a> {
    fn of(run: &'a Run, duration_ms: u64) -> Self {
        let totals = run.summary();
        Self {
            status: status(run),
            total_rounds: run.rounds.len(),
            tools_used: totals.tools_used,
            final_answer: run.answer(),
            duration_ms,
            usage: totals.usage,
            cost_usd: totals.cost.usd(),
            by_model: tallies(totals.by_model),
            by_tool: tallies(totals.by_tool),
            resumed: run.resumed,
        }
    }
}

impl<'a> Snapshot<'a> {
    pub(crate) fn of(run: &'a Run, now_ms: u64) -> Self {
        let start = &run.start;
        let duration_ms = match run.phase {
            Phase::Ended { duration_ms, .. } => duration_ms,
            Phase::Starting | Phase::Deciding | Phase::Acting | Phase::Answered { .. } => {
                now_ms.saturating_sub(start.created_at_ms)
            }
        };
        Self {
            run_id: start.run_id,
            status: status(run),
            created_at: rfc3339(start.created_at_ms),
            request: request(&start.request),
            rounds: run.rounds.iter().map(|round| wire_round(round)).collect(),
            answer: run.answer(),
            sources: run.sources(),
            summary: Summary::of(run, duration_ms),
            last_seq: run.last_seq,
        }
    }
}

fn status(run: &Run) -> &'static str {
    match run.ended() {
        Some(status) => status.as_str(),
        None if run.suspended => "suspended",
        None => "running",
    }
}

fn wire_round(round: &run::Round) -> WireRound<'_> {
    let calls = round.calls.iter().map(|call| {
        let result = call.result.as_ref();
        WireCall {
            call_id: call.call.call_id,
            tool: &call.call.tool,
            arguments: &call.call.arguments,
            ok: result.map(ToolResult::is_ok),
            result: result.map(|result| result_object(call, result)),
            duration_ms: result.map(|result| result.duration_ms),
            cost_usd: result.and_then(|result| result.cost).map(run::Cost::usd),
        }
    });
    WireRound {
        round: round.number,
        calls: calls.collect(),
    }
}

fn result_object(call: &CallState, result: &ToolResult) -> Value {
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
        Outcome::Object(object) => Value::Object(object.clone()),
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

/// The request in the form in which it is sent.
fn request(request: &Request) -> Value {
    let preferences = &request.preferences;
    let mut shown = Map::new();
    shown.insert("priority".to_owned(), json!(preferences.priority));
    if let Some(models) = &preferences.models {
        shown.insert("models".to_owned(), json!(models));
    }
    match &preferences.tools {
        ToolFilter::All => {}
        ToolFilter::Allow(names) => {
            shown.insert("tools".to_owned(), json!({"allow": names}));
        }
        ToolFilter::Deny(names) => {
            shown.insert("tools".to_owned(), json!({"deny": names}));
        }
    }
    if let Some(instructions) = &preferences.instructions {
        shown.insert("instructions".to_owned(), json!(instructions));
    }
    json!({
        "query": request.query,
        "max_rounds": request.max_rounds,
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "preferences": shown,
    })
}

fn tallies<K: Ord>(tallies: BTreeMap<K, Tally>) -> BTreeMap<K, WireTally> {
    let wire = |tally: Tally| WireTally {
        calls: tally.calls,
        usage: tally.usage,
        cost_usd: tally.cost.usd(),
        duration_ms: tally.duration_ms,
    };
    tallies
        .into_iter()
        .map(|(key, tally)| (key, wire(tally)))
        .collect()
}

/// A time as RFC 3339, in UTC.
fn rfc3339(at_ms: u64) -> String {
    let time = i64::try_from(at_ms).map(Timestamp::from_millisecond);
    match time {
        Ok(Ok(time)) => time.to_string(),
        Ok(Err(_)) | Err(_) => Timestamp::MAX.to_string(),
    }
}
