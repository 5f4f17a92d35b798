//! What one client has been shown: a fold of the run's events that turns each new one into a frame.

use run::{Event, Run, Seq, Telling};
use serde::Serialize;

use crate::wire::WireEvent;

/// A client's view of a run.
#[derive(Debug, Default)]
pub(super) struct Screen {
    run: Option<Run>,
    /// The client has seen everything up to here.
    seen: Seq,
}

impl Screen {
    pub(super) const fn seen_until(seen: Seq) -> Self {
        Self { run: None, seen }
    }

    /// Position of the last event that was taken in.
    pub(super) fn last_seq(&self) -> Seq {
        self.run
            .as_ref()
            .map(|run| run.last_seq)
            .unwrap_or_default()
    }

    /// Whether there is nothing more to come.
    pub(super) fn is_over(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.ended().is_some())
    }

    /// Whether the run waits for another driver.
    pub(super) fn is_suspended(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.suspended)
    }

    /// Adds the frame of something new to `out`.
    pub(super) fn show(&mut self, telling: &Telling, out: &mut String) {
        match telling {
            Telling::Stored { seq, event } => self.show_stored(*seq, event, out),
            Telling::Live {
                call_id,
                attempt,
                offset,
                content,
            } => push_frame(
                out,
                None,
                &WireEvent::Delta {
                    call_id: *call_id,
                    attempt: *attempt,
                    offset: *offset,
                    content,
                },
            ),
        }
    }

    pub(super) fn show_stored(&mut self, seq: Seq, event: &Event, out: &mut String) {
        if seq != self.last_seq().next() {
            return;
        }
        match (&mut self.run, event) {
            (Some(run), event) => run.apply(event),
            (none, Event::Start(start)) => *none = Some(Run::begin((**start).clone())),
            (None, _) => return,
        }
        if let Some(run) = &self.run
            && seq > self.seen
        {
            self.seen = seq;
            match WireEvent::of(run, event) {
                Some(frame) => push_frame(out, Some(seq), &frame),
                None => {
                    tracing::error!(%seq, "an event contradicts its log");
                }
            }
        }
    }
}

/// Adds one frame: an id for stored events, and one line of JSON.
pub(super) fn push_frame(out: &mut String, seq: Option<Seq>, frame: &impl Serialize) {
    match serde_json::to_string(frame) {
        Ok(json) => {
            if let Some(seq) = seq {
                out.push_str("id: ");
                out.push_str(&seq.to_string());
                out.push('\n');
            }
            out.push_str("data: ");
            out.push_str(&json);
            out.push_str("\n\n");
        }
        Err(error) => tracing::error!(%error, "a frame could not be written"),
    }
}
