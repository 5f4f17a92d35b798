//! The outcome of a call, and the error of one that failed.

use serde::{Deserialize, Serialize};

use crate::{CallId, ToolObject};

/// The outcome of a tool call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A model wrote; what it wrote are the deltas of this call.
    Text {
        model_name: String,
        finish_reason: String,
    },
    /// Any other tool: its result as it came.
    Object(ToolObject),
    /// Inner steps were made in its place: what it came to is what this one of them brought.
    Composed { by: CallId },
    /// The tool was called, and did not do what it was asked.
    Failed {
        code: String,
        message: String,
        retryable: bool,
    },
    /// It was refused before it was made.
    Rejected { code: String, message: String },
    /// The run ended before it began.
    NotRun { reason: String },
    /// The run ended while it was under way.
    Cancelled { reason: String },
    /// What it might have cost was more than was left of the run's money. `has_begun`: an attempt before was made.
    OverBudget { has_begun: bool },
}

/// The code of an answer call whose text does not fit the schema of the answer, and did not when it was mended.
pub const INVALID_ANSWER: &str = "invalid_answer";

const OVER_BUDGET: &str =
    "What it might have cost was more than is left of the run's max_cost_usd, so it was not made.";
const OVER_BUDGET_AGAIN: &str = "An attempt failed, and what another one might have cost was more than is left of the run's max_cost_usd.";

/// The reason for which servers end a reply that is too long.
const CUT: &str = "length";

/// Why a call has no result, in the words that the model, the client and the page all get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CallError<'a> {
    pub code: &'a str,
    pub message: &'a str,
    /// Whether the same call may succeed later.
    pub retryable: bool,
}

impl Outcome {
    /// Whether the tool did what it was asked.
    pub const fn is_ok(&self) -> bool {
        match self {
            Self::Text { .. } | Self::Object(_) | Self::Composed { .. } => true,
            Self::Failed { .. }
            | Self::Rejected { .. }
            | Self::NotRun { .. }
            | Self::OverBudget { .. }
            | Self::Cancelled { .. } => false,
        }
    }

    /// Whether the tool was called at all; calls that were not made count in no total.
    pub const fn was_called(&self) -> bool {
        match self {
            Self::Text { .. }
            | Self::Object(_)
            | Self::Composed { .. }
            | Self::Failed { .. }
            | Self::Cancelled { .. } => true,
            Self::OverBudget { has_begun } => *has_begun,
            Self::Rejected { .. } | Self::NotRun { .. } => false,
        }
    }

    /// Whether a model wrote, and was stopped by the length of its reply.
    pub fn is_cut(&self) -> bool {
        match self {
            Self::Text { finish_reason, .. } => finish_reason == CUT,
            Self::Object(_)
            | Self::Composed { .. }
            | Self::Failed { .. }
            | Self::Rejected { .. }
            | Self::NotRun { .. }
            | Self::OverBudget { .. }
            | Self::Cancelled { .. } => false,
        }
    }

    /// Why it has no result, where it has none.
    pub fn error(&self) -> Option<CallError<'_>> {
        let (code, message, retryable) = match self {
            Self::Text { .. } | Self::Object(_) | Self::Composed { .. } => return None,
            Self::Failed {
                code,
                message,
                retryable,
            } => (code.as_str(), message.as_str(), *retryable),
            Self::Rejected { code, message } => (code.as_str(), message.as_str(), false),
            Self::NotRun { reason } => ("not_run", reason.as_str(), false),
            Self::Cancelled { reason } => ("cancelled", reason.as_str(), false),
            Self::OverBudget { has_begun: false } => ("not_run", OVER_BUDGET, false),
            Self::OverBudget { has_begun: true } => ("over_budget", OVER_BUDGET_AGAIN, false),
        };
        Some(CallError {
            code,
            message,
            retryable,
        })
    }
}
