//! Calls that are items of their own: searches, and programs where the caller names their tool.

use run::{CallState, Outcome, RunId};
use serde_json::{Value, json};

const SEARCH: &str = "search";
const CODE_INTERPRETER: &str = "code_interpreter";

/// The item of a call that begins, where it is one. `index` is its place.
pub(super) fn item(
    call: &CallState,
    run_id: RunId,
    index: usize,
    tells_code: bool,
) -> Option<Value> {
    let spec = &call.spec;
    if spec.is_rejected() {
        return None;
    }
    let argument = |name: &str| spec.arguments.get(name)?.as_str();
    match spec.tool.as_str() {
        SEARCH => {
            let query = argument("query")?;
            Some(json!({
                "type": "web_search_call",
                "id": format!("ws_{run_id}_{index}"),
                "status": "in_progress",
                "action": {"type": "search", "query": query, "queries": [query], "sources": []},
            }))
        }
        CODE_INTERPRETER if tells_code => Some(json!({
            "type": "code_interpreter_call",
            "id": format!("ci_{run_id}_{index}"),
            "status": "in_progress",
            "container_id": format!("cntr_{run_id}"),
            "code": argument("code")?,
            "outputs": null,
        })),
        _ => None,
    }
}

/// What the frames of such an item begin with, and the name of its second one.
pub(super) fn stages(item: &Value) -> (&'static str, &'static str) {
    if item["type"] == "web_search_call" {
        ("response.web_search_call", "searching")
    } else {
        ("response.code_interpreter_call", "interpreting")
    }
}

/// Adds what a call has brought.
pub(super) fn end(item: &mut Value, call: &CallState) {
    item["status"] = if call.succeeded() {
        "completed"
    } else {
        "failed"
    }
    .into();
    if item["type"] == "web_search_call" {
        let sources = call.sources().into_iter();
        let sources = sources.map(|source| json!({"type": "url", "url": source.url}));
        item["action"]["sources"] = sources.collect();
    } else if let Some(Outcome::Object(result)) = &call.outcome {
        let written = ["stdout", "stderr"].into_iter();
        let logs = written.filter_map(|name| result.fields().get(name)?.as_str());
        item["outputs"] = json!([{"type": "logs", "logs": logs.collect::<String>()}]);
    }
}
