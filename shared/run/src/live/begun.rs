//! What a driver knows of a call that it began.

use std::collections::BTreeMap;

use super::gathered::Gathered;
use crate::{CallEnd, Restart};

/// A call that this driver began.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LiveCall {
    UnderWay(Work),
    /// Its end is not stored.
    Ended {
        work: Work,
        end: CallEnd,
    },
    /// The next driver makes it again. `restarts` holds, by the number of each next attempt, what ended the one before it; the log may
    /// know the first of them.
    BrokenOff {
        restarts: BTreeMap<u32, Restart>,
    },
}

/// The current attempt, and the attempts that led to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Work {
    /// The one that is under way here; the log may know only an earlier one.
    pub(crate) attempt: u32,
    /// Milliseconds since 1970.
    pub(crate) began_at_ms: u64,
    /// Attempts of this driver, each with what ended the one before it; the log may know the first of them.
    pub(crate) restarts: BTreeMap<u32, Restart>,
    /// Text that is not stored.
    pub(crate) gathered: Option<Gathered>,
}

impl Work {
    /// An attempt that begins now, in milliseconds since 1970.
    pub(super) const fn new(attempt: u32, now_ms: u64) -> Self {
        Self {
            attempt,
            began_at_ms: now_ms,
            restarts: BTreeMap::new(),
            gathered: None,
        }
    }
}

impl LiveCall {
    /// Its work, unless that was broken off.
    pub(super) const fn work(&self) -> Option<&Work> {
        match self {
            Self::UnderWay(work) | Self::Ended { work, .. } => Some(work),
            Self::BrokenOff { .. } => None,
        }
    }

    pub(super) const fn work_mut(&mut self) -> Option<&mut Work> {
        match self {
            Self::UnderWay(work) | Self::Ended { work, .. } => Some(work),
            Self::BrokenOff { .. } => None,
        }
    }
}
