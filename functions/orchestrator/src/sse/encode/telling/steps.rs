//! A run as one line about its last step, for whoever waits for its end.

use run::{Event, Problem, Run, Seq, Update};

use super::lines::on_one_line;
use super::{End, Piece, Telling};

/// Where a run stands.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    telling: Telling,
    line: String,
    problem: Option<Problem>,
}

impl Steps {
    /// Takes the next event, from the first one on; any other changes nothing.
    pub(crate) fn take(&mut self, seq: Seq, event: Event) {
        for piece in self.telling.take(&Update::Stored { seq, event }) {
            match piece {
                Piece::Reasoning(line)
                | Piece::Called(_, line)
                | Piece::Returned(_, Some(line)) => {
                    self.line = on_one_line(&line);
                }
                Piece::Answer(_) | Piece::Anew { .. } => {
                    "The answer is being written.".clone_into(&mut self.line);
                }
                Piece::Begun | Piece::Returned(_, None) | Piece::Cited(_) => {}
                Piece::End(End { as_said, .. }) => self.problem = as_said.err(),
            }
        }
    }

    /// `None` before the first event.
    pub(crate) const fn run(&self) -> Option<&Run> {
        self.telling.run()
    }

    pub(crate) fn last_seq(&self) -> Seq {
        self.run().map(|run| run.last_seq).unwrap_or_default()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.run().is_some_and(|run| run.ended().is_some())
    }

    /// What goes on, on one line.
    pub(crate) fn line(&self) -> &str {
        if self.line.is_empty() {
            "The run has begun."
        } else {
            &self.line
        }
    }

    /// Why a run that is over has no answer.
    pub(crate) const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }
}
