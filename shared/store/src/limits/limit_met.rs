//! Why an account gives nothing.

use run::Cost;

/// A limit that a start would have passed. Nothing is stored of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitMet {
    /// The first of the starts that are counted is a minute old then.
    RunsPerMinute {
        limit: u32,
        free_at_ms: u64,
    },
    Parallel {
        limit: u32,
    },
    PerDay {
        limit: Cost,
        /// What is neither spent nor set aside.
        left: Cost,
        /// When the day is over.
        resets_at_ms: u64,
    },
}
