//! Events as they stand in the log, where their parts are not told apart.
//!
//! Written out, as to have them taken apart (`serde(flatten)`) makes for far larger functions.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Attempt, CallId, CallSpec, Cost, ModelId, Origin, Outcome, Problem, Role, Spent, ToolName,
    Usage,
};

#[derive(Serialize, Deserialize)]
pub(super) struct ToolCall {
    call_id: CallId,
    tool: ToolName,
    arguments: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<ModelId>,
    role: Role,
    repeatable: bool,
    #[serde(default, skip_serializing_if = "Origin::is_model")]
    origin: Origin,
    #[serde(default = "undeclared_sources")]
    sources: Option<String>,
}

/// Where pages were looked for before tools declared it: in every result.
#[expect(clippy::unnecessary_wraps, reason = "the default of an optional field")]
fn undeclared_sources() -> Option<String> {
    Some("results".to_owned())
}

#[derive(Serialize, Deserialize)]
pub(super) struct ToolResult {
    call_id: CallId,
    outcome: Outcome,
    #[serde(default)]
    duration_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cost: Option<Cost>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RunError {
    code: String,
    message: String,
    remedy: String,
    fatal: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempt: Option<Attempt>,
}

impl From<ToolCall> for super::ToolCall {
    fn from(stored: ToolCall) -> Self {
        Self {
            call_id: stored.call_id,
            spec: CallSpec {
                tool: stored.tool,
                arguments: stored.arguments,
                model: stored.model,
                role: stored.role,
                repeatable: stored.repeatable,
                origin: stored.origin,
                sources: stored.sources,
            },
        }
    }
}

impl From<super::ToolCall> for ToolCall {
    fn from(call: super::ToolCall) -> Self {
        let spec = call.spec;
        Self {
            call_id: call.call_id,
            tool: spec.tool,
            arguments: spec.arguments,
            model: spec.model,
            role: spec.role,
            repeatable: spec.repeatable,
            origin: spec.origin,
            sources: spec.sources,
        }
    }
}

impl From<ToolResult> for super::ToolResult {
    fn from(stored: ToolResult) -> Self {
        Self {
            call_id: stored.call_id,
            outcome: stored.outcome,
            spent: Spent {
                duration_ms: stored.duration_ms,
                usage: stored.usage,
                cost: stored.cost,
            },
        }
    }
}

impl From<super::ToolResult> for ToolResult {
    fn from(result: super::ToolResult) -> Self {
        Self {
            call_id: result.call_id,
            outcome: result.outcome,
            duration_ms: result.spent.duration_ms,
            usage: result.spent.usage,
            cost: result.spent.cost,
        }
    }
}

impl From<RunError> for super::RunError {
    fn from(stored: RunError) -> Self {
        Self {
            problem: Problem {
                code: stored.code,
                message: stored.message,
                remedy: stored.remedy,
            },
            fatal: stored.fatal,
            attempt: stored.attempt,
        }
    }
}

impl From<super::RunError> for RunError {
    fn from(error: super::RunError) -> Self {
        let problem = error.problem;
        Self {
            code: problem.code,
            message: problem.message,
            remedy: problem.remedy,
            fatal: error.fatal,
            attempt: error.attempt,
        }
    }
}
