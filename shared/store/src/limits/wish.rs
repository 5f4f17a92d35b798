//! What is asked of accounts.

use run::{Cost, RunId};

/// What asks its accounts for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    Run,
    /// A request of a chat page for itself: no run, and one call of a model.
    Task,
}

/// What a run asks of its accounts.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    pub asker: Asker,
    pub run_id: RunId,
    /// What it may cost at most, where its request says so.
    pub max_cost: Option<Cost>,
    /// What is set aside for it where its request does not, if so much is left.
    pub default_cost: Cost,
    /// When its place among the runs at once is free again if nobody ends it, in milliseconds since 1970.
    pub slot_until_ms: u64,
    pub now_ms: u64,
}
