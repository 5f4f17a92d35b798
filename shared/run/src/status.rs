//! How runs end.

use serde::{Deserialize, Serialize};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Completed,
    Failed,
    Cancelled,
    OutOfRounds,
    /// What it might still have cost was more than it may, or a server charged more than was asked of it.
    OverBudget,
}

impl Status {
    /// As it stands on the wire and in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::OutOfRounds => "out_of_rounds",
            Self::OverBudget => "over_budget",
        }
    }
}
