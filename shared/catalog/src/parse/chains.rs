//! Chains and the tools that they call, once all tools are read.

use run::{Chain, ToolName};
use serde_json::{Map, Value};

use crate::config::{ChainTarget, Target, Tool};
use crate::config_error::ConfigError;

/// What is taken at least, in characters.
const SHORTEST: usize = Chain::MIN_TAKEN_CHARS;

/// Checks that each chain calls a tool that there is, within its time, and that each tool which is not offered is called by one.
pub(super) fn check(tools: &[Tool]) -> Result<(), ConfigError> {
    for (path, tool, chain) in chains(tools) {
        let at = format!("{path}.target.chain.then.tool");
        let Some(called) = find(tools, &chain.then) else {
            let names: Vec<_> = tools.iter().filter(|it| is_callable(it)).collect();
            let names: Vec<_> = names.iter().map(|it| it.name.as_str()).collect();
            let problem = format!(
                "expected a tool of this file ({}), found `{}`",
                names.join(", "),
                chain.then
            );
            return Err(ConfigError::at(at, problem));
        };
        if !is_callable(called) {
            let problem = format!(
                "expected a function, a server or a tool of one; `{}` is made of models",
                chain.then
            );
            return Err(ConfigError::at(at, problem));
        }
        if tool.timeout_ms <= called.timeout_ms {
            let problem = format!(
                "expected more than the {} ms of `{}`, which it calls; the rest is for the model that writes",
                called.timeout_ms, called.name
            );
            return Err(ConfigError::at(format!("{path}.timeout_ms"), problem));
        }
    }
    let hidden = tools
        .iter()
        .enumerate()
        .filter(|(_, tool)| !tool.is_offered);
    for (index, tool) in hidden {
        let mut chains = chains(tools);
        if !chains.any(|(_, _, chain)| chain.then == tool.name) {
            let problem = format!(
                "expected a chain that calls `{}`, or `true`: nobody could call it",
                tool.name
            );
            return Err(ConfigError::at(format!("tools[{index}].offered"), problem));
        }
    }
    Ok(())
}

/// Checks that the tools take what chains give them, by their own schemas: the shortest text that is taken, and the longest one.
pub(super) fn check_arguments(tools: &[Tool]) -> Result<(), ConfigError> {
    for (path, _, chain) in chains(tools) {
        let Some(called) = find(tools, &chain.then) else {
            continue;
        };
        let lengths = [SHORTEST].into_iter().chain(chain.max_chars);
        for length in lengths.filter(|length| *length >= SHORTEST) {
            let taken = Value::from("x".repeat(length));
            let mut arguments = Map::from_iter([(chain.argument.clone(), taken)]);
            arguments.extend(chain.arguments.clone());
            if let Some(problem) = called.problem_of_arguments(&arguments) {
                let problem = format!(
                    "`{}` does not take these, with a text of {length} characters for `{{taken}}`: {problem}",
                    called.name
                );
                let at = format!("{path}.target.chain.then.arguments");
                return Err(ConfigError::at(at, problem));
            }
        }
    }
    Ok(())
}

/// Each with the path of its tool.
fn chains(tools: &[Tool]) -> impl Iterator<Item = (String, &Tool, &ChainTarget)> {
    tools.iter().enumerate().filter_map(|(index, tool)| {
        let chain = match &tool.target {
            Target::Chain(chain) => chain,
            Target::Models(_)
            | Target::Lambda(_)
            | Target::Http(_)
            | Target::Discuss(_)
            | Target::Mcp(_) => return None,
        };
        Some((format!("tools[{index}]"), tool, chain))
    })
}

fn find<'a>(tools: &'a [Tool], name: &ToolName) -> Option<&'a Tool> {
    tools.iter().find(|tool| tool.name == *name)
}

/// Whether a chain may call it: it brings an object, and is made of no other calls.
const fn is_callable(tool: &Tool) -> bool {
    match tool.target {
        Target::Lambda(_) | Target::Http(_) | Target::Mcp(_) => true,
        Target::Models(_) | Target::Discuss(_) | Target::Chain(_) => false,
    }
}
