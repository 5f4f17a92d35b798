//! What the loop wants done.

use crate::{Call, CallId, Event, Seq, Status};

/// What the driver is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Append these events at `first`; one append is in flight at a time.
    Append { first: Seq, events: Vec<Event> },
    /// Show this to whoever watches.
    Tell(Telling),
    /// Begin this call.
    Call(Call),
    /// Drop the calls in flight.
    Abort,
    /// There is nothing more to do for this driver.
    Stop(StopReason),
}

/// Something to show.
#[derive(Clone, Debug, PartialEq)]
pub enum Telling {
    /// A stored event.
    Stored { seq: Seq, event: Event },
    /// Text as it is written, before it is stored.
    Live {
        call_id: CallId,
        attempt: u32,
        offset: u64,
        content: String,
    },
}

/// Why a driver is done with a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    Ended(Status),
    Suspended,
    /// This process is being stopped; calls in flight are dropped.
    Released,
    /// Another driver has the run.
    Superseded,
    StoreFailed {
        message: String,
    },
}
