//! What a client is told, written as its protocol has it: one file for each protocol.
//!
//! An encoder folds the events that it is given, each once, and says how far that has brought its client.

mod events;

pub(super) use events::EventEncoder;

/// Where a run stands, as far as a client has been told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    UnderWay,
    /// It waits for another driver.
    Suspended,
    /// There is nothing more to come.
    Over,
}
