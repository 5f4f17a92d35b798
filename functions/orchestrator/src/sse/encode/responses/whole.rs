//! A response as one object: when the run has ended, with blanks before it, or as it stands.

use run::Update;

use super::fold::Fold;
use super::frames::Frames;
use crate::sse::encode::chat::interrupted;
use crate::sse::encode::{Encode, Standing, failure};

/// Which state of the response a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// That of the run's end, and a run that fails is an error of the request.
    Answer,
    /// That of the run's end.
    End,
    /// The one when all that was read is folded.
    Now,
}

/// Writes the one object of a client.
#[derive(Debug)]
pub(crate) struct WholeResponse {
    fold: Fold,
    frames: Frames,
    moment: Moment,
    is_done: bool,
    has_failed: bool,
}

impl WholeResponse {
    pub(crate) fn new(moment: Moment) -> Self {
        Self {
            fold: Fold::default(),
            frames: Frames::from(u64::MAX),
            moment,
            is_done: false,
            has_failed: false,
        }
    }

    fn finish(&mut self, out: &mut String) {
        if let Some(object) = self.fold.object().filter(|_| !self.is_done) {
            self.is_done = true;
            self.has_failed = self.moment == Moment::Answer && object["status"] == "failed";
            out.push_str(&object.to_string());
        }
    }
}

impl Encode for WholeResponse {
    fn comes_again(&self) -> bool {
        false
    }

    fn has_failed(&self) -> bool {
        self.has_failed
    }

    fn standing(&self) -> Standing {
        match self.moment {
            Moment::Answer | Moment::End => self.fold.standing(),
            Moment::Now => Standing::Over,
        }
    }

    fn forgets(&self) -> bool {
        self.is_done && self.fold.is_forgotten()
    }

    fn encode(&mut self, update: &Update, out: &mut String) {
        self.fold.take(update, &mut self.frames);
        if self.moment != Moment::Now && self.standing() == Standing::Over {
            self.finish(out);
        }
    }

    fn ping(&mut self, out: &mut String) {
        if !self.is_done {
            out.push('\n');
        }
    }

    fn come_again(&mut self, out: &mut String) {
        self.end(out);
    }

    fn end(&mut self, out: &mut String) {
        if self.moment == Moment::Now {
            return self.finish(out);
        }
        if !self.is_done {
            self.is_done = true;
            self.has_failed = self.moment == Moment::Answer;
            let run_id = self.fold.run().map(|run| run.start.run_id.to_string());
            out.push_str(&failure(&interrupted(&run_id.unwrap_or_default())).to_string());
        }
    }
}
