//! Catalogues from the time before tools declared their roles.
//!
//! They keep working as they did. In such a catalogue no tool has the field `ends_run`. What its tools do not declare is filled in from
//! the names that the service relied on then. As soon as one tool has `ends_run`, nothing is filled in.

use super::raw::RawTool;

/// The tool that ended a run.
const ENDS_RUN: &str = "answer";
/// The arguments that held a program, the question for a model, and what the model should focus on.
const PROGRAM: &str = "code";
const PROBLEM: &str = "problem";
const FOCUS: &str = "reasoning_focus";
/// The field of results that listed sources.
const SOURCES: &str = "results";

/// Fills in the roles of the tools of such a catalogue. Returns whether it is one.
pub(super) fn fill_in(tools: &mut [RawTool]) -> bool {
    if tools.iter().any(|tool| tool.ends_run.is_some()) {
        return false;
    }
    for tool in tools {
        let takes = |argument: &'static str| {
            let is_taken = tool.function.arguments().any(|name| name == argument);
            is_taken.then(|| argument.to_owned())
        };
        let program = takes(PROGRAM);
        if tool.target.contains_key("models") {
            tool.ends_run = Some(tool.function.name == ENDS_RUN);
            let arguments = [
                ("default_to_question", takes(PROBLEM)),
                ("focus", takes(FOCUS)),
            ];
            for (field, argument) in arguments {
                if let Some(argument) = argument {
                    tool.target.entry(field).or_insert(argument.into());
                }
            }
        } else {
            tool.sources.get_or_insert_with(|| SOURCES.to_owned());
        }
        tool.program = tool.program.take().or(program);
    }
    true
}
