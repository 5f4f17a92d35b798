//! The response as an object.

use run::{Phase, Priority, Run, RunId, Status, Usage};
use serde_json::{Value, json};

use crate::sse::encode::telling::{FinishReason, end};

/// What the echo of a request holds beside what is told again word for word: how many characters of the run's instructions were given as
/// such, …
pub(crate) const INSTRUCTIONS: &str = "instructions_chars";
/// … how many of the earlier turns came with the request, …
pub(crate) const TURNS: &str = "turns";
/// … and that programs are to be items of their own.
pub(crate) const CODE: &str = "code";

/// The one of the codes of OpenAI's interface that fits: its clients know no others. The event `error` has that of the run.
const FAILED: &str = "server_error";

/// All members, as they are where nothing is said of them.
const BLANK: &str = r#"{"id":"","object":"response","created_at":0,"completed_at":null,"status":"in_progress","background":false,"error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":null,"max_tool_calls":null,"model":"","output":[],"parallel_tool_calls":true,"previous_response_id":null,"prompt_cache_key":null,"reasoning":{"effort":null,"summary":null},"safety_identifier":null,"service_tier":"default","store":true,"temperature":1.0,"text":{"format":{"type":"text"},"verbosity":"medium"},"tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1.0,"presence_penalty":0.0,"frequency_penalty":0.0,"truncation":"disabled","usage":null,"user":null,"metadata":{}}"#;

/// A run's id as that of its response.
pub(crate) fn prefixed(run_id: RunId) -> String {
    format!("resp_{run_id}")
}

/// The response as it stands, with these items.
pub(super) fn response(run: &Run, output: &[Value]) -> Value {
    let start = &run.start;
    let request = &start.request;
    // What is compiled in is an object; a null would take the members all the same.
    let mut told: Value = serde_json::from_str(BLANK).unwrap_or_default();
    told["id"] = prefixed(start.run_id).into();
    told["created_at"] = (start.created_at_ms / 1000).into();
    told["temperature"] = request.temperature.into();
    told["output"] = output.to_vec().into();
    told["model"] = model(request.preferences.priority).into();
    told["previous_response_id"] = request.previous_run_id.map(prefixed).into();
    let mut given = usize::MAX;
    match &request.echo {
        Some(echo) => {
            for (name, value) in &**echo {
                if told.get(name).is_some() {
                    told[name] = value.clone();
                }
            }
            let chars = echo.get(INSTRUCTIONS).and_then(Value::as_u64);
            given = chars.and_then(|it| it.try_into().ok()).unwrap_or_default();
        }
        None => told["max_output_tokens"] = request.max_tokens.into(),
    }
    if let Some(instructions) = request.preferences.instructions.as_deref()
        && given > 0
    {
        let instructions: String = instructions.chars().take(given).collect();
        told["instructions"] = instructions.into();
    }
    if let Some(schema) = &request.answer_schema
        && told["text"]["format"]["type"] == "json_schema"
    {
        told["text"]["format"]["schema"] = schema.schema.clone();
    }
    let status = status(run);
    told["status"] = status.into();
    if let Phase::Ended {
        status: ended,
        duration_ms,
        ..
    } = run.phase
    {
        told["usage"] = used(run.summary().usage);
        match (status, end(run, ended).as_said) {
            ("completed", _) => {
                told["completed_at"] = ((start.created_at_ms + duration_ms) / 1000).into();
            }
            ("incomplete", _) => {
                told["incomplete_details"] = json!({"reason": "max_output_tokens"});
            }
            (_, Err(problem)) => {
                let message = format!("{} {}", problem.message, problem.remedy);
                told["error"] = json!({"code": FAILED, "message": message.trim()});
            }
            (_, Ok(_)) => {}
        }
    }
    told
}

/// Where the response stands.
pub(super) fn status(run: &Run) -> &'static str {
    match run.ended() {
        None if run.rounds.is_empty() && run.start.request.is_in_background() => "queued",
        None => "in_progress",
        Some(Status::Cancelled) => "cancelled",
        Some(ended) => match end(run, ended).as_said {
            Ok(FinishReason::Stop) => "completed",
            Ok(FinishReason::Length) => "incomplete",
            Err(_) => "failed",
        },
    }
}

/// Whether programs are to be items of their own.
pub(super) fn tells_code(run: &Run) -> bool {
    let echo = run.start.request.echo.as_ref();
    echo.is_some_and(|echo| echo.contains_key(CODE))
}

/// The name under which a run with such a priority is asked for.
const fn model(priority: Priority) -> &'static str {
    match priority {
        Priority::Balanced => "orchestrator",
        Priority::Quality => "orchestrator-quality",
        Priority::Cost => "orchestrator-cost",
        Priority::Latency => "orchestrator-latency",
    }
}

fn used(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_input_tokens, "cache_write_tokens": 0},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.total(),
    })
}
