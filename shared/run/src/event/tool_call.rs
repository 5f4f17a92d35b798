//! A call of a tool, in the log and as it is read.
//!
//! The log holds its parts side by side with those of what is in it. They are written out here: `serde(flatten)` makes far
//! larger functions.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{CallId, CallSpec, Composition, ModelId, Origin, Reservation, Role, ToolName};

/// A call of a tool, stored before it is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct ToolCall {
    pub call_id: CallId,
    pub spec: CallSpec,
    /// For its first attempt.
    pub reserved: Option<Reservation>,
}

/// As it stands in the log.
#[derive(Serialize, Deserialize)]
struct Stored {
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    composition: Option<Box<Composition>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reserved: Option<Reservation>,
}

/// Where pages were looked for before tools declared it: in every result.
#[expect(clippy::unnecessary_wraps, reason = "the default of an optional field")]
fn undeclared_sources() -> Option<String> {
    Some("results".to_owned())
}

impl From<Stored> for ToolCall {
    fn from(stored: Stored) -> Self {
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
                composition: stored.composition,
            },
            reserved: stored.reserved,
        }
    }
}

impl From<ToolCall> for Stored {
    fn from(call: ToolCall) -> Self {
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
            composition: spec.composition,
            reserved: call.reserved,
        }
    }
}
