//! What the loop wants to write next: a pure function of the fold and of the facts that are not stored.
//!
//! A draft of the run is advanced step by step, as far as it goes without waiting.

mod acting;
mod budget;
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
use crate::{Call, Event, Phase, Run, Status, Step};

/// What can be written now.
pub(crate) struct Proposal {
    /// In order; none when the run waits for something.
    pub(crate) events: Vec<Event>,
    /// Calls that these events begin and of which it is not known what they can take at most, and the run as it stands then. Nothing
    /// may be written before it is known.
    pub(crate) unquoted: Option<(Box<Run>, Vec<Call>)>,
}

/// All that can be written now.
pub(crate) fn propose(run: &Run, live: &Live, now_ms: u64) -> Proposal {
    let mut draft = Draft {
        run: run.clone(),
        live,
        now_ms,
        was_suspended: matches!(run.phase, Phase::Suspended(_)),
        events: Vec::new(),
        unquoted: Vec::new(),
    };
    draft.take_over();
    draft.start_over();
    while draft.step() {}
    let unquoted = (!draft.unquoted.is_empty()).then(|| (Box::new(draft.run), draft.unquoted));
    Proposal {
        events: draft.events,
        unquoted,
    }
}

impl Draft<'_> {
    /// Advances the run by one step; false when it has to wait.
    fn step(&mut self) -> bool {
        match self.run.phase {
            Phase::Answered { is_partial, .. } if is_partial || self.run.is_over_cap() => {
                self.complete(Status::OverBudget)
            }
            Phase::Answered { .. } => self.complete(Status::Completed),
            Phase::Working(_) | Phase::Suspended(_) if self.must_end() => self.end(),
            Phase::Suspended(_) | Phase::Ended { .. } => false,
            Phase::Working(Step::Starting) => self.leave() || self.open_round(1),
            Phase::Working(Step::Deciding) => self.decide_round(),
            Phase::Working(Step::Acting) => self.act(),
        }
    }
}
