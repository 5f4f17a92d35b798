//! The events of a run as they are stored.
//!
//! Text is stored once, in [`Event::Delta`]; later events point to it by their call. What goes out on the wire is made
//! from the event and the fold before it.

mod run_error;
mod tool_call;
mod tool_result;

use serde::{Deserialize, Serialize};

use crate::{
    AskedBy, Attempt, CallId, Cost, Epoch, ModelId, PromptDigest, Reservation, Start, Status, Usage,
};

pub(crate) use run_error::OVER_BUDGET;
pub use run_error::{Problem, RunError};
pub use tool_call::ToolCall;
pub use tool_result::ToolResult;

/// One stored event. Every one is shown to the client as exactly one frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    Start(Box<Start>),
    RoundStart {
        round: u32,
        /// For the orchestrator's call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reserved: Option<Reservation>,
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
        #[serde(default, skip_serializing_if = "AskedBy::is_native")]
        asked_by: AskedBy,
        /// Of the last attempt only, as in a [`ToolResult`].
        #[serde(default)]
        duration_ms: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usage: Option<Usage>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Cost>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prompt: Option<PromptDigest>,
    },
    ToolCall(ToolCall),
    Delta(Delta),
    /// Forget the text of earlier attempts of this call.
    Retry {
        call_id: CallId,
        /// The new one.
        attempt: u32,
        reason: String,
        /// Who is asked now, where it is a model and known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<ModelId>,
        /// The attempt that ended so.
        #[serde(default, skip_serializing_if = "Attempt::is_unknown")]
        ended: Attempt,
        /// For the new one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reserved: Option<Reservation>,
    },
    ToolResult(ToolResult),
    /// The answer is the text of `call_id`.
    FinalAnswer {
        call_id: CallId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<ModelId>,
        /// The run's money was used up: it is the best text that there was, and not meant as an answer.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_partial: bool,
    },
    Error(RunError),
    Suspended {
        reason: String,
        resume_after_ms: u64,
    },
    Resumed {
        epoch: Epoch,
        reason: String,
        /// The previous driver was lost: its lease ran out.
        lost: bool,
    },
    CancelRequested {
        by: String,
    },
    Complete {
        status: Status,
        duration_ms: u64,
        /// What the orchestrator's call took, where it had ended and the run ended before its decision was stored.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attempt: Option<Attempt>,
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
