//! A call as a model asked for it, and the check of what it asks for.

use run::{CallSpec, MAX_JSON_LEVELS, Origin, Role, ToolName, is_within_levels};
use serde_json::{Map, Value};

use super::offered_tool::OfferedTool;
use crate::coerce::{self, Read};
use crate::config::Retry;
use crate::refusal;

/// Largest arguments of a call, as JSON: an event that holds them fits into an item of the log.
const MAX_ARGUMENTS_BYTES: usize = 256 * 1024;
/// Longest refusal, in characters.
const MAX_REFUSAL_CHARS: usize = 1000;

/// A call as a model asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedCall {
    pub tool: String,
    /// JSON text as the model wrote it.
    pub arguments: String,
}

impl RequestedCall {
    /// The call where the tools that are offered have other names.
    pub(super) fn of_unknown_tool(&self, offered: &[&str]) -> CallSpec {
        CallSpec {
            tool: ToolName::new(refusal::cut(&self.tool, refusal::MAX_QUOTED_CHARS)),
            arguments: bounded(coerce::as_written(&self.arguments)).unwrap_or_default(),
            model: None,
            role: rejected("unknown_tool", &refusal::unknown_tool(&self.tool, offered)),
            repeatable: true,
            origin: Origin::Model,
            sources: None,
            composition: None,
        }
    }
}

impl OfferedTool<'_> {
    /// The call of this tool, made or refused.
    pub(super) fn call(&self, asked: &RequestedCall) -> CallSpec {
        let Read { arguments, problem } = self.read(&asked.arguments);
        let problem = problem.or_else(|| self.problem(&arguments));
        let (arguments, problem) = match bounded(arguments) {
            Ok(arguments) => (arguments, problem),
            Err(too_long) => (Map::new(), problem.or(Some(too_long))),
        };
        let composition = match problem {
            None => self.composition_for(&arguments),
            Some(_) => None,
        };
        // The models of a call that is made of others are asked in its steps.
        let model = match (&problem, &composition) {
            (None, None) => self.model_for(&arguments).cloned(),
            (Some(_), _) | (None, Some(_)) => None,
        };
        let role = match problem {
            Some(problem) => rejected("invalid_arguments", &problem),
            None if self.ends_run => Role::Answer,
            None => Role::Work,
        };
        CallSpec {
            tool: self.tool.name.clone(),
            model,
            arguments,
            repeatable: role != Role::Work || self.tool.retry == Retry::Safe,
            role,
            origin: Origin::Model,
            sources: self.tool.sources.clone(),
            composition: composition.map(Box::new),
        }
    }

    /// The arguments of a call as they are used.
    fn read(&self, written: &str) -> Read {
        let aliases = self.tool.aliases.iter().map(String::as_str);
        let names: Vec<_> = aliases.chain([self.tool.name.as_str()]).collect();
        coerce::read(written, &self.tool.arguments, &names)
    }

    /// What is wrong with arguments, if anything is.
    fn problem(&self, arguments: &Map<String, Value>) -> Option<String> {
        if let Some(problem) = self.tool.problem_of_arguments(arguments) {
            return Some(problem);
        }
        if self.models.is_empty() || self.model_for(arguments).is_some() {
            return None;
        }
        let names: Vec<_> = self.models.iter().map(|(name, _)| name.as_str()).collect();
        Some(format!("model: expected one of {}", names.join(", ")))
    }
}

/// Arguments that take too much room are not kept: a text that was read as one may grow by what JSON has to escape in it. Nor are
/// those that stand too deep in each other: the log that held them could not be read.
fn bounded(arguments: Map<String, Value>) -> Result<Map<String, Value>, String> {
    let whole = Value::Object(arguments);
    if !is_within_levels(&whole, MAX_JSON_LEVELS) {
        return Err(refusal::too_deep(MAX_JSON_LEVELS));
    }
    let bytes = whole.to_string().len();
    match whole {
        Value::Object(arguments) if bytes <= MAX_ARGUMENTS_BYTES => Ok(arguments),
        _ => Err(refusal::too_long(bytes, MAX_ARGUMENTS_BYTES)),
    }
}

fn rejected(code: &str, message: &str) -> Role {
    Role::Rejected {
        code: code.to_owned(),
        message: refusal::cut(message, MAX_REFUSAL_CHARS),
    }
}
