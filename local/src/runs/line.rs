//! One event of a run on one line: as JSON, or for people.

use orchestrator::wire::WireEvent;
use run::{Problem, Seq};
use serde::Serialize;
use serde_json::Value;

use crate::text::{self, brief, brief_json, line, took};

/// A stored event as it goes out, with its id beside its own fields.
#[derive(Serialize)]
struct Line<'a> {
    id: Seq,
    #[serde(flatten)]
    event: &'a WireEvent<'a>,
}

pub(super) fn json(id: Seq, event: &WireEvent<'_>) -> serde_json::Result<String> {
    text::json(&Line { id, event })
}

pub(super) fn human(id: Seq, event: &WireEvent<'_>) -> String {
    let said = [subject(event), said(event)];
    let said = said.iter().filter(|part| !part.is_empty());
    let said: Vec<_> = said.map(|part| line(part)).collect();
    format!("{:>5}  {:<21}  {}", id.0, event.name(), said.join(": "))
}

/// Which part of the run the event is about, where it is not the whole.
fn subject(event: &WireEvent<'_>) -> String {
    match event {
        WireEvent::RoundStart { round }
        | WireEvent::OrchestratorThinking { round, .. }
        | WireEvent::RoundDecided { round, .. } => format!("round {round}"),
        WireEvent::ToolCall { call_id, tool, .. } | WireEvent::ToolResult { call_id, tool, .. } => {
            format!("{call_id} {tool}")
        }
        WireEvent::Delta {
            call_id, attempt, ..
        }
        | WireEvent::Retry {
            call_id, attempt, ..
        } => {
            format!("{call_id} attempt {attempt}")
        }
        WireEvent::FinalAnswer { call_id, .. } => {
            call_id.map_or_else(String::new, |call_id| call_id.to_string())
        }
        WireEvent::Resumed { epoch, .. } => format!("epoch {epoch}"),
        WireEvent::Start { .. }
        | WireEvent::Error { .. }
        | WireEvent::Suspended { .. }
        | WireEvent::CancelRequested { .. }
        | WireEvent::Complete { .. }
        | WireEvent::Ping => String::new(),
    }
}

/// What the event says of it.
// Long: it is one arm for each event and nothing else.
fn said(event: &WireEvent<'_>) -> String {
    match event {
        WireEvent::Start {
            query,
            max_rounds,
            created_at,
            ..
        } => format!(
            "{created_at}, at most {max_rounds} rounds: {}",
            brief(query)
        ),
        WireEvent::OrchestratorThinking { content, .. }
        | WireEvent::FinalAnswer { content, .. } => brief(content),
        WireEvent::RoundDecided {
            model,
            finish_reason,
            usage,
            cost_usd,
            duration_ms,
            ..
        } => {
            let took = took(*duration_ms, Some(*usage), Some(*cost_usd));
            format!("{model}, {took}, {finish_reason}")
                .trim_end_matches(", ")
                .to_owned()
        }
        WireEvent::ToolCall { arguments, .. } => brief_json(arguments),
        WireEvent::Delta {
            offset, content, ..
        } => format!("at {offset}: {}", brief(content)),
        WireEvent::ToolResult {
            called,
            ok,
            result,
            duration_ms,
            usage,
            cost_usd,
            ..
        } => {
            let code = result.pointer("/error/code").and_then(Value::as_str);
            let outcome = match (*ok, *called, code) {
                (true, ..) => "ok",
                (false, false, Some("not_run")) => "not run",
                (false, false, _) => "rejected",
                (false, true, Some("cancelled")) => "cancelled",
                (false, true, _) => "failed",
            };
            let took = took(*duration_ms, *usage, *cost_usd);
            format!("{outcome}, {took}: {}", brief_json(result))
        }
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
            format!("{code}, {weight}: {message} {remedy}")
        }
        WireEvent::Retry { reason, .. }
        | WireEvent::Suspended { reason, .. }
        | WireEvent::Resumed { reason, .. } => (*reason).to_owned(),
        WireEvent::CancelRequested { by } => format!("by {by}"),
        WireEvent::Complete { summary } => {
            let cost = Some(summary.cost_usd);
            let took = took(summary.duration_ms, Some(summary.usage), cost);
            format!("{}, {took}", summary.status)
        }
        WireEvent::RoundStart { .. } | WireEvent::Ping => String::new(),
    }
}
