//! What can happen while a driver works on a run.

use crate::{Call, CallEnd, Epoch, Event, ModelId, Quote, Restart, Seq};

/// How a run passed from one driver to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takeover {
    pub epoch: Epoch,
    pub reason: String,
    /// The previous driver was lost: it neither suspended nor released the run.
    pub lost: bool,
    /// The model that decides now: a redeploy may have changed it.
    pub orchestrator: ModelId,
    /// Who decides where that one cannot.
    pub fallback: Vec<ModelId>,
}

/// Everything that can happen to a driven run.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The run has been started or taken over by this driver, which may now act.
    Begin,
    /// This driver has raised the epoch of a run that another one left.
    TakeOver(Takeover),
    /// A call wrote a piece of text.
    Text { call: Call, content: String },
    /// The text of a call so far is void: it continues as its next attempt, to which its text belongs from here on.
    StartedOver { call: Call, restart: Restart },
    /// It is time, as [`State::wake_at`](crate::State::wake_at) said.
    Woken,
    /// What calls can take at most that are about to be made.
    Quoted { quotes: Vec<Quote> },
    /// A call has come to its end.
    CallEnded { call: Call, end: CallEnd },
    /// The next part of what was proposed is in the log.
    Stored { events: Vec<Event> },
    /// The append collided: others have written events in its place.
    Collided {
        epoch: Epoch,
        events: Vec<(Seq, Event)>,
    },
    /// What a poll found: the log may have grown without this driver.
    Polled {
        epoch: Epoch,
        events: Vec<(Seq, Event)>,
    },
    /// A commanded call was not begun, because the function's time would not suffice.
    NotBegun { call: Call, reason: String },
    /// A call was broken off at the end of the function's time; the next driver makes another attempt.
    BrokenOff { call: Call, restart: Restart },
    /// This process is being stopped: write what is held, and leave the run to the next driver.
    Leave,
    /// Another driver holds the run, or this one cannot prove that it does.
    LeaseLost,
    /// The log cannot be written.
    StoreFailed { message: String },
}
