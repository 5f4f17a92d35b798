//! The tools that this server offers, and what each of them gives of a run.

use run::Status;
use serde_json::{Map, Value, json};

use super::super::ApiError;
use crate::sse::Steps;

const TOOLS: &str = include_str!("tools.json");
const GOES_ON: &str = "The run goes on: call get_run with this run_id.";
const CUT_SHORT: &str = "The run may have had more to say: ask again with a higher max_rounds or max_cost_usd for a fuller answer.";

/// The list of tools. What they give has one schema.
///
/// # Errors
/// The list, which is compiled in, is no JSON.
pub(super) fn list() -> serde_json::Result<Value> {
    let mut listed: Value = serde_json::from_str(TOOLS)?;
    let result = listed["result"].take();
    let mut tools = listed["tools"].take();
    for tool in tools.as_array_mut().into_iter().flatten() {
        tool["outputSchema"] = result.clone();
    }
    Ok(tools)
}

/// What a tool gives of a run as it stands.
pub(super) fn result(steps: &Steps) -> Map<String, Value> {
    let Some(run) = steps.run() else {
        return refused(&ApiError::no_such_run());
    };
    let problem = steps.problem();
    let next = match (run.ended(), problem) {
        (None, _) => Value::from(GOES_ON),
        (Some(_), Some(problem)) => {
            let told = format!("{}: {} {}", problem.code, problem.message, problem.remedy);
            Value::from(told.trim())
        }
        (Some(Status::OutOfRounds | Status::OverBudget), None) => CUT_SHORT.into(),
        (Some(Status::Completed | Status::Cancelled | Status::Failed), None) => Value::Null,
    };
    let structured = json!({
        "run_id": run.start.run_id,
        "status": run.ended().map_or("running", Status::as_str),
        "answer": run.answer(),
        "sources": run.sources(),
        "cost_usd": run.summary().cost.usd(),
        "next": next,
    });
    let mut result = said(&structured.to_string(), problem.is_some());
    result.insert("structuredContent".to_owned(), structured);
    result
}

/// What a tool gives that was refused: whoever called it can mend it.
pub(super) fn refused(error: &ApiError) -> Map<String, Value> {
    said(&format!("{}: {}", error.code(), error.message()), true)
}

fn said(text: &str, is_error: bool) -> Map<String, Value> {
    Map::from_iter([
        (
            "content".to_owned(),
            json!([{"type": "text", "text": text}]),
        ),
        ("isError".to_owned(), is_error.into()),
    ])
}
