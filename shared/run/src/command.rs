//! What the loop wants done.

use crate::{Call, Event, Run, Seq, Status, Update};

/// What the driver is to do.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "most are updates, and none is kept: a box for each would cost more than it saves"
)]
pub enum Command {
    /// Append these events at `first`; one append is in flight at a time.
    Append { first: Seq, events: Vec<Event> },
    /// Tell by [`Input::Quoted`](crate::Input::Quoted), before anything else is fed, what these calls can take at most as they would be
    /// made once the run stands like this.
    Quote { run: Box<Run>, calls: Vec<Call> },
    /// Show this to whoever watches.
    Emit(Update),
    /// Begin this call.
    Call(Call),
    /// Read whether the log has grown without this driver, from `next` on.
    Poll { next: Seq },
    /// Drop the calls in flight.
    Abort,
    /// There is nothing more to do for this driver.
    Stop(StopReason),
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
