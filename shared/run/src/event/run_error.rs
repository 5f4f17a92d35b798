//! What went wrong with a run, in the log and as it is read.
//!
//! The log holds its parts side by side with those of what is in it. They are written out here: `serde(flatten)` makes far
//! larger functions.

use serde::{Deserialize, Serialize};

use crate::Attempt;

/// Something went wrong with the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct RunError {
    pub problem: Problem,
    /// Whether it ends the run.
    pub fatal: bool,
    /// The orchestrator's attempt that ended with it, where one did.
    pub attempt: Option<Attempt>,
}

/// Something that went wrong, for the person who asked: what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub code: String,
    pub message: String,
    pub remedy: String,
}

/// The code of a run whose money was used up before it had any text.
pub(crate) const OVER_BUDGET: &str = "over_budget";

impl Problem {
    /// Whether the run's money was used up.
    pub(crate) fn is_over_budget(&self) -> bool {
        self.code == OVER_BUDGET
    }
}

/// As it stands in the log.
#[derive(Serialize, Deserialize)]
struct Stored {
    code: String,
    message: String,
    remedy: String,
    fatal: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempt: Option<Attempt>,
}

impl From<Stored> for RunError {
    fn from(stored: Stored) -> Self {
        Self {
            problem: Problem {
                code: stored.code,
                message: stored.message,
                remedy: stored.remedy,
            },
            fatal: stored.fatal,
            attempt: stored.attempt,
        }
    }
}

impl From<RunError> for Stored {
    fn from(error: RunError) -> Self {
        let problem = error.problem;
        Self {
            code: problem.code,
            message: problem.message,
            remedy: problem.remedy,
            fatal: error.fatal,
            attempt: error.attempt,
        }
    }
}
