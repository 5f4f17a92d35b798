//! What one reader has been shown of a run: a fold of its events that shows each new one as it goes out.

use run::{Event, Run, Seq};

use super::WireEvent;

/// What one reader has been shown of a run.
#[derive(Debug, Default)]
pub struct Projection {
    run: Option<Run>,
    /// The reader has seen everything up to here.
    seen: Seq,
}

impl Projection {
    /// The projection for a reader that has seen the events up to this one elsewhere.
    pub const fn seen_until(seen: Seq) -> Self {
        Self { run: None, seen }
    }

    /// Position of the last event that was applied.
    pub fn last_seq(&self) -> Seq {
        self.run
            .as_ref()
            .map(|run| run.last_seq)
            .unwrap_or_default()
    }

    /// Whether there is nothing more to come.
    pub fn is_over(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.ended().is_some())
    }

    /// Whether the run waits for another driver.
    pub fn is_suspended(&self) -> bool {
        self.run.as_ref().is_some_and(Run::is_suspended)
    }

    /// Applies the next event, from the first one on, and returns it where the reader has not seen it. Any other event changes
    /// nothing.
    pub fn take<'a>(&'a mut self, seq: Seq, event: &'a Event) -> Option<WireEvent<'a>> {
        if seq != self.last_seq().next() {
            return None;
        }
        match (&mut self.run, event) {
            (Some(run), event) => run.apply(event),
            (none, Event::Start(start)) => *none = Some(Run::begin((**start).clone())),
            (None, _) => return None,
        }
        let run = self.run.as_ref()?;
        if seq <= self.seen {
            return None;
        }
        self.seen = seq;
        let shown = WireEvent::of(run, event);
        if shown.is_none() {
            tracing::error!(%seq, "an event contradicts its log");
        }
        shown
    }
}
