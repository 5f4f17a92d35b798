//! The state of a run.

use std::sync::Arc;

use super::{Phase, Round, Step};
use crate::{Problem, Seq, Start};

/// A run as its log tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub start: Arc<Start>,
    pub last_seq: Seq,
    pub phase: Phase,
    /// Shared with copies of this state, so that proposing costs no copy of the history.
    pub rounds: Vec<Arc<Round>>,
    /// Who asked to cancel.
    pub cancelled_by: Option<String>,
    /// The error that ends the run.
    pub failure: Option<Problem>,
    /// Times taken over.
    pub resumed: u32,
    /// Drivers lost since the last finished round.
    pub recoveries: u32,
}

impl Run {
    /// The state after the first event of a log.
    pub fn begin(start: Start) -> Self {
        Self {
            start: Arc::new(start),
            last_seq: Seq(1),
            phase: Phase::Working(Step::Starting),
            rounds: Vec::new(),
            cancelled_by: None,
            failure: None,
            resumed: 0,
            recoveries: 0,
        }
    }
}
