//! The first event of a run: what was asked, and what was settled about it then.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Composition, Cost, ListedTool, ModelId, Owner, Request, RunId, Source, ToldOfModel, ToolName,
};

/// Everything a run needs to know about itself from its first event on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    pub run_id: RunId,
    /// Who may see it. Logs from before this was written belong to whoever has no name.
    #[serde(default = "Owner::unnamed")]
    pub owner: Owner,
    /// Milliseconds since 1970.
    pub created_at_ms: u64,
    pub request: Request,
    pub plan: Plan,
    /// The tools that servers listed by then, in at most [`MAX_LISTED_BYTES`](crate::MAX_LISTED_BYTES).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<ListedTool>,
    /// What the orchestrator is told of models, in at most [`MAX_TOLD_BYTES`](crate::MAX_TOLD_BYTES): of those that are not here what the
    /// catalogue says. Empty where no description of a tool tells it, and in logs from before it was kept.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub told: BTreeMap<ModelId, ToldOfModel>,
    /// What is known from the run that this one follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior: Option<Box<Prior>>,
    /// What it holds of accounts that have limits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowances: Vec<Allowance>,
}

/// What a run holds of an account until it ends, so that runs that are started side by side pass none of the account's limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// The run's owner, or a name for several owners that have limits together.
    pub account: Owner,
    /// Its place among the account's runs at once. Absent where these have no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<u32>,
    /// What is set aside for it of the account's dollars of the day on which it was started. Absent where these have no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<Cost>,
}

/// Question, answer and sources of the turn before, copied: the run that gave them may be deleted, or there was none. Of each, as much as
/// [`MAX_PRIOR_BYTES`](crate::MAX_PRIOR_BYTES) hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prior {
    pub query: String,
    /// Absent where that run gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// The turns before it, oldest first: of the newest as many as [`MAX_PRIOR_BYTES`](crate::MAX_PRIOR_BYTES) hold together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<EarlierTurn>,
}

/// A question and its answer, further back in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierTurn {
    pub query: String,
    /// Absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// What the operator's configuration said when the run began. It stays, also across a redeploy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Who is asked when the last round brings no answer; absent where no answer tool is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
    /// From the start to the end at most, in milliseconds.
    pub time_limit_ms: u64,
}

/// The call of the strongest allowed answer model, or of a discussion where only such a one ends the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fallback {
    pub tool: ToolName,
    pub arguments: Map<String, Value>,
    /// Absent where several are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub composition: Option<Box<Composition>>,
}

impl Start {
    /// What the run may cost at most: what was asked for, and no more than what is set aside for it. Absent where neither says anything.
    pub fn max_cost(&self) -> Option<Cost> {
        let reserved = self.allowances.iter().filter_map(|it| it.reserved);
        self.request
            .preferences
            .max_cost
            .into_iter()
            .chain(reserved)
            .min()
    }

    /// When the run must have ended, in milliseconds since 1970.
    pub const fn must_end_by_ms(&self) -> u64 {
        self.created_at_ms.saturating_add(self.plan.time_limit_ms)
    }
}
