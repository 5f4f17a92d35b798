//! What the loop wants to write next: a pure function of the fold and of the facts that are not stored.
//!
//! A draft of the run is advanced step by step, as far as it goes without waiting.

mod acting;
mod chaining;
mod composing;
mod deciding;
mod draft;
mod ending;
mod next_steps;
mod problems;
mod results;
mod takeover;
mod text;

use draft::Draft;

use crate::live::Live;
use crate::{Event, Phase, Run, Status, Step};

/// All events that can be written now, in order; none when the run waits for something.
pub(crate) fn propose(run: &Run, live: &Live, now_ms: u64) -> Vec<Event> {
    let mut draft = Draft {
        run: run.clone(),
        live,
        now_ms,
        was_suspended: matches!(run.phase, Phase::Suspended(_)),
        events: Vec::new(),
    };
    draft.take_over();
    draft.start_over();
    while draft.step() {}
    draft.events
}

impl Draft<'_> {
    /// Advances the run by one step; false when it has to wait.
    fn step(&mut self) -> bool {
        match self.run.phase {
            Phase::Answered { .. } => self.complete(Status::Completed),
            Phase::Working(_) | Phase::Suspended(_) if self.must_end() => self.end(),
            Phase::Suspended(_) | Phase::Ended { .. } => false,
            Phase::Working(Step::Starting) => self.leave() || self.open_round(1),
            Phase::Working(Step::Deciding) => self.decide_round(),
            Phase::Working(Step::Acting) => self.act(),
        }
    }
}
