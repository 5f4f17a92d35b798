//! One event of a run on one line: as JSON, or for people.

use orchestrator::wire::WireEvent;
use run::{Problem, Seq};
use serde::Serialize;

use super::text::{brief, brief_json, line, took};

/// A stored event as it goes out, with its id beside its own fields.
#[derive(Serialize)]
struct Line<'a> {
    id: Seq,
    #[serde(flatten)]
    event: &'a WireEvent<'a>,
}

pub(super) fn json(id: Seq, event: &WireEvent<'_>) -> serde_json::Result<String> {
    serde_json::to_string(&Line { id, event })
}

pub(super) fn human(id: Seq, event: &WireEvent<'_>) -> String {
    let (name, rest) = said(event);
    let rest = line(rest.trim_end_matches(", "));
    format!("{:>5}  {name:<21}  {rest}", id.0)
}

/// The event's name on the wire, and what it says. One arm an event: cut in two, it would only be longer.
fn said(event: &WireEvent<'_>) -> (&'static str, String) {
    match event {
        WireEvent::Start {
            query,
            max_rounds,
            created_at,
            ..
        } => (
            "start",
            format!(
                "{created_at}, at most {max_rounds} rounds: {}",
                brief(query)
            ),
        ),
        WireEvent::RoundStart { round } => ("round_start", format!("round {round}")),
        WireEvent::OrchestratorThinking { round, content } => (
            "orchestrator_thinking",
            format!("round {round}: {}", brief(content)),
        ),
        WireEvent::RoundDecided {
            round,
            model,
            finish_reason,
            usage,
            cost_usd,
            duration_ms,
        } => {
            let took = took(*duration_ms, Some(*usage), Some(*cost_usd));
            (
                "round_decided",
                format!("round {round}: {model}, {took}, {finish_reason}"),
            )
        }
        WireEvent::ToolCall {
            call_id,
            tool,
            arguments,
            ..
        } => (
            "tool_call",
            format!("{call_id} {tool}: {}", brief_json(arguments)),
        ),
        WireEvent::Delta {
            call_id,
            attempt,
            offset,
            content,
        } => (
            "delta",
            format!(
                "{call_id} attempt {attempt} at {offset}: {}",
                brief(content)
            ),
        ),
        WireEvent::Retry {
            call_id,
            attempt,
            reason,
        } => ("retry", format!("{call_id} attempt {attempt}: {reason}")),
        WireEvent::ToolResult {
            call_id,
            tool,
            ok,
            result,
            duration_ms,
            usage,
            cost_usd,
            ..
        } => {
            let took = took(*duration_ms, *usage, *cost_usd);
            let outcome = if *ok { "ok" } else { "failed" };
            let result = brief_json(result);
            (
                "tool_result",
                format!("{call_id} {tool}: {outcome}, {took}: {result}"),
            )
        }
        WireEvent::FinalAnswer {
            call_id, content, ..
        } => ("final_answer", format!("{call_id}: {}", brief(content))),
        WireEvent::Error { error, fatal } => {
            let weight = if *fatal {
                "ends the run"
            } else {
                "the run goes on"
            };
            let Problem {
                code,
                message,
                remedy,
            } = error;
            ("error", format!("{code}, {weight}: {message} {remedy}"))
        }
        WireEvent::Suspended { reason, .. } => ("suspended", (*reason).to_owned()),
        WireEvent::Resumed { epoch, reason } => ("resumed", format!("epoch {epoch}: {reason}")),
        WireEvent::CancelRequested { by } => ("cancel_requested", format!("by {by}")),
        WireEvent::Complete { summary } => {
            let took = took(
                summary.duration_ms,
                Some(summary.usage),
                Some(summary.cost_usd),
            );
            ("complete", format!("{}, {took}", summary.status))
        }
        WireEvent::Ping => ("ping", String::new()),
    }
}
