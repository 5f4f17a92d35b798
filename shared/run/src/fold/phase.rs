//! Where a run stands.

use crate::{CallId, Status};

/// The state of a run's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It is in progress.
    Working(Step),
    /// The last driver suspended it at this step, and no other has taken over.
    Suspended(Step),
    /// The answer stands. `is_partial`: it is only the best text that there was when the run's money was used up.
    Answered { by: CallId, is_partial: bool },
    Ended {
        status: Status,
        duration_ms: u64,
        answered_by: Option<CallId>,
    },
}

/// What the run waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The first round has not begun.
    Starting,
    /// The orchestrator is being asked.
    Deciding,
    /// The tools of the last round are running, or what follows from their results is not decided yet.
    Acting,
}

impl Phase {
    /// The step that an unfinished run is at, also while it is suspended.
    pub(crate) const fn step(&self) -> Option<Step> {
        match self {
            Self::Working(step) | Self::Suspended(step) => Some(*step),
            Self::Answered { .. } | Self::Ended { .. } => None,
        }
    }

    /// Moves an unfinished run to a step.
    pub(super) const fn go_to(&mut self, next: Step) {
        match self {
            Self::Working(step) | Self::Suspended(step) => *step = next,
            Self::Answered { .. } => *self = Self::Working(next),
            Self::Ended { .. } => {}
        }
    }
}
