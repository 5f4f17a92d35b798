//! Encoders: the frames of a client's stream, one file for each protocol.
//!
//! An encoder folds the events that it is given, each once, and knows how far its client has got.

mod events;

pub(super) use events::EventEncoder;

/// The state of a run, as far as a client has been sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    UnderWay,
    /// It waits for another driver.
    Suspended,
    /// There is nothing more to come.
    Over,
}
