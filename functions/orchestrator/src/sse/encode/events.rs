//! The events of the contract: a frame for each stored one with its id, and frames without an id for what is not stored.

use run::{Event, Seq, Update};
use serde::Serialize;

use super::{Encode, Standing};
use crate::wire::{Projection, WireEvent};

/// The reason in the last frame of a stream that ends before its run: the function that sends a stream is billed to its end, even
/// when nobody reads it any more.
const COME_AGAIN: &str = "this stream ends here; the run goes on, follow it from your last event";

/// Writes events for one client.
#[derive(Debug)]
pub(crate) struct EventEncoder {
    projection: Projection,
}

impl EventEncoder {
    /// For a client that has seen the events up to this one elsewhere. The encoder has to be given those, too, to fold them.
    pub(crate) const fn after(seen: Seq) -> Self {
        Self {
            projection: Projection::seen_until(seen),
        }
    }

    fn encode_stored(&mut self, seq: Seq, event: &Event, out: &mut String) {
        if let Some(frame) = self.projection.take(seq, event) {
            push_frame(out, Some(seq), &frame);
        }
    }
}

impl Encode for EventEncoder {
    fn comes_again(&self) -> bool {
        true
    }

    fn standing(&self) -> Standing {
        if self.projection.is_over() {
            Standing::Over
        } else if self.projection.is_suspended() {
            Standing::Suspended
        } else {
            Standing::UnderWay
        }
    }

    fn encode(&mut self, update: &Update, out: &mut String) {
        match update {
            Update::Stored { seq, event } => self.encode_stored(*seq, event, out),
            Update::Live {
                call_id,
                attempt,
                offset,
                content,
            } => {
                let delta = WireEvent::Delta {
                    call_id: *call_id,
                    attempt: *attempt,
                    offset: *offset,
                    content,
                };
                push_frame(out, None, &delta);
            }
        }
    }

    fn ping(&mut self, out: &mut String) {
        push_frame(out, None, &WireEvent::Ping);
    }

    /// The client follows on from its last event with another stream.
    fn come_again(&mut self, out: &mut String) {
        let suspended = WireEvent::Suspended {
            reason: COME_AGAIN,
            resume_after_ms: 0,
        };
        push_frame(out, None, &suspended);
    }

    /// The client sees that the run is not over, and reconnects.
    fn end(&mut self, _: &mut String) {}
}

/// Adds one frame: an id for stored events, and one line of JSON.
fn push_frame(out: &mut String, seq: Option<Seq>, frame: &impl Serialize) {
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
