//! How attempts at calls end, as the driver reports them.

use crate::{AskedBy, Attempt, CallSpec, ModelId, Outcome, Problem, Reservation, Spent};

/// How a call came to its end.
#[derive(Clone, Debug, PartialEq)]
pub enum CallEnd {
    /// The orchestrator's reply, checked against the catalogue.
    Decided(Reply),
    /// The orchestrator could not be asked, or gave no decision.
    OrchestratorFailed { problem: Problem, attempt: Attempt },
    /// A tool's end, and what its last attempt took.
    Tool { outcome: Outcome, spent: Spent },
}

/// What the orchestrator decided; its text has come as deltas.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    pub model: ModelId,
    pub asked_by: AskedBy,
    pub finish_reason: String,
    /// By the last attempt.
    pub spent: Spent,
    pub reasoning: Option<String>,
    /// What it asked for, each checked; the refused ones too.
    pub calls: Vec<CallSpec>,
}

/// Why an attempt at a call is void, and what it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restart {
    pub reason: String,
    /// Who is asked in the next attempt, where that is a model.
    pub model: Option<ModelId>,
    /// The attempt that is void.
    pub ended: Attempt,
    /// What the next attempt can take at most, where it is not to be made before so much is set aside for it. `None`: what was set aside
    /// for the call lasts.
    pub reserves: Option<Reservation>,
}
