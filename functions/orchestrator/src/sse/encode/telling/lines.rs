//! Lines about the steps of a run.

use run::{CallState, ModelId, Outcome, Run, Thought, ToolCall};
use serde_json::Value;

/// Longest line about a step, in characters.
const LINE_CHARS: usize = 200;

/// What the orchestrator thought before it decided.
pub(super) fn thought_of(run: &Run, round: u32, thought: &Thought) -> Option<String> {
    let thought = match thought {
        Thought::Inline(text) => Some(&**text),
        Thought::Streamed => run.round(round).map(|round| &*round.text.text),
    };
    let thought = thought.map(str::trim).filter(|thought| !thought.is_empty());
    thought.map(str::to_owned)
}

/// That a call starts over: why, and who is asked.
pub(super) fn retried(reason: Option<&str>, model: Option<&ModelId>) -> Option<String> {
    let asked = model.map(|model| format!("{model} is asked"));
    let parts: Vec<_> = reason.map(str::to_owned).into_iter().chain(asked).collect();
    let line = on_one_line(&parts.join("; "));
    Some(line).filter(|line| !line.is_empty())
}

/// A call, as `search: what is searched for`, or `answer (phi)`.
pub(super) fn called(call: &ToolCall) -> String {
    let spec = &call.spec;
    let texts = || spec.arguments.values().filter_map(Value::as_str);
    let told = match &spec.model {
        // One of its arguments is the model.
        Some(_) if texts().count() < 2 => None,
        Some(_) => texts().max_by_key(|text| text.len()).map(str::to_owned),
        None => match (texts().next(), texts().count(), spec.arguments.len()) {
            (_, _, 0) => None,
            (Some(text), 1, _) => Some(text.to_owned()),
            _ => Some(Value::Object(spec.arguments.clone()).to_string()),
        },
    };
    let model = spec.model.as_ref().map(|model| format!(" ({model})"));
    let told = told.map(|told| format!(": {told}"));
    on_one_line(&format!(
        "{}{}{}",
        spec.tool,
        model.unwrap_or_default(),
        told.unwrap_or_default()
    ))
}

/// A call that came to nothing.
pub(super) fn failed(call: &CallState) -> Option<String> {
    let error = call.outcome.as_ref().and_then(Outcome::error)?;
    Some(on_one_line(&format!(
        "{} did not succeed: {}",
        call.spec.tool, error.message
    )))
}

/// The beginning of a text, on one line.
pub(super) fn on_one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(LINE_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
