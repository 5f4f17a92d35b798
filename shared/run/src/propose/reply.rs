//! How calls end, as the driver reports it.

use serde_json::{Map, Value};

use crate::{Cost, ModelId, Outcome, Problem, ToolName, Usage};

/// How a call came to its end.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrived {
    /// The orchestrator's reply, checked against the catalogue.
    Decided(Reply),
    /// The orchestrator could not be asked.
    Undecided(Problem),
    /// A tool's end.
    Result {
        outcome: Outcome,
        duration_ms: u64,
        usage: Option<Usage>,
        cost: Option<Cost>,
    },
}

/// What the orchestrator decided; its text has come as deltas.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    pub model: ModelId,
    pub finish_reason: String,
    pub usage: Usage,
    pub cost: Cost,
    pub duration_ms: u64,
    pub reasoning: Option<String>,
    pub calls: Vec<ProposedCall>,
}

/// A tool call that the orchestrator asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposedCall {
    pub tool: ToolName,
    pub arguments: Map<String, Value>,
    pub model: Option<ModelId>,
    pub verdict: Verdict,
}

/// Whether a call may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Work { repeatable: bool },
    Answer,
    Rejected { code: String, message: String },
}
