//! Catalogues from the time before tools declared their roles.
//!
//! They keep working as they did. In such a catalogue no tool has the field `ends_run`. What its tools do not declare is filled in from
//! the names that the service relied on then. As soon as one tool has `ends_run`, nothing is filled in; what would have been is
//! listed, as whoever added that one field to an older file may not know it.

use super::raw::RawTool;

/// The tool that ended a run.
const ENDS_RUN: &str = "answer";
/// The arguments that held a program, the question for a model, and what the model should focus on.
const PROGRAM: &str = "code";
const PROBLEM: &str = "problem";
const FOCUS: &str = "reasoning_focus";
/// The field of results that listed sources.
const SOURCES: &str = "results";

/// What a catalogue leaves unsaid.
pub(super) enum Unsaid {
    /// Everything: names have told what its tools are.
    Everything,
    /// Fields that names would have told, as paths.
    Fields(Vec<String>),
}

/// Fills in the roles of the tools of an older catalogue; changes no other.
pub(super) fn fill_in(tools: &mut [RawTool]) -> Unsaid {
    if tools.iter().any(|tool| tool.ends_run.is_some()) {
        let tools = tools.iter().enumerate();
        return Unsaid::Fields(
            tools
                .flat_map(|(index, tool)| unsaid_of(index, tool))
                .collect(),
        );
    }
    // Discussions and chains are younger than the field.
    let is_older = |tool: &&mut RawTool| {
        let mut younger = ["discuss", "chain"].into_iter();
        !younger.any(|kind| tool.target.contains_key(kind))
    };
    for tool in tools.iter_mut().filter(is_older) {
        let named = |argument| takes(tool, argument).then(|| argument.to_owned());
        let [program, problem, focus] = [PROGRAM, PROBLEM, FOCUS].map(named);
        if tool.target.contains_key("models") {
            tool.ends_run = Some(tool.function.name == ENDS_RUN);
            let arguments = [("default_to_question", problem), ("focus", focus)];
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
    Unsaid::Everything
}

fn takes(tool: &RawTool, argument: &str) -> bool {
    tool.function.arguments().any(|name| name == argument)
}

/// The fields of a tool that its arguments' names would have told.
fn unsaid_of(index: usize, tool: &RawTool) -> Vec<String> {
    let is_model = tool.target.contains_key("models");
    let in_target = |field| is_model && !tool.target.contains_key(field);
    let fields = [
        ("program", PROGRAM, tool.program.is_none()),
        (
            "target.default_to_question",
            PROBLEM,
            in_target("default_to_question"),
        ),
        ("target.focus", FOCUS, in_target("focus")),
    ];
    fields
        .into_iter()
        .filter(|(_, argument, is_unsaid)| *is_unsaid && takes(tool, argument))
        .map(|(field, argument, _)| format!("tools[{index}].{field} (its argument `{argument}`)"))
        .collect()
}
