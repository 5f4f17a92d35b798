//! A run as it stands, for `GET /api/runs/{id}`.

use run::{CallId, Mode, Outcome, Phase, Request, Run, RunId, Seq, Source, ToolFilter, ToolName};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::summary::Summary;
use super::{result_object, rfc3339, status};

/// A run as it stands.
#[derive(Debug, Serialize)]
pub struct Snapshot<'a> {
    run_id: RunId,
    pub status: &'static str,
    pub created_at: String,
    request: Value,
    rounds: Vec<WireRound<'a>>,
    pub answer: Option<&'a str>,
    pub sources: Vec<Source>,
    pub summary: Summary<'a>,
    pub last_seq: Seq,
    /// Whether there is a share link of it. Told to its owner alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    shared: Option<bool>,
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
    /// The call that this one is an inner step of.
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<CallId>,
    ok: Option<bool>,
    result: Option<Value>,
    duration_ms: Option<u64>,
    cost_usd: Option<f64>,
}

impl<'a> Snapshot<'a> {
    /// `now_ms` is until when an unfinished run has lasted, in milliseconds since 1970.
    pub fn of(run: &'a Run, now_ms: u64) -> Self {
        let start = &run.start;
        let duration_ms = match run.phase {
            Phase::Ended { duration_ms, .. } => duration_ms,
            Phase::Working(_) | Phase::Suspended(_) | Phase::Answered { .. } => {
                now_ms.saturating_sub(start.created_at_ms)
            }
        };
        Self {
            run_id: start.run_id,
            status: status(run),
            created_at: rfc3339(start.created_at_ms),
            request: request(&start.request),
            rounds: run
                .rounds
                .iter()
                .map(|round| wire_round(run, round))
                .collect(),
            answer: run.answer(),
            sources: run.sources(),
            summary: Summary::of(run, duration_ms),
            last_seq: run.last_seq,
            shared: None,
        }
    }

    /// With whether there is a share link of it.
    #[must_use]
    pub fn for_owner(self, shared: bool) -> Self {
        Self {
            shared: Some(shared),
            ..self
        }
    }

    /// Without what the owner said to the models for themselves, and without another run's id.
    #[must_use]
    pub(crate) fn for_guest(mut self) -> Self {
        if let Some(request) = self.request.as_object_mut() {
            request.remove("previous_run_id");
            if let Some(preferences) = request.get_mut("preferences") {
                preferences
                    .as_object_mut()
                    .map(|it| it.remove("instructions"));
            }
        }
        self
    }
}

fn wire_round<'a>(run: &Run, round: &'a run::Round) -> WireRound<'a> {
    let calls = round.calls.iter().map(|call| {
        let outcome = call.outcome.as_ref();
        let spent = round.spent(call);
        WireCall {
            call_id: call.call_id,
            tool: &call.spec.tool,
            arguments: &call.spec.arguments,
            within: call.spec.origin.within(),
            ok: outcome.map(Outcome::is_ok),
            result: outcome.map(|outcome| result_object(run, round, call, outcome)),
            duration_ms: outcome.map(|_| spent.duration_ms),
            cost_usd: spent.cost.map(run::Cost::usd),
        }
    });
    WireRound {
        round: round.number,
        calls: calls.collect(),
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
    match preferences.mode {
        Mode::Auto => {}
        mode @ Mode::Discussion => {
            shown.insert("mode".to_owned(), json!(mode));
        }
    }
    if let Some(max_cost) = preferences.max_cost {
        shown.insert("max_cost_usd".to_owned(), json!(max_cost.usd()));
    }
    let mut request_shown = json!({
        "query": request.query,
        "max_rounds": request.max_rounds,
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "preferences": shown,
    });
    if let Some(previous) = request.previous_run_id {
        request_shown["previous_run_id"] = json!(previous);
    }
    if let Some(schema) = &request.answer_schema {
        request_shown["answer_schema"] = schema.schema.clone();
    }
    request_shown
}
