//! What the orchestrator is told to do, in the growing conversation.

use catalog::ToolSet;
use run::{Mode, Priority, Request};

use super::template::{filled, text};

/// The tools that write the answer, as a sentence names them; `None` where the orchestrator alone can answer.
pub(super) fn ending(tool_set: &ToolSet<'_>) -> Option<String> {
    let names: Vec<_> = tool_set.ending().map(|name| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| names.join(" or "))
}

/// The system's message. `ending` are the tools that write the answer, where there are any.
pub(super) fn system(request: &Request, ending: Option<&str>) -> String {
    let mut told = filled!("chat/system.txt", answering = &answering(request, ending));
    let wish = match request.preferences.priority {
        Priority::Balanced => None,
        Priority::Quality => Some(text!("chat/wants_quality.txt")),
        Priority::Cost => Some(text!("chat/wants_low_cost.txt")),
        Priority::Latency => Some(text!("chat/wants_speed.txt")),
    };
    for wish in wish
        .into_iter()
        .chain(request.preferences.instructions.as_deref())
    {
        told.push_str("\n- ");
        told.push_str(wish);
    }
    told
}

/// How to answer.
fn answering(request: &Request, ending: Option<&str>) -> String {
    match (request.preferences.mode, ending) {
        (Mode::Auto, Some(tool)) if request.answer_schema.is_some() => {
            filled!("chat/answering_by_schema.txt", tool = tool)
        }
        (Mode::Auto, Some(tool)) => filled!("chat/answering_by_tool.txt", tool = tool),
        (Mode::Discussion, Some(tool)) => {
            filled!("chat/answering_by_discussion.txt", tool = tool)
        }
        (Mode::Auto | Mode::Discussion, None) => text!("chat/answering_in_text.txt").to_owned(),
    }
}

/// What is said of the last round.
pub(super) fn last_round(request: &Request, ending: Option<&str>) -> String {
    match ending {
        Some(tool) if request.takes_text_as_answer() => {
            filled!("chat/last_round_by_tool.txt", tool = tool)
        }
        Some(tool) => filled!("chat/last_round_by_tool_alone.txt", tool = tool),
        None => text!("chat/last_round_in_text.txt").to_owned(),
    }
}
