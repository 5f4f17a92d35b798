//! How a call of a tool ended, in the log and as it is read.
//!
//! The log holds its parts side by side with those of what is in it. They are written out here: `serde(flatten)` makes far
//! larger functions.

use serde::{Deserialize, Serialize};

use crate::{CallId, Cost, Outcome, PromptDigest, Spent, Usage};

/// How a tool call ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct ToolResult {
    pub call_id: CallId,
    pub outcome: Outcome,
    /// Of the last attempt only: what the earlier ones took is in their [`Event::Retry`](crate::Event::Retry).
    pub spent: Spent,
}

/// As it stands in the log.
#[derive(Serialize, Deserialize)]
struct Stored {
    call_id: CallId,
    outcome: Outcome,
    #[serde(default)]
    duration_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cost: Option<Cost>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prompt: Option<PromptDigest>,
}

impl From<Stored> for ToolResult {
    fn from(stored: Stored) -> Self {
        Self {
            call_id: stored.call_id,
            outcome: stored.outcome,
            spent: Spent {
                duration_ms: stored.duration_ms,
                usage: stored.usage,
                cost: stored.cost,
                prompt: stored.prompt,
            },
        }
    }
}

impl From<ToolResult> for Stored {
    fn from(result: ToolResult) -> Self {
        Self {
            call_id: result.call_id,
            outcome: result.outcome,
            duration_ms: result.spent.duration_ms,
            usage: result.spent.usage,
            cost: result.spent.cost,
            prompt: result.spent.prompt,
        }
    }
}
