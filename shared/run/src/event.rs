//! The events of a run as they are stored.
//!
//! Text is stored once, in [`Event::Delta`]; later events point to it by their call. What goes out on the wire is made
//! from the event and the fold before it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{CallId, Cost, Epoch, ModelId, Start, Status, ToolName};

/// One stored event. Every one is shown to the client as exactly one frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    Start(Box<Start>),
    RoundStart {
        round: u32,
    },
    OrchestratorThinking {
        round: u32,
        thought: Thought,
    },
    /// The orchestrator has decided; `calls` tool calls follow, 0 means that its text is the answer.
    RoundDecided {
        round: u32,
        calls: u32,
        model: ModelId,
        finish_reason: String,
        usage: Usage,
        cost: Cost,
        duration_ms: u64,
    },
    ToolCall(ToolCall),
    Delta(Delta),
    /// Forget the text of earlier attempts of this call.
    Retry {
        call_id: CallId,
        attempt: u32,
        reason: String,
    },
    ToolResult(ToolResult),
    /// The answer is the text of `call_id`.
    FinalAnswer {
        call_id: CallId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<ModelId>,
    },
    Error {
        #[serde(flatten)]
        problem: Problem,
        fatal: bool,
    },
    Suspended {
        reason: String,
        resume_after_ms: u64,
    },
    Resumed {
        epoch: Epoch,
        reason: String,
        /// The driver before did not leave in good order: its lease ran out.
        lost: bool,
    },
    CancelRequested {
        by: String,
    },
    Complete {
        status: Status,
        duration_ms: u64,
    },
}

/// What the orchestrator thought before it decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thought {
    /// Reasoning that came apart from the content.
    Inline(String),
    /// Text beside tool calls, stored already as the deltas of the orchestrator's call.
    Streamed,
}

/// Tokens of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub input_tokens: u64,
    pub output_tokens: u64,
}

impl Usage {
    pub const fn total(self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
    }
}

/// A call of a tool, stored before it is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    pub call_id: CallId,
    pub tool: ToolName,
    pub arguments: Map<String, Value>,
    /// Where the tool is a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    pub role: Role,
    /// Whether it may be made again when its first result is lost.
    pub repeatable: bool,
}

/// What a tool call is to the round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Finds something out; runs beside its siblings.
    Work,
    /// Ends the run when it succeeds; runs after its siblings.
    Answer,
    /// Asked for, but never made: the tool is unknown or the arguments do not fit.
    Rejected { code: String, message: String },
}

/// A piece of text of one attempt of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    pub call_id: CallId,
    /// From 1.
    pub attempt: u32,
    /// UTF-16 code units of this attempt's text before this piece.
    pub offset: u64,
    pub content: String,
}

/// How a tool call ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolResult {
    pub call_id: CallId,
    pub outcome: Outcome,
    pub duration_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

impl ToolResult {
    /// Whether the tool did what it was asked.
    pub const fn is_ok(&self) -> bool {
        match self.outcome {
            Outcome::Text { .. } | Outcome::Object(_) => true,
            Outcome::Failed { .. } | Outcome::NotRun { .. } => false,
        }
    }
}

/// What came of a tool call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A model wrote; what it wrote are the deltas of this call.
    Text {
        model_name: String,
        finish_reason: String,
    },
    /// Any other tool: its result as it came.
    Object(Map<String, Value>),
    Failed {
        code: String,
        message: String,
        retryable: bool,
    },
    /// It was never begun, so it stands in no total.
    NotRun { reason: String },
}

/// Something that went wrong, for the person who asked: what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub code: String,
    pub message: String,
    pub remedy: String,
}
